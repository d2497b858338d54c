"""Background calls: accepted or not, never made later, never in the way of an end; many."""
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest
from support import ROOT

from ai_service_python_sdk.client import background
from ai_service_python_sdk.client.background import (
    AsyncCalls, NotSentError, checked_concurrency, each_as_it_ends)

#: Seconds within which whatever must not hang has to be over.
SOON = 10


class Held(object):
    """A call that goes on until it is let go."""

    def __init__(self, answer=None):
        self.begun, self.release, self.answer = threading.Event(), threading.Event(), answer

    def __call__(self):
        self.begun.set()
        assert self.release.wait(SOON)
        return self.answer


@pytest.fixture
def held():
    call = Held('held')
    yield call
    call.release.set()


def within(seconds, call):
    """Run what may hang in a thread; fail if it does."""
    done = []
    thread = threading.Thread(target=lambda: done.append(call()))
    thread.daemon = True
    thread.start()
    thread.join(seconds)
    assert done, 'it hangs'
    return done[0]


@pytest.fixture
def no_threads(monkeypatch):
    """A system without a thread to give, until ``undo()``."""
    start = threading.Thread.start

    def refuse(thread):
        if thread.name.startswith('ai-service'):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, 'start', refuse)
    return monkeypatch


# accepted or not

def test_a_call_that_could_not_start_is_never_made(no_threads):
    calls, made = AsyncCalls(4), []
    with pytest.raises(RuntimeError):
        calls.submit(lambda: made.append('first'))
    no_threads.undo()
    calls.submit(lambda: made.append('second')).get(SOON)
    assert within(SOON, calls.close) and made == ['second']


def test_a_close_after_calls_that_could_not_start_returns_at_once(no_threads):
    calls = AsyncCalls(4)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            calls.submit(lambda: 1)
    assert within(SOON, calls.close)
    within(SOON, lambda: calls.__del__() or True)


def test_a_call_without_a_thread_of_its_own_waits_for_one_that_runs(held, no_threads):
    calls = AsyncCalls(4)
    refuse = threading.Thread.start
    no_threads.undo()
    first = calls.submit(held)
    assert held.begun.wait(SOON)
    no_threads.setattr(threading.Thread, 'start', refuse)
    second = calls.submit(lambda: 'second')
    no_threads.undo()
    held.release.set()
    assert (first.get(SOON), second.get(SOON)) == ('held', 'second')
    assert within(SOON, calls.close)


def raising(error):
    def call(*args):
        raise error
    return call


@pytest.mark.parametrize('busy', [False, True], ids=['idle', 'with another call'])
def test_ctrl_c_while_a_call_starts_means_that_it_is_never_made(held, monkeypatch, busy):
    calls, made = AsyncCalls(4), []
    if busy:
        calls.submit(held)
        assert held.begun.wait(SOON)
    start = threading.Thread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt()

    monkeypatch.setattr(threading.Thread, 'start', interrupted)
    with pytest.raises(KeyboardInterrupt):
        calls.submit(lambda: made.append(1))
    monkeypatch.undo()
    held.release.set()
    assert calls.submit(lambda: 'next').get(SOON) == 'next'
    assert within(SOON, calls.close) and not made


# the end

def test_a_close_with_a_limit_ends_and_says_that_a_call_goes_on(held):
    calls = AsyncCalls(1)
    first, second = calls.submit(held), calls.submit(lambda: 2)
    assert held.begun.wait(SOON)
    assert within(SOON, lambda: [calls.close(0.05)]) == [False]
    with pytest.raises(NotSentError) as caught:
        second.get(SOON)
    assert caught.value.never_left and 'closed' in str(caught.value)
    held.release.set()
    assert first.get(SOON) == 'held'
    assert calls.submit(lambda: 3).get(SOON) == 3
    assert calls.close(SOON)


@pytest.mark.parametrize('limit', [float('inf'), 1e10, None])
def test_a_close_takes_any_limit(held, limit):
    calls = AsyncCalls(1)
    calls.submit(held)
    assert held.begun.wait(SOON)
    threading.Timer(0.05, held.release.set).start()
    assert within(SOON, lambda: calls.close(limit))


def test_a_call_that_closes_its_own_client_does_not_wait_for_itself():
    calls = AsyncCalls(1)
    running = calls.submit(lambda: calls.close())
    assert within(SOON, lambda: running.get(SOON) or True)


@pytest.mark.parametrize('gone', ['os', 'threading'])
def test_a_finaliser_whose_globals_are_gone_says_nothing(monkeypatch, capsys, gone):
    calls = AsyncCalls(1)
    calls.submit(lambda: 1).get(SOON)
    gc.collect()  # what other tests have left needs these names
    monkeypatch.setattr(background, gone, None)
    calls.__del__()
    del calls
    gc.collect()
    monkeypatch.undo()
    assert capsys.readouterr().err == ''


def test_a_forgotten_pool_ends_its_threads(held):
    before = set(threading.enumerate())
    calls = AsyncCalls(3)
    running = [calls.submit(lambda: 1) for _ in range(9)]
    assert [call.get(SOON) for call in running] == [1] * 9
    seen = weakref.ref(calls)
    del calls, running
    gc.collect()
    deadline = time.time() + SOON
    while time.time() < deadline and set(threading.enumerate()) - before:
        time.sleep(0.01)
    assert seen() is None and not set(threading.enumerate()) - before


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
def test_a_child_of_a_fork_may_drop_a_pool_whose_lock_was_held():
    calls = AsyncCalls(1)
    calls.submit(lambda: 1).get(SOON)
    locked, release = threading.Event(), threading.Event()

    def hold():
        with calls._queue.changed:
            locked.set()
            release.wait(SOON)

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(SOON)
    child = os.fork()
    if child == 0:
        signal.alarm(SOON)
        calls.__del__()
        calls.terminate()
        os._exit(0 if calls.close() else 1)
    release.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    calls.close()


def test_a_script_whose_calls_cannot_start_ends():
    script = ('import threading\n'
              'from ai_service_python_sdk import AiServiceTextApi, ApiClient\n'
              'def refuse(thread): raise RuntimeError("no thread")\n'
              'threading.Thread.start = refuse\n'
              'with ApiClient("http://localhost", "app", "token") as client:\n'
              '    try: AiServiceTextApi(client).ner_text("x", async_req=True)\n'
              '    except RuntimeError: print("refused")\n')
    process = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=dict(os.environ, PYTHONPATH=ROOT))
    assert process.communicate(timeout=60)[0].split() == [b'refused']


# context

def test_context_variables_travel_with_a_call():
    contextvars = pytest.importorskip('contextvars', reason='needs Python 3.7')
    name = contextvars.ContextVar('name', default='lost')
    calls, seen = AsyncCalls(2), []
    for value in ('a', 'b', 'c'):
        name.set(value)
        seen.append(calls.submit(name.get))
    name.set('later')
    assert [call.get(SOON) for call in seen] == ['a', 'b', 'c']
    assert list(each_as_it_ends(iter([name.get]), 1)) == ['later']
    calls.close()


# the pool of the old SDK

def test_the_pool_runs_functions_as_the_old_one_did():
    pool = AsyncCalls(2)
    assert pool.apply_async(lambda: 7, ()).get(SOON) == 7
    assert pool.apply_async(int, ('11',), {'base': 2}).get(SOON) == 3
    failed = pool.apply_async(int, ('x',))
    with pytest.raises(ValueError):
        failed.get(SOON)
    pool.close()
    pool.join()


def test_a_terminated_pool_makes_no_call_that_had_not_begun(held):
    pool, made = AsyncCalls(1), []
    pool.submit(held)
    assert held.begun.wait(SOON)
    waiting = pool.submit(lambda: made.append(1))
    pool.terminate()
    held.release.set()
    with pytest.raises(NotSentError):
        waiting.get(SOON)
    pool.join()
    assert not made


# many calls

def numbers(count):
    for number in range(count):
        yield lambda number=number: number


def test_calls_are_read_only_when_they_may_start():
    read = []

    def starts():
        for number in range(20):
            read.append(number)
            yield lambda number=number: number

    for count, _ in enumerate(each_as_it_ends(starts(), 3), 1):
        assert len(read) <= count + 3
    assert len(read) == 20


def test_no_more_calls_than_asked_for_are_under_way_at_once():
    lock, now, most = threading.Lock(), [0], [0]

    def call():
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1

    assert len(list(each_as_it_ends((call for _ in range(40)), 5))) == 40
    assert 2 <= most[0] <= 5


def test_a_number_is_slept_while_nothing_is_under_way():
    naps = []
    starts = iter([3.5, lambda: 'a', lambda: 'b', None, 7.5, lambda: 'c'])
    assert sorted(each_as_it_ends(starts, 2, naps.append)) == ['a', 'b', 'c']
    assert naps[0] == 3.5 and naps[-1] == 7.5


def test_none_is_the_end_when_nothing_is_under_way_and_a_wait_otherwise():
    again = []

    def starts():
        yield lambda: 'a'
        while True:
            yield again.pop() if again else None

    seen = []
    for answer in each_as_it_ends(starts(), 2):
        seen.append(answer)
        if answer == 'a':
            again.append(lambda: 'b')
    assert seen == ['a', 'b']


def test_what_is_under_way_is_handed_over_before_an_error_of_the_source(held):
    def starts():
        yield held
        yield lambda: held.release.set() or 'free'
        raise IOError('disk')

    seen = []
    with pytest.raises(IOError, match='disk'):
        for answer in each_as_it_ends(starts(), 3):
            seen.append(answer)
    assert sorted(seen) == ['free', 'held']


@pytest.mark.parametrize('error', [ValueError('bug'), KeyboardInterrupt()], ids=repr)
def test_an_error_of_a_call_stops_new_ones_and_comes_after_the_rest(held, error):
    made = []

    def fail():
        held.release.set()
        raise error

    def starts():
        yield held
        yield fail
        while True:
            yield lambda: made.append(1) or 'more'

    seen = []
    with pytest.raises(type(error)):
        for answer in each_as_it_ends(starts(), 2):
            seen.append(answer)
    assert seen.count('held') == 1 and len(made) == len(seen) - 1 <= 1


def test_a_source_without_a_thread_raises_and_makes_nothing(no_threads):
    made = []
    with pytest.raises(RuntimeError, match='thread'):
        list(each_as_it_ends(iter([lambda: made.append(1)]), 2))
    assert not made


def test_a_limit_on_threads_makes_many_calls_slower_and_ends_none(monkeypatch):
    start, most = threading.Thread.start, set(threading.enumerate())

    def limited(thread):
        if thread.name == 'ai-service-async' and len(set(threading.enumerate()) - most) >= 2:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, 'start', limited)
    calls = (lambda number=number: time.sleep(0.01) or number for number in range(9))
    assert sorted(each_as_it_ends(calls, 4)) == list(range(9))


def test_who_stops_iterating_starts_nothing_more():
    before, made = set(threading.enumerate()), []
    for _ in each_as_it_ends((lambda: made.append(1) for _ in range(100)), 2):
        break
    gc.collect()
    deadline = time.time() + SOON
    while time.time() < deadline and set(threading.enumerate()) - before:
        time.sleep(0.01)
    assert len(made) <= 3 and not set(threading.enumerate()) - before


def test_ctrl_c_is_seen_while_a_call_goes_on(held, ctrl_c):
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(each_as_it_ends(iter([held]), 1))
    timer.join()


class Index(object):
    """A whole number of another library."""

    def __index__(self):
        return 3


def test_any_whole_number_from_1_up_is_a_concurrency():
    assert [checked_concurrency(value) for value in (1, 64, Index())] == [1, 64, 3]


@pytest.mark.parametrize('value', [0, -1, 1.5, '8', None, float('nan')])
def test_another_concurrency_is_refused_by_name(value):
    with pytest.raises(ValueError, match='`concurrency`'):
        checked_concurrency(value)
