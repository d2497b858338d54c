"""Waiting for jobs: intervals, deadlines, failures on the way, many at once; no second passes."""
import os
import subprocess
import sys
import threading

import pytest
from support import ROOT
from support.clock import Clock

from ai_service_python_sdk import (
    AiServiceJobApi, ApiException, AsyncBatchJobResponse, AsyncJobResponse, JobFailedError,
    JobStateError, JobTimeoutError, JobWaiter, ServiceError, SignatureError,
    TrainingWeightsError, WaitInterrupted)
from ai_service_python_sdk.client.errors.connection import ConnectionDroppedError, TlsError
from ai_service_python_sdk.client.exceptions import ResponseError
from ai_service_python_sdk.client.job_waiter import PATIENCE


def answer(state, message='', job_id=11):
    return AsyncJobResponse('r', 'OK', '', {'job': {'id': job_id, 'state': state,
                                                    'message': message}})


def batch(*states):
    jobs = [{'id': i, 'state': state} for i, state in enumerate(states)]
    return AsyncBatchJobResponse('r', 'OK', '', {'jobs': jobs})


class Jobs(object):
    """The job API with a script: answers, or errors to raise; the last one repeats."""

    def __init__(self, *script):
        self.script = list(script)
        self.limits = []

    def get_async_job(self, job_id, _request_timeout=None):
        self.limits.append(_request_timeout)
        item = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(item, BaseException):
            raise item
        return item() if callable(item) else item

    get_batch_job = get_async_job


@pytest.fixture
def clock():
    return Clock()


def waiter(clock, *script, **options):
    options.setdefault('chance', lambda: 0.0)
    made = JobWaiter(Jobs(*script), clock=clock, sleep=clock.sleep, **options)
    made.jobs = made._jobs
    return made


def test_a_job_that_is_done_is_asked_for_once_and_nobody_sleeps(clock):
    assert waiter(clock, answer(2)).wait_for_async_job(11).job.id == 11
    assert clock.pauses == []


def test_pauses_grow_from_ten_to_thirty_seconds(clock):
    waiter(clock, *[answer(1)] * 8 + [answer(2)]).wait_for_async_job(11)
    assert clock.pauses[:3] == [10.0, 12.5, 15.625]
    assert clock.pauses == sorted(clock.pauses) and clock.pauses[-2:] == [30.0, 30.0]


def test_chance_takes_up_to_a_fifth_of_a_pause_away(clock):
    waiter(clock, answer(0), answer(2), chance=lambda: 1.0).wait_for_async_job(11)
    assert clock.pauses == [8.0]


def test_a_wait_sleeps_though_the_package_was_imported_while_a_test_had_replaced_sleep():
    script = '''
from unittest import mock
with mock.patch('time.sleep'):
    from ai_service_python_sdk import AsyncJobResponse, JobTimeoutError, JobWaiter
jobs = mock.Mock()
jobs.get_async_job.return_value = AsyncJobResponse('r', 'OK', '', {'job': {'id': 11, 'state': 1}})
try:
    JobWaiter(jobs, interval=0.3, timeout=0.3).wait_for_async_job(11)
except JobTimeoutError:
    print(jobs.get_async_job.call_count)
'''
    looks = subprocess.check_output([sys.executable, '-c', script],
                                    env=dict(os.environ, PYTHONPATH=ROOT))
    assert 2 <= int(looks) < 10


def test_progress_is_told_at_every_change_and_only_then(clock):
    seen = []
    waiter(clock, answer(0), answer(0), answer(1), answer(1, 'half'), answer(1, 'half'),
           answer(2), on_progress=lambda job: seen.append((job.state, job.message))
           ).wait_for_async_job(11)
    assert seen == [(0, ''), (1, ''), (1, 'half'), (2, '')]


def test_a_deadline_raises_with_the_last_state_and_the_ids(clock):
    with pytest.raises(JobTimeoutError) as caught:
        waiter(clock, answer(0), answer(1), timeout=100).wait_for_async_job(11, 'm-1')
    error = caught.value
    assert (error.job_id, error.model_id, error.state) == (11, 'm-1', 1)
    assert clock.now == 1100.0 and '100' in str(error) and 'm-1' in str(error)


def test_the_last_look_is_at_the_deadline(clock):
    jobs = waiter(clock, *[answer(1)] * 3 + [answer(2)], timeout=25)
    assert jobs.wait_for_async_job(11).job.state == 2
    assert clock.now == 1025.0


def test_a_timeout_of_zero_is_a_single_look(clock):
    assert waiter(clock, answer(2), timeout=0).wait_for_async_job(11).job.state == 2
    with pytest.raises(JobTimeoutError):
        waiter(clock, answer(1), timeout=0).wait_for_async_job(11)
    assert clock.pauses == []


def test_no_timeout_waits_for_as_long_as_it_takes(clock):
    waiter(clock, *[answer(1)] * 3000 + [answer(2)], timeout=None).wait_for_async_job(11)
    assert clock.now > 1000 + 3600 * 20


def test_a_look_has_a_limit_of_its_own_that_the_deadline_shortens(clock):
    made = waiter(clock, *[answer(1)] * 5 + [answer(2)], timeout=63)
    made.wait_for_async_job(11)
    assert made.jobs.limits[0] == 60.0 and made.jobs.limits[-1] == 1.0
    assert made.jobs.limits == sorted(made.jobs.limits, reverse=True)


def test_a_failed_training_is_of_the_documented_class_and_names_both_ids(clock):
    with pytest.raises(JobFailedError) as caught:
        waiter(clock, answer(3, 'Training - Not get lora weight')).wait_for_async_job(11, 'm-1')
    assert isinstance(caught.value, TrainingWeightsError)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-1')
    assert 'Train again' in str(caught.value)


def test_a_failure_nobody_documents_says_what_the_service_said_and_what_to_do(clock):
    with pytest.raises(JobFailedError) as caught:
        waiter(clock, answer(3, 'out of paint')).wait_for_async_job(11)
    assert 'out of paint' in str(caught.value) and caught.value.hint


@pytest.mark.parametrize('state', [4, -1, None, 'done', 2.5])
def test_an_unknown_state_is_an_error_and_no_endless_wait(clock, state):
    with pytest.raises(JobStateError) as caught:
        waiter(clock, answer(state)).wait_for_async_job(11, 'm-1')
    assert caught.value.job_id == 11 and caught.value.model_id == 'm-1'


def test_an_answer_without_a_job_is_an_error(clock):
    with pytest.raises(JobStateError):
        waiter(clock, AsyncJobResponse('r', 'OK', '', None)).wait_for_async_job(11)


LOST = [ConnectionDroppedError('gone'), ServiceError(503, 'busy'), ApiException(429, 'slow'),
        ResponseError(why='the answer is no JSON object')]


@pytest.mark.parametrize('error', LOST, ids=lambda error: type(error).__name__)
def test_looks_that_fail_on_the_way_are_tolerated_up_to_a_limit(clock, error):
    fine = waiter(clock, *[error] * 5 + [answer(1)] + [error] * 5 + [answer(2)])
    assert fine.wait_for_async_job(11).job.state == 2
    with pytest.raises(type(error)):
        waiter(clock, *[error] * 6 + [answer(2)]).wait_for_async_job(11)
    with pytest.raises(type(error)):
        waiter(clock, error, answer(2), tolerated_failures=0).wait_for_async_job(11)


@pytest.mark.parametrize('error', [SignatureError(401, 'no'), TlsError('no'),
                                   ApiException(404, 'no')],
                         ids=lambda error: type(error).__name__)
def test_looks_that_cannot_get_better_fail_at_once(clock, error):
    with pytest.raises(type(error)):
        waiter(clock, error, answer(2)).wait_for_async_job(11)
    assert clock.pauses == []


def test_an_error_inside_the_envelope_counts_as_one(clock):
    refused = AsyncJobResponse('r', 'PARAMETER_ERROR', 'sign error', None)
    with pytest.raises(SignatureError):
        waiter(clock, refused).wait_for_async_job(11)


def test_a_retry_after_makes_the_pause_longer(clock):
    busy = ServiceError(503, 'busy')
    busy.headers = {'Retry-After': '45'}
    waiter(clock, busy, answer(2)).wait_for_async_job(11)
    assert clock.pauses == [45.0]


@pytest.mark.parametrize('text', ['999999999', '9' * 400, 'Fri, 31 Dec 9999 23:59:59 GMT'])
@pytest.mark.parametrize('timeout, nap', [(None, PATIENCE), (3600, PATIENCE),
                                          (90, 90.0)])
def test_a_retry_after_of_ages_is_capped(clock, text, timeout, nap):
    busy = ServiceError(503, 'busy')
    busy.headers = {'Retry-After': text}
    waiter(clock, busy, answer(2), timeout=timeout).wait_for_async_job(11)
    assert clock.pauses == [nap]


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(TypeError, match="'intervall'"):
        JobWaiter(Jobs(answer(2)), intervall=3)


class Client(object):
    """A client that notes how many calls it is told to expect."""

    def __init__(self):
        self.expected = []
        self._expect = self.expected.append


def test_the_client_keeps_as_many_connections_as_jobs_are_asked_for_at_once(clock):
    jobs = Jobs(answer(2))
    jobs.api_client = Client()
    made = JobWaiter(jobs, clock=clock, sleep=clock.sleep)
    list(made.wait_for_async_jobs([1, 2], concurrency=64))
    assert jobs.api_client.expected == [64]


def test_a_deadline_during_failures_is_a_timeout_with_the_ids(clock):
    with pytest.raises(JobTimeoutError) as caught:
        waiter(clock, ConnectionDroppedError('gone'), timeout=20).wait_for_async_job(11, 'm-1')
    assert caught.value.state is None and caught.value.model_id == 'm-1'


@pytest.mark.parametrize('where', ['look', 'sleep'])
def test_ctrl_c_gives_the_ids_and_is_still_a_keyboard_interrupt(clock, where):
    made = waiter(clock, KeyboardInterrupt() if where == 'look' else answer(1))

    def interrupt(seconds):
        raise KeyboardInterrupt()

    made.sleep = interrupt
    with pytest.raises(KeyboardInterrupt) as caught:
        made.wait_for_async_job(11, 'm-1')
    assert isinstance(caught.value, WaitInterrupted)
    assert (caught.value.job_id, caught.value.model_id) == (11, 'm-1')
    assert '11' in str(caught.value) and 'm-1' in str(caught.value)


def test_a_batch_is_done_when_each_of_its_jobs_has_ended(clock):
    seen = []
    made = waiter(clock, batch(), batch(0, 0), batch(2, 1), batch(2, 3),
                  on_progress=lambda job: seen.append((job.id, job.state)))
    assert [job.state for job in made.wait_for_batch_job(3).jobs] == [2, 3]
    assert seen == [(0, 0), (1, 0), (0, 2), (1, 1), (1, 3)]


def test_a_batch_with_an_unknown_state_is_an_error(clock):
    with pytest.raises(JobStateError):
        waiter(clock, batch(2, 7)).wait_for_batch_job(3)


class Frozen(Exception):
    """Takes no attributes, as a frozen dataclass."""

    def __setattr__(self, name, value):
        raise AttributeError(name)


class ManyJobs(object):
    """Jobs that need as many looks as their id says; counts who asks at the same time."""

    def __init__(self, odd=None):
        self.odd = odd or {}
        self.looks = {}
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def get_async_job(self, job_id, _request_timeout=None):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.looks[job_id] = self.looks.get(job_id, 0) + 1
            looks = self.looks[job_id]
        try:
            if job_id in self.odd:
                return self.odd[job_id]()
            return answer(2 if looks > job_id % 5 else 1, job_id=job_id)
        finally:
            with self._lock:
                self._now -= 1


def test_a_thousand_jobs_come_as_they_end_over_few_threads(clock):
    jobs = ManyJobs()
    before = threading.active_count()
    made = JobWaiter(jobs, clock=clock, sleep=clock.sleep)
    finished = list(made.wait_for_async_jobs(range(1000), concurrency=8))
    assert sorted(item.job_id for item in finished) == list(range(1000))
    assert all(item.ok and item.response.job.id == item.job_id for item in finished)
    assert jobs.most <= 8 and threading.active_count() <= before + 8
    assert sum(jobs.looks.values()) == 1000 * (1 + 2 + 3 + 4 + 5) / 5


def test_a_failed_job_does_not_stop_the_others(clock):
    def fail(error):
        def raise_it():
            raise error
        return raise_it

    jobs = ManyJobs({1: lambda: answer(3, 'no', 1), 2: fail(SignatureError(401, 'no')),
                     3: fail(ConnectionDroppedError('gone')), 4: fail(TypeError('bug')),
                     6: fail(Frozen())})
    made = JobWaiter(jobs, clock=clock, sleep=clock.sleep)
    items = list(made.wait_for_async_jobs(range(7)))
    kinds = dict((item.job_id, type(item.error)) for item in items)
    assert all(item.error.job_id == item.job_id for item in items if item.error)
    assert kinds == {0: type(None), 1: JobFailedError, 2: SignatureError,
                     3: ConnectionDroppedError, 4: TypeError, 5: type(None), 6: Frozen}


def test_each_of_many_jobs_has_the_deadline(clock):
    jobs = ManyJobs({1: lambda: answer(1)})
    made = JobWaiter(jobs, timeout=60, clock=clock, sleep=clock.sleep)
    late = [item for item in made.wait_for_async_jobs([1, 5]) if not item.ok]
    assert [type(item.error) for item in late] == [JobTimeoutError]
    assert late[0].response.job.state == 1 and 'JobTimeoutError' in repr(late[0])


def test_no_jobs_are_no_wait(clock):
    assert list(waiter(clock, answer(1)).wait_for_async_jobs([])) == []


def test_who_stops_listening_stops_the_asking(clock):
    jobs = ManyJobs()
    made = JobWaiter(jobs, clock=clock, sleep=clock.sleep)
    for item in made.wait_for_async_jobs([0, 4, 4, 4]):
        break
    asked = sum(jobs.looks.values())
    clock.sleep(1000)
    assert sum(jobs.looks.values()) == asked


@pytest.mark.parametrize('name', ['timeout', 'interval', 'longest_interval',
                                  'tolerated_failures'])
@pytest.mark.parametrize('value', [-1, float('nan'), float('inf'), '10', True])
def test_what_is_not_a_number_from_0_up_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match='`{}`'.format(name)):
        JobWaiter(Jobs(answer(2)), **{name: value})


@pytest.mark.parametrize('value', [0, -1, 1.5, '8'])
def test_a_wrong_concurrency_is_refused_before_anything_is_asked(clock, value):
    with pytest.raises(ValueError, match='`concurrency`'):
        waiter(clock, answer(2)).wait_for_async_jobs([1], concurrency=value)


def test_the_job_api_waits_by_the_same_loop(clock, monkeypatch):
    api = AiServiceJobApi(None)
    monkeypatch.setattr(api, 'get_async_job', Jobs(answer(1), answer(2)).get_async_job)
    monkeypatch.setattr(api, 'get_batch_job', Jobs(batch(2)).get_async_job)
    options = dict(clock=clock, sleep=clock.sleep, chance=lambda: 0.0)
    assert api.wait_for_async_job(11, interval=3, **options).job.state == 2
    assert clock.pauses == [3.0]
    assert api.wait_for_batch_job(3, **options).jobs[0].state == 2
    assert [item.ok for item in api.wait_for_async_jobs([11], **options)] == [True]
