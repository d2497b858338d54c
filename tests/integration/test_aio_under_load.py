"""asyncio under load: nothing short waits for what is long, a close ends, nothing paid is lost."""
import asyncio
import gc
import inspect
import json
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from support import ROOT
from fault_server import FaultServer, answer, lost, redirect

if sys.version_info < (3, 8):
    pytest.skip('aio needs Python 3.8', allow_module_level=True)

from ai_service_python_sdk import aio  # noqa: E402
from ai_service_python_sdk import (  # noqa: E402
    AIGCImagesApi, AIGCTrainRequest, AiServiceJobApi, JobTimeoutError, Ledger, PortraitStudio,
    RetryPolicy, TrainedModel)

PICTURE = '/9j/4AAQ'

TEMPLATE = os.path.join(ROOT, 'docs', 'examples', 'photos', 'template_single_hopper.jpg')
PHOTOS = ['http://a.test/{}.jpg'.format(number) for number in range(5)]


class Service(object):
    """Answers at once, or after ``seconds[name]``; counts what it is asked for."""

    def __init__(self, state=1, **seconds):
        self.seconds, self.state, self.asked = seconds, state, []

    def __call__(self, conversation, request):
        name = request.path.split('/')[-1] if 'aigc' in request.path else 'job'
        self.asked.append(name)
        conversation.wait(self.seconds.get(name, 0))
        data = {'job': {'id': 11, 'state': self.state}, 'job_id': 11, 'model_id': 'm-11',
                'batch_id': 77, 'image': PICTURE, 'check_results': [{'code': 1, 'url': 'u'}]}
        body = json.dumps({'request_id': 'r-1', 'code': 'OK', 'data': data})
        return answer(body.encode('ascii'))(conversation, request)


def client_of(server, **options):
    return aio.ApiClient(server.host, 'app', 'token', **options)


async def eventually(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.parametrize('concurrency', [16, 64])
def test_a_job_query_does_not_stand_behind_64_creations(concurrency):
    service = Service(create=5, check=5)

    async def query():
        client = client_of(server, concurrency=concurrency)
        api, jobs = aio.AIGCImagesApi(client), aio.AiServiceJobApi(client)
        calls = [asyncio.ensure_future(api.aigc_images_create('m', 'http://t')) for _ in range(64)]
        calls += [asyncio.ensure_future(api.aigc_images_check(['u'])) for _ in range(concurrency)]
        await eventually(lambda: service.asked.count('create') == concurrency
                         and service.asked.count('check') == concurrency)
        begun = time.monotonic()
        await jobs.get_async_job(11)
        await jobs.get_async_job_with_id(11)
        seconds = time.monotonic() - begun
        for call in calls:
            call.cancel()
        await client.close(timeout=0)
        return seconds

    with FaultServer(service) as server:
        assert asyncio.run(query()) < 0.3


def test_a_single_look_begins_at_once_though_all_waits_are_busy():
    service = Service()

    async def look():
        client = client_of(server, waits=2)
        studio = aio.PortraitStudio(client)
        waits = [asyncio.ensure_future(studio.wait(TrainedModel('m', 11))) for _ in range(5)]
        await eventually(lambda: len(service.asked) == 2)
        for wait in (studio.wait(TrainedModel('m', 11), timeout=0),
                     studio.wait(TrainedModel('m', 11), 0),
                     aio.PortraitStudio(client, timeout=0).wait(TrainedModel('m', 11)),
                     aio.AiServiceJobApi(client).wait_for_async_job(11, timeout=0)):
            with pytest.raises(JobTimeoutError):
                await asyncio.wait_for(wait, 5)
        assert await asyncio.wait_for(studio.train(PHOTOS, wait=False), 5)
        await client.close(timeout=5)
        return await asyncio.gather(*waits, return_exceptions=True)

    with FaultServer(service) as server:
        ends = asyncio.run(look())
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 5


def test_a_close_ends_waits_and_gives_calls_their_time():
    service = Service(create=0.5)

    async def close():
        client = client_of(server)
        studio = aio.PortraitStudio(client)
        wait = asyncio.ensure_future(studio.wait(TrainedModel('m', 11)))
        portrait = asyncio.ensure_future(studio.create('m', 'http://t'))
        await eventually(lambda: len(service.asked) == 2)
        assert await asyncio.wait_for(client.close(timeout=20), 15) == []
        assert (await portrait).request_id == 'r-1'
        with pytest.raises(asyncio.CancelledError):
            await wait

    with FaultServer(service) as server:
        asyncio.run(close())


def test_a_close_says_what_is_still_out_and_sends_nothing_that_had_not_begun(caplog):
    service, unclaimed = Service(create=1.5), []

    async def close():
        client = client_of(server, concurrency=1, on_unclaimed=unclaimed.append)
        studio = aio.PortraitStudio(client)
        first = asyncio.ensure_future(studio.create('m', 'http://t'))
        await eventually(lambda: service.asked == ['create'])
        second = asyncio.ensure_future(studio.create('m', 'http://t'))
        await asyncio.sleep(0)
        assert await asyncio.wait_for(client.close(timeout=0.1), 1.2) == ['create']
        with pytest.raises(asyncio.CancelledError):
            await second
        first.cancel()
        await eventually(lambda: unclaimed)

    with FaultServer(service) as server:
        asyncio.run(close())
    assert service.asked == ['create'] and unclaimed[0].request_id == 'r-1'
    assert 'create' in caplog.text


@pytest.mark.parametrize('name, arguments, leave', [
    ('create_many', [[('m', 'http://t')]], False), ('wait_for_async_jobs', [[11]], False),
    ('create_many', [[('m', 'http://t')] * 2], True)], ids=['create_many', 'jobs', 'aclose'])
def test_a_stream_that_is_still_out_goes_by_the_name_of_its_method(name, arguments, leave):
    service = Service()

    def slow_but_the_first_of_several(conversation, request):
        service.seconds.update(create=1 if service.asked or not leave else 0, job=1)
        return service(conversation, request)

    async def close():
        client = client_of(server)
        kind = aio.AiServiceJobApi if 'job' in name else aio.PortraitStudio
        stream = getattr(kind(client), name)(*arguments)
        step = asyncio.ensure_future(stream.__anext__())
        await eventually(lambda: len(service.asked) == 1 + leave)
        if leave:
            await step
            step = asyncio.ensure_future(stream.aclose())
            await asyncio.sleep(0.1)
        assert await client.close(timeout=0.1) == [name]
        await asyncio.wait([step])

    with FaultServer(slow_but_the_first_of_several) as server:
        asyncio.run(close())


def test_a_close_that_was_given_up_holds_no_other():
    service = Service(create=1.5)

    async def close():
        client = client_of(server)
        call = asyncio.ensure_future(aio.AIGCImagesApi(client).aigc_images_create('m', 'http://t'))
        await eventually(lambda: service.asked)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.close(), 0.2)
        assert await asyncio.wait_for(client.close(0.1), 1) == ['aigc_images_create']
        await call

    with FaultServer(service) as server:
        asyncio.run(close())


def test_no_thread_stays_after_a_close():
    def threads():  # of this test
        return [each for each in threading.enumerate()
                if each.name == 'ai-service-async' and each not in before]

    async def work():
        async with client_of(server) as client:
            async for _ in aio.PortraitStudio(client).create_many([('m', 'http://t')] * 2):
                pass
        await eventually(lambda: not threads())
        return client

    before = threading.enumerate()
    with FaultServer(Service()) as server:
        asyncio.run(work())


def refuse(thread):
    """What a thread does at a limit on threads when it is started."""
    raise RuntimeError("can't start new thread")


def test_a_client_closes_where_no_thread_is_left(monkeypatch):
    async def work():
        client = aio.ApiClient('http://localhost', 'app', 'token')
        with monkeypatch.context() as patch:
            async with client:
                assert await client.run(lambda: 1) == 1
                patch.setattr(threading.Thread, 'start', refuse)
        return client

    assert not asyncio.run(work()).under_way


def test_a_call_that_gets_no_thread_is_refused_and_does_not_hold_a_close(monkeypatch):
    async def close():
        client = aio.ApiClient('http://localhost', 'app', 'token')
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, 'start', refuse)
            with pytest.raises(RuntimeError):
                await aio.AIGCImagesApi(client).aigc_images_train(['u'])
        return await asyncio.wait_for(client.close(), 5)

    assert asyncio.run(close()) == []


def test_what_a_cancelled_call_brought_is_handed_to_the_hook_in_the_loop():
    service, threads, unclaimed = Service(create=0.3, train=0.3), [], []

    async def keep(result):
        threads.append(threading.current_thread())
        await asyncio.sleep(0)
        unclaimed.append(result)

    async def cancel():
        client = client_of(server, on_unclaimed=keep)
        studio, api = aio.PortraitStudio(client), aio.AIGCImagesApi(client)
        for call in (lambda: studio.create('m', 'http://t'),
                     lambda: api.aigc_images_train(['u']), lambda: studio.train(PHOTOS)):
            asked, kept = len(service.asked), len(unclaimed)
            task = asyncio.ensure_future(call())
            await eventually(lambda: len(service.asked) > asked)
            task.cancel()
            await eventually(lambda: len(unclaimed) > kept)
        await client.close()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    portrait, training, model = unclaimed
    assert portrait.request_id == 'r-1' and (training.job_id, training.model_id) == (11, 'm-11')
    assert model == TrainedModel('m-11', 11)
    assert set(threads) == {threading.main_thread()}
    assert service.asked == ['create', 'train', 'train']


def stopped(loop, call):
    """Stop the loop, which is closed then: a call that waits for its turn never gets it."""
    loop.stop()


@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')
@pytest.mark.parametrize('step', [False, True], ids=['a call', 'a step of a stream'])
@pytest.mark.parametrize('leave', [lambda loop, call: call.cancel(), stopped],
                         ids=['cancelled', 'closed'])
def test_what_comes_in_the_turn_of_the_loop_in_which_it_is_given_up_is_handed_over(leave, step):
    service, unclaimed, loop = Service(create=0.1), [], asyncio.new_event_loop()

    async def busy(client):
        studio = aio.PortraitStudio(client)
        stream = studio.create_many([('m', 'http://t')])
        call = asyncio.ensure_future(
            stream.__anext__() if step else studio.create('m', 'http://t'))
        await eventually(lambda: service.asked)
        while client.under_way:
            time.sleep(0.01)
        time.sleep(0.1)         # now its end waits for the loop, which is held here
        loop.call_soon(leave, loop, call)
        await asyncio.wait([call])

    async def begin():
        return client_of(server, on_unclaimed=unclaimed.append)

    with FaultServer(service) as server:
        client = loop.run_until_complete(begin())
        if leave is stopped:
            with pytest.raises(RuntimeError):
                loop.run_until_complete(busy(client))
        else:
            loop.run_until_complete(busy(client))
            assert loop.run_until_complete(client.close()) == []
        loop.close()
        gc.collect()
    assert [getattr(each, 'portrait', each).request_id for each in unclaimed] == ['r-1']
    assert service.asked == ['create']


@pytest.mark.parametrize('call, said', [
    (lambda client: aio.AIGCImagesApi(client).aigc_images_train_with_http_info(
        AIGCTrainRequest('AIGCImageTrain', PHOTOS)), "'model_id': 'm-11'"),
    (lambda client: aio.AiServiceVideoApi(client).batch_video_qa([{'url': 'http://v'}]),
     "'batch_id': 77"),
    (lambda client: aio.AIGCImagesApi(client).aigc_images_train(
        PHOTOS, _preload_content=False), 'HTTPResponse')],
    ids=['with http info', 'a batch', 'a raw answer'])
def test_whatever_a_cancelled_call_brought_is_named_in_the_log(call, said, caplog):
    service = Service(train=0.2, job=0.2)

    async def cancel():
        async with client_of(server) as client:
            task = asyncio.ensure_future(call(client))
            await eventually(lambda: service.asked)
            task.cancel()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert said in caplog.text and len(service.asked) == 1


def test_a_query_that_nobody_awaits_is_nothing_to_hand_over(caplog):
    service, unclaimed = Service(job=0.2, check=0.2), []

    async def cancel():
        async with client_of(server, on_unclaimed=unclaimed.append) as client:
            calls = [asyncio.ensure_future(call) for call in (
                aio.AiServiceJobApi(client).get_async_job(11),
                aio.AIGCImagesApi(client).aigc_images_check(['u']))]
            await eventually(lambda: len(service.asked) == 2)
            for call in calls:
                call.cancel()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert not unclaimed and not caplog.records


def test_a_hook_that_fails_leaves_the_ids_in_the_log(caplog):
    service = Service(train=0.2)

    async def cancel():
        async with client_of(server, on_unclaimed=lambda result: 1 // 0) as client:
            call = asyncio.ensure_future(aio.AIGCImagesApi(client).aigc_images_train(['u']))
            await eventually(lambda: service.asked)
            call.cancel()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert 'ZeroDivisionError' in caplog.text and "'model_id': 'm-11'" in caplog.text


@pytest.mark.filterwarnings('ignore:coroutine')  # nobody can await it any more
def test_a_hook_may_call_and_wait_over_the_plain_objects():
    service, states = Service(create=0.3), []

    async def cancel():
        def look(result):
            job = AiServiceJobApi(client.plain).get_async_job(11).job
            with pytest.raises(JobTimeoutError):
                studio.plain.wait(TrainedModel('m', 11), timeout=0.02)
            states.append(job.state)

        client = client_of(server, on_unclaimed=look)
        studio = aio.PortraitStudio(client, interval=0.01)
        call = asyncio.ensure_future(studio.create('m', 'http://t'))
        await eventually(lambda: service.asked)
        call.cancel()
        await eventually(lambda: states)
        await client.close()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert states == [1]


def test_a_coroutine_of_the_hook_after_the_loop_leaves_the_ids_in_the_log(caplog):
    service, kept = Service(train=0.5), []

    async def keep(result):
        raise AssertionError('there is no loop to run in')

    def hook(result):
        kept.append(keep(result))
        return kept[0]

    async def leave():
        client = client_of(server, on_unclaimed=hook)
        call = asyncio.ensure_future(aio.AIGCImagesApi(client).aigc_images_train(['u']))
        await eventually(lambda: service.asked)
        assert not call.done()
        return client

    with FaultServer(service) as server:
        client = asyncio.run(leave())
        deadline = time.monotonic() + 10
        while 'm-11' not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)
        client.plain.close()
    assert "'model_id': 'm-11'" in caplog.text
    assert inspect.getcoroutinestate(kept[0]) == inspect.CORO_CLOSED  # else it warns, any time


def test_what_comes_after_the_loop_was_closed_reaches_the_hook_in_a_thread():
    service, unclaimed = Service(train=0.5), []

    async def leave():
        client = client_of(server, on_unclaimed=unclaimed.append)
        call = asyncio.ensure_future(aio.AIGCImagesApi(client).aigc_images_train(['u']))
        await eventually(lambda: service.asked)
        assert not call.done()
        return client

    with FaultServer(service) as server:
        client = asyncio.run(leave())
        deadline = time.monotonic() + 10
        while not unclaimed and time.monotonic() < deadline:
            time.sleep(0.01)
        client.plain.close()
    assert [answer.job_id for answer in unclaimed] == [11]


def test_what_comes_while_the_loop_stands_still_reaches_the_hook_in_a_thread():
    service, unclaimed, loop = Service(train=0.3), [], asyncio.new_event_loop()

    async def leave():
        client = client_of(server, on_unclaimed=unclaimed.append)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.AIGCImagesApi(client).aigc_images_train(['u']), 0.1)
        return client

    with FaultServer(service) as server:
        client = loop.run_until_complete(leave())
        deadline = time.monotonic() + 10
        while client.under_way or len(unclaimed) < len(service.asked):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        loop.run_until_complete(client.close())
        loop.close()
    assert [answer.job_id for answer in unclaimed] == [11] * len(service.asked)


def test_a_method_gives_a_coroutine_that_tasks_take_and_that_is_sent_once():
    service = Service()

    async def calls():
        async with client_of(server) as client:
            studio, api = aio.PortraitStudio(client), aio.AIGCImagesApi(client)
            call = api.aigc_images_train(['u'])
            assert asyncio.iscoroutine(call) and inspect.isawaitable(call)
            task = asyncio.create_task(studio.create('m', 'http://t'), name='mine')
            results = [await call, await task]
            with pytest.raises(RuntimeError, match='already awaited'):
                await call
            assert await asyncio.wait_for(aio.AiServiceJobApi(client).get_async_job(11), 10)
            closing = asyncio.create_task(client.close())
            assert await asyncio.wait_for(closing, 10) == []
            return results

    with FaultServer(service) as server:
        answer, portrait = asyncio.run(calls())
    assert answer.model_id == 'm-11' and portrait.image_bytes
    assert sorted(service.asked) == ['create', 'job', 'train']


@pytest.mark.skipif(sys.version_info < (3, 11), reason='TaskGroup is of Python 3.11')
def test_a_group_of_tasks_takes_the_methods_as_they_are():
    service = Service()

    async def calls():
        async with client_of(server) as client:
            studio = aio.PortraitStudio(client)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(studio.create('m', 'http://t')) for _ in range(3)]
            return [task.result() for task in tasks]

    with FaultServer(service) as server:
        assert len(asyncio.run(calls())) == 3
    assert service.asked == ['create'] * 3


@pytest.mark.parametrize('ends', ['cancelled before its first step', 'closed', 'forgotten'])
def test_what_nobody_awaited_is_never_sent(ends):
    service = Service()

    async def calls():
        async with client_of(server) as client:
            call = aio.PortraitStudio(client).create('m', 'http://t')
            if ends == 'forgotten':
                with pytest.warns(RuntimeWarning, match="'create' was never awaited"):
                    del call
                    gc.collect()
            elif ends == 'closed':
                call.close()
                with pytest.raises(RuntimeError, match='already awaited'):
                    await call
            else:
                task = asyncio.create_task(call)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.sleep(0.1)

    with FaultServer(service) as server:
        asyncio.run(calls())
    assert service.asked == []


def test_a_stream_that_is_closed_reads_no_more_of_its_tasks_and_hands_over_only_what_was_sent():
    service, unclaimed, read = Service(create=0.2), [], []

    def endless():
        while True:
            read.append(None)
            yield ('m', 'http://t')

    async def leave():
        async with client_of(server, on_unclaimed=unclaimed.append) as client:
            stream = aio.PortraitStudio(client).create_many(endless(), concurrency=3)
            async for _ in stream:
                break
            await stream.aclose()

    with FaultServer(service) as server:
        asyncio.run(leave())
    assert len(unclaimed) == len(service.asked) - 1 and len(read) <= 3 + 3 + 1


def test_a_stream_that_is_left_hands_over_what_is_still_being_made():
    service, unclaimed = Service(create=0.3), []

    async def leave():
        client = client_of(server, on_unclaimed=unclaimed.append)
        async for result in aio.PortraitStudio(client).create_many(
                [('m', 'http://t')] * 50, concurrency=4):
            assert result.ok
            break
        await eventually(lambda: len(unclaimed) == len(service.asked) - 1)
        await client.close(timeout=5)

    with FaultServer(service) as server:
        asyncio.run(leave())
    assert 4 <= len(service.asked) <= 8 and all(result.ok for result in unclaimed)


def test_a_stream_whose_step_is_cancelled_hands_over_all_that_was_under_way():
    service, unclaimed = Service(create=0.3), []

    async def cancel():
        client = client_of(server, on_unclaimed=unclaimed.append)
        stream = aio.PortraitStudio(client).create_many([('m', 'http://t')] * 50, concurrency=4)
        step = asyncio.ensure_future(stream.__anext__())
        await eventually(lambda: len(service.asked) == 4)
        step.cancel()
        await eventually(lambda: len(unclaimed) == 4)
        await client.close(timeout=5)

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert len(service.asked) == 4


@pytest.mark.parametrize('leave', [lambda stream, client: stream.aclose(),
                                   lambda stream, client: client.close()], ids=['aclose', 'close'])
def test_a_stream_that_is_held_hands_over_when_it_or_its_client_is_closed(leave):
    service, unclaimed = Service(create=0.3), []

    async def left():
        client = client_of(server, on_unclaimed=unclaimed.append)
        stream = aio.PortraitStudio(client).create_many([('m', 'http://t')] * 50, concurrency=4)
        await stream.__anext__()
        await leave(stream, client)
        await eventually(lambda: len(unclaimed) == len(service.asked) - 1)
        await client.close()
        return stream

    with FaultServer(service) as server:
        asyncio.run(left())
    assert 4 <= len(service.asked) <= 8


def test_a_stream_whose_step_was_cancelled_in_the_queue_hands_over_what_was_under_way():
    service, unclaimed = Service(create=0.2), []

    async def cancel():
        client = client_of(server, waits=1, on_unclaimed=unclaimed.append)
        studio = aio.PortraitStudio(client)
        stream = studio.create_many([('m', 'http://t')] * 50, concurrency=4)
        await stream.__anext__()
        wait = asyncio.ensure_future(studio.wait(TrainedModel('m', 11)))
        await eventually(lambda: 'job' in service.asked)
        step = asyncio.ensure_future(stream.__anext__())
        await asyncio.sleep(0.05)
        step.cancel()
        wait.cancel()
        assert [result async for result in stream] == []
        await eventually(lambda: len(unclaimed) == service.asked.count('create') - 1)
        await client.close()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert len(unclaimed) >= 3


def orders(count, first=()):
    for number in range(count):
        yield {'person': 'p{}'.format(number), 'template': 'http://t/1.jpg',
               'photos': [] if number in first else [
                   'http://a.test/{}-{}.jpg'.format(number, photo) for photo in range(5)]}


@pytest.mark.parametrize('leave', [lambda stream, client: stream.aclose(),
                                   lambda stream, client: client.close()], ids=['aclose', 'close'])
def test_a_batch_that_is_left_reads_no_more_of_an_endless_source(leave, tmp_path):
    given = queue.Queue()

    async def left():
        client = client_of(server)
        client.ledger = ledger
        stream = aio.PortraitStudio(client, interval=30).batch(iter(given.get, None), tmp_path, 1)
        assert (await stream.__anext__()).state == 'failed'
        await asyncio.wait_for(leave(stream, client), 5)
        await asyncio.wait_for(client.close(), 5)

    for order in orders(3, first=[1]):
        given.put(order)
    with FaultServer(Service()) as server, Ledger(tmp_path / 'l.sqlite') as ledger:
        try:
            asyncio.run(left())
        finally:
            given.put(None)


def test_a_batch_that_is_left_lets_go_no_doubt_of_an_order_that_it_had_not_begun(tmp_path):
    def lost(conversation, request):
        is_paid = 'train' in request.path
        return (answer(b'{}', status='502 No') if is_paid else Service())(conversation, request)

    async def left():
        async with client_of(server) as client:
            client.ledger = ledger
            stream = aio.PortraitStudio(client, interval=0.01).batch(
                orders(8, first=[0]), tmp_path, again_unsettled=True, trainings=1)
            assert (await stream.__anext__()).state == 'failed'
            await stream.aclose()

    with Ledger(tmp_path / 'l.sqlite') as ledger:
        with FaultServer(lost) as server, client_of(server).plain as client:
            list(PortraitStudio(client, ledger=ledger).batch(orders(8, first=[0]), tmp_path))
        begun = len(ledger.unsettled())
        with FaultServer(Service(check=0.2)) as server:
            asyncio.run(left())
        assert begun == 7 and len(ledger.unsettled()) >= 5


class Uploads(object):
    """A slow place for photos; ``there`` is set while one is there."""

    def __init__(self, there):
        self.there = there

    def put(self, path):
        self.there.set()
        time.sleep(0.3)
        return 'https://uploads.test/photo.jpg'

    def discard(self, url):
        self.there.clear()


def test_a_call_that_is_cancelled_while_its_photos_are_uploaded_is_not_sent():
    pytest.importorskip('PIL')
    service, put = Service(), threading.Event()

    async def cancel():
        async with client_of(server) as client:
            studio = aio.PortraitStudio(client, uploads=Uploads(put))
            task = asyncio.ensure_future(studio.create('m', TEMPLATE))
            await eventually(put.is_set)
            task.cancel()
            await eventually(lambda: not put.is_set())  # what was put is gone

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert service.asked == []


def test_a_task_of_a_cancelled_stream_that_was_never_sent_is_not_said_to_be_paid_for(caplog):
    pytest.importorskip('PIL')
    service, put = Service(), threading.Event()

    async def cancel():
        async with client_of(server) as client:
            studio = aio.PortraitStudio(client, uploads=Uploads(put))
            stream = studio.create_many([('m', TEMPLATE)])
            step = asyncio.ensure_future(stream.__anext__())
            await eventually(put.is_set)
            step.cancel()
            await eventually(lambda: not put.is_set())

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert service.asked == [] and 'paid for' not in caplog.text


def test_a_creation_that_is_cancelled_while_it_is_redirected_is_said_once_to_be_in_doubt(caplog):
    def moved(conversation, request):
        conversation.wait(0.3)
        return redirect('/elsewhere')(conversation, request)

    async def cancel():
        async with client_of(server) as client:
            call = asyncio.ensure_future(aio.PortraitStudio(client).create('m', 'http://t'))
            await eventually(lambda: server.requests)
            call.cancel()

    with FaultServer(moved) as server:
        asyncio.run(cancel())
    said = [record.getMessage() for record in caplog.records]
    assert len(server.requests) == len(said) == 1 and 'may be paid for' in said[0]


@pytest.mark.parametrize('call, said', [
    (lambda client: aio.PortraitStudio(client).create('m', 'http://t'), [
        'create was cancelled, and whether the service did it is not known: '
        'ConnectionDroppedError: The connection broke before an answer.']),
    (lambda client: aio.AiServiceJobApi(client).get_batch_job('7'), [])], ids=['paid', 'a query'])
def test_a_connection_that_breaks_when_nobody_listens_is_told_of_what_is_paid(call, said, caplog):
    def breaks(conversation, request):
        conversation.wait(0.3)
        lost(conversation, request)

    async def cancel():
        async with client_of(server) as client:
            client.configuration.retry_policy = RetryPolicy(repeats=0)
            task = asyncio.ensure_future(call(client))
            await eventually(lambda: server.requests)
            task.cancel()

    with FaultServer(breaks) as server:
        asyncio.run(cancel())
    heard = [record.getMessage().split(' The service may')[0] for record in caplog.records]
    assert heard == said


@pytest.mark.parametrize('name', ['train', 'create'])
def test_a_call_that_is_cancelled_while_nobody_listens_is_not_sent_by_a_retry(name):
    service, failed = Service(), threading.Event()

    class Policy(RetryPolicy):
        def pause(self, *args):
            failed.set()
            return 0.3

    async def cancel():
        client = aio.ApiClient('http://127.0.0.1:{}'.format(port), 'app', 'token')
        client.plain.configuration.retry_policy = Policy()
        api = aio.AIGCImagesApi(client)
        task = asyncio.ensure_future(api.aigc_images_train(PHOTOS) if name == 'train'
                                     else aio.PortraitStudio(client).create('m', 'http://t'))
        await eventually(failed.is_set)
        task.cancel()
        with FaultServer(service, port=port):
            await client.close()

    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        port = listener.getsockname()[1]
    asyncio.run(cancel())
    assert service.asked == []


def test_a_portrait_that_cannot_be_saved_and_that_nobody_awaits_is_handed_over(tmp_path):
    service, unclaimed, folder = Service(create=0.3), [], tmp_path / 'out'
    folder.mkdir()

    async def cancel():
        async with client_of(server, on_unclaimed=unclaimed.append) as client:
            task = asyncio.ensure_future(aio.PortraitStudio(client).create(
                'm', 'http://t', save_to=str(folder / 'p.jpg')))
            await eventually(lambda: service.asked)
            folder.rmdir()
            task.cancel()

    with FaultServer(service) as server:
        asyncio.run(cancel())
    assert [portrait.request_id for portrait in unclaimed] == ['r-1']


@pytest.mark.parametrize('ends, said', [
    ('await client.close()', "'model_id': 'm-11'"),
    ('', 'on its way when the program ended: it may be paid for')], ids=['closed', 'not closed'])
def test_without_logging_set_up_what_nobody_awaits_is_said_on_stderr(ends, said):
    with FaultServer(Service(train=0.5)) as server:
        done = subprocess.run([sys.executable, '-c', '''
import asyncio
from ai_service_python_sdk import aio
async def main():
    client = aio.ApiClient({!r}, 'app', 'token')
    with_limit = asyncio.wait_for(aio.PortraitStudio(client).train({!r}, wait=False), 0.3)
    try:
        await with_limit
    except asyncio.TimeoutError:
        pass
    {}
asyncio.run(main())
'''.format(server.host, PHOTOS, ends)], stderr=subprocess.PIPE, universal_newlines=True,
                              env=dict(os.environ, PYTHONPATH=ROOT, AI_SERVICE_LANG='en'),
                              timeout=60)
    assert done.returncode == 0 and said in done.stderr


def test_an_async_callback_is_awaited_before_the_wait_goes_on():
    service, seen = Service(state=2), []

    async def tell(job):
        await asyncio.sleep(0.05)
        seen.append((job.state, threading.current_thread()))

    async def wait():
        async with client_of(server) as client:
            studio = aio.PortraitStudio(client, on_progress=tell)
            await studio.wait(TrainedModel('m', 11))
            assert len(seen) == 1
            await aio.PortraitStudio(client).wait(TrainedModel('m', 11), None, tell)
            await aio.AiServiceJobApi(client).wait_for_async_job(11, on_progress=tell)

    with FaultServer(service) as server:
        asyncio.run(wait())
    assert seen == [(2, threading.main_thread())] * 3


def test_a_callback_may_give_an_awaitable_that_is_no_coroutine():
    seen = []

    class Told(object):
        def __init__(self, job):
            self.job = job

        def __await__(self):
            yield from asyncio.sleep(0.05).__await__()
            seen.append((self.job.state, threading.current_thread()))

    async def wait():
        async with client_of(server) as client:
            await aio.PortraitStudio(client, on_progress=Told).wait(TrainedModel('m', 11))

    with FaultServer(Service(state=2)) as server:
        asyncio.run(wait())
    assert seen == [(2, threading.main_thread())]


def test_an_async_callback_that_fails_ends_the_wait():
    async def fail(job):
        raise ZeroDivisionError()

    async def wait():
        client = client_of(server)
        studio = aio.PortraitStudio(client)
        with pytest.raises(ZeroDivisionError):
            await studio.wait(TrainedModel('m', 11), on_progress=fail)
        await client.close()

    with FaultServer(Service()) as server:
        asyncio.run(wait())


def test_an_async_callback_may_close_the_client():
    async def wait():
        client = client_of(server)
        wait = asyncio.ensure_future(aio.PortraitStudio(client).wait(
            TrainedModel('m', 11), on_progress=lambda job: client.close()))
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(wait, 5)
        await asyncio.wait_for(client.close(1), 5)

    with FaultServer(Service()) as server:
        asyncio.run(wait())


def test_an_error_that_futures_refuse_is_raised_all_the_same():
    def stop():
        raise StopIteration()

    async def call():
        async with aio.ApiClient('http://localhost', 'app', 'token') as client:
            with pytest.raises(RuntimeError, match='StopIteration'):
                await asyncio.wait_for(client.run(stop), 5)

    asyncio.run(call())


def test_a_close_that_fails_says_so(monkeypatch):
    async def close():
        client = aio.ApiClient('http://localhost', 'app', 'token')
        monkeypatch.setattr(client.plain, 'close', lambda: 1 // 0)
        await asyncio.wait_for(client.close(), 5)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(close())


def test_the_plain_studio_of_an_awaited_one_waits_where_nobody_awaits():
    service = Service(state=1)
    with FaultServer(service) as server:
        studio = aio.PortraitStudio(client_of(server), interval=0.01, timeout=0.05)
        with pytest.raises(JobTimeoutError):
            studio.plain.wait(TrainedModel('m', 11))
        studio.plain._client.close()
    assert len(service.asked) > 1


def test_an_async_callback_of_the_plain_studio_is_called_and_awaited_by_nobody():
    told = []

    class Told(object):
        def __init__(self, job):
            told.append(job.state)

        def __await__(self):
            raise NotImplementedError()

    with FaultServer(Service(state=2)) as server:
        studio = aio.PortraitStudio(client_of(server), on_progress=Told)
        assert studio.plain.train(PHOTOS).job_id == 11
        studio.plain._client.close()
    assert told == [2]


def test_the_settings_of_the_client_are_those_of_the_plain_one():
    client = aio.ApiClient('http://localhost', 'app', 'token')
    assert client.configuration is client.plain.configuration


def test_the_client_keeps_connections_for_all_that_may_run_at_once(monkeypatch):
    expected = []
    monkeypatch.setattr('ai_service_python_sdk.client.api_client.ApiClient._expect',
                        lambda client, number: expected.append(number))
    aio.ApiClient('http://localhost', 'app', 'token', concurrency=60, waits=5)
    assert expected == [3 * 60 + 5]


def test_context_variables_travel_to_awaited_calls():
    import contextvars
    name = contextvars.ContextVar('name', default='lost')

    async def call():
        async with aio.ApiClient('http://localhost', 'app', 'token') as client:
            name.set('request 7')
            return await client.run(name.get)

    assert asyncio.run(call()) == 'request 7'


def test_a_double_in_place_of_a_method_is_awaited(monkeypatch):
    monkeypatch.setattr(AIGCImagesApi, 'aigc_images_train', lambda self, images: 'double')

    async def call():
        async with aio.ApiClient('http://localhost', 'app', 'token') as client:
            return await aio.AIGCImagesApi(client).aigc_images_train(['u'])

    assert asyncio.run(call()) == 'double'


def test_a_double_on_the_plain_studio_gets_what_was_given():
    async def call():
        async with aio.ApiClient('http://localhost', 'app', 'token') as client:
            studio = aio.PortraitStudio(client)
            studio.plain.train = lambda photos: photos
            return await studio.train(PHOTOS)

    assert asyncio.run(call()) is PHOTOS


SCRIPT = '''
import asyncio, signal, sys
from ai_service_python_sdk import aio, TrainedModel

async def main():
    client = aio.ApiClient(sys.argv[1], 'app', 'token', on_unclaimed=lambda r: print('kept', r))
    studio = aio.PortraitStudio(client)
    main = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    try:
        print('begun', flush=True)
        await asyncio.gather(studio.wait(TrainedModel('m', 11)), studio.create('m', 'http://t'))
    except asyncio.CancelledError:
        print('ending')
    finally:
        print('still out:', await client.close(timeout=20))

asyncio.run(main())
'''


@pytest.mark.skipif(sys.platform == 'win32', reason='no SIGTERM there')
def test_sigterm_ends_a_program_within_its_limit_and_keeps_the_paid_portrait():
    service = Service(create=1)
    with FaultServer(service) as server:
        process = subprocess.Popen([sys.executable, '-c', SCRIPT, server.host], cwd=ROOT,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert process.stdout.readline() == b'begun\n'
        deadline = time.monotonic() + 20
        while len(service.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out = process.communicate(timeout=20)[0].decode()
    assert 'ending' in out and 'still out: []' in out and 'kept Portrait' in out
    assert 'Traceback' not in out and process.returncode == 0


@pytest.fixture(autouse=True)
def warnings_in_the_log(caplog):
    caplog.set_level(logging.WARNING)


def test_the_awaited_studio_keeps_a_ledger_and_refuses_as_the_plain_one_does(tmp_path):
    from ai_service_python_sdk import InDoubtError

    async def work(service, server):
        async with client_of(server) as client:
            studio = aio.PortraitStudio(client, ledger=ledger, interval=0.01)
            with pytest.raises(ValueError, match='me.jpg'):
                await studio.train(['me.jpg'] * 5)
            model = await studio.train(PHOTOS, wait=False, person='collins', key='k')
            assert await studio.train(PHOTOS, wait=False, key='k') == model
            assert (await studio.look('collins')).state == 1
            call = asyncio.ensure_future(studio.create('collins', 'http://t', key='k'))
            await eventually(lambda: 'create' in service.asked)
            with pytest.raises(InDoubtError):
                await studio.create('collins', 'http://t', key='k')
            assert (await call).image_bytes
            service.state = 2
            assert await studio.wait('collins', progress=True) == model
            assert service.asked.count('train') == service.asked.count('create') == 1

    service = Service(state=1, create=0.5)
    with FaultServer(service) as server, Ledger(tmp_path / 'l.sqlite') as ledger:
        asyncio.run(work(service, server))
        assert [row.state for row in ledger.trainings()] == ['succeeded']


def test_a_cancelled_call_that_fails_later_disturbs_nobody():
    asked, odd = [], []

    def refuse(conversation, request):
        asked.append(request)
        conversation.wait(0.3)
        return answer(b'{"code": "error"}', status='500 No')(conversation, request)

    async def work():
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: odd.append(what))
        client = client_of(server)
        call = asyncio.ensure_future(aio.PortraitStudio(client).create('m', 'http://t'))
        await eventually(lambda: asked)
        call.cancel()
        await client.close()
        await asyncio.sleep(0)

    with FaultServer(refuse) as server:
        asyncio.run(work())
    assert odd == []
