"""Calls in the background: their ends, and the end of their threads."""
import gc
import threading
import time

import pytest
from support.service import HOST

from ai_service_python_sdk import AIGCImagesApi, ApiClient, ApiException
from ai_service_python_sdk.client import api_client
from ai_service_python_sdk.client.background import AsyncCall, AsyncCalls


def test_a_call_that_is_not_done_cannot_say_how_it_went():
    with pytest.raises(ValueError, match='wait'):
        AsyncCall(lambda: 1).successful()


def test_calls_after_a_close_start_threads_anew():
    calls = AsyncCalls(1)
    assert calls.submit(lambda: 1).get(5) == 1
    calls.close()
    assert calls.submit(lambda: 2).get(5) == 2
    calls.close()


def test_calls_whose_constructor_failed_are_collected_in_peace():
    AsyncCalls.__new__(AsyncCalls).__del__()


def failed_and_dropped():
    with pytest.raises(ApiException):
        AIGCImagesApi(ApiClient(HOST, 'app', 'token')).aigc_images_train(
            ['u'], async_req=True).get(5)


@pytest.mark.parametrize('collects', [True, False], ids=['collector on', 'collector off'])
def test_clients_that_are_dropped_after_a_failed_call_leave_no_thread(service, collects):
    service.answers['train'] = 400
    gc.collect()
    before = threading.active_count()
    if not collects:
        gc.disable()
    try:
        for _ in range(200):
            failed_and_dropped()
        deadline = time.time() + 3
        while time.time() < deadline and threading.active_count() > before:
            time.sleep(0.01)
        assert threading.active_count() <= before
    finally:
        gc.enable()


def test_a_client_whose_pool_is_being_made_holds_up_no_other(monkeypatch):
    # Nor the child of a fork at this moment, which has every lock and not the thread.
    begun, goes_on, made = threading.Event(), threading.Event(), []

    def slow(width):
        begun.set()
        return goes_on.wait(5) and AsyncCalls(width)

    def take(client):
        made.append(client.pool)

    first, second = ApiClient(HOST, 'app', 't'), ApiClient(HOST, 'app', 't')
    monkeypatch.setattr(api_client.background, 'AsyncCalls', slow)
    maker = threading.Thread(target=take, args=(first,))
    maker.start()
    assert begun.wait(5)
    monkeypatch.undo()
    other = threading.Thread(target=take, args=(second,))
    other.start()
    other.join(5)
    assert made == [second.pool] and not goes_on.is_set()
    goes_on.set()
    maker.join(5)
    assert made == [second.pool, first.pool]
