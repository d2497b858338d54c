"""Calls in the background: their ends, and the end of their threads."""
import pytest

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
