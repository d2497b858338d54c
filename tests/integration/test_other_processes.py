"""Portraits of many that workers of other processes make: Python's own pool, and Dask."""
import ast
import contextlib
import importlib.util
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest
from helpers import client_at, person
from mortal import Mortal
from support import ROOT

from ai_service_python_sdk import (
    InDoubtError, Ledger, NotSentError, PortraitStudio, WorkerLostError)

HERE = os.path.dirname(os.path.abspath(__file__))
SHARP, FATAL = {'sharp_ratio': 0.3}, {'sharp_ratio': 0.66}
pytestmark = pytest.mark.skipif(os.name != 'posix', reason='workers are killed by a signal')


@pytest.fixture
def service(own_emulator, monkeypatch):
    """An emulator whose app id and token the workers find in their environment."""
    service = own_emulator()
    monkeypatch.setenv('AI_SERVICE_APP_ID', service.app_id)
    monkeypatch.setenv('AI_SERVICE_TOKEN', service.token)
    return service


@pytest.fixture
def studio(service, tmp_path):
    """A studio with a ledger, which calls with a token that no worker is told."""
    with client_at(service) as client, Ledger(str(tmp_path / 'ledger.sqlite')) as ledger:
        yield PortraitStudio(client, ledger=ledger, interval=0.05)


@pytest.fixture
def tasks(service, studio):
    """A function that makes tasks of (key, configure) pairs."""
    model = studio.train(person(service, 'collins'), key='training')
    template = service.url('template_single_hopper.jpg')
    return lambda *pairs: [(model, template, configure, key) for key, configure in pairs]


@pytest.fixture
def pool():
    """A function that starts two workers that know nothing of this process's memory."""
    with contextlib.ExitStack() as pools:
        yield lambda: pools.enter_context(
            ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn')))


def by_key(results):
    return dict((result.key, result) for result in results)


def states(studio):
    return dict((row.key, row.state) for row in studio._payments.ledger.creations(None))


def created(service):
    """The creations that the emulator has answered, by what makes each of them different."""
    return sorted(record.body['configure']['sharp_ratio']
                  for record in service.requests.of('create', status=200))


def test_other_processes_make_the_portraits_and_the_ledger_here_keeps_them(
        service, studio, tasks, pool, tmp_path):
    given = tasks(*[('order-%d' % number, {'sharp_ratio': number / 10}) for number in range(1, 5)])
    results = by_key(studio.create_many(given, concurrency=2, executor=pool()))
    assert all(result.ok for result in results.values()), results
    for key, result in results.items():
        result.portrait.save(str(tmp_path / key))
    assert created(service) == [0.1, 0.2, 0.3, 0.4]
    assert set(states(studio).values()) == {'succeeded'} and len(states(studio)) == 4
    again = by_key(studio.create_many(given))
    assert all(again[key].portrait.image_bytes == results[key].portrait.image_bytes
               for key in results)
    assert len(created(service)) == 4


def test_a_worker_that_dies_leaves_one_call_in_doubt_which_nobody_repeats(
        service, studio, tasks, pool):
    given = tasks(('first', SHARP), ('fatal', FATAL), ('next', SHARP))
    results = by_key(studio.create_many(given, concurrency=1, executor=pool(),
                                        factory=Mortal(service.host)))
    assert results['first'].ok
    lost, left = results['fatal'].error, results['next'].error
    assert isinstance(lost, WorkerLostError) and lost.is_in_doubt and not lost.safe_to_repeat
    assert 'may be paid for' in lost.summary and lost.to_dict()['is_in_doubt']
    assert isinstance(left, NotSentError) and left.safe_to_repeat
    assert states(studio) == {'first': 'succeeded', 'fatal': 'unsettled', 'next': 'failed'}
    results = by_key(studio.create_many(given[1:]))
    assert isinstance(results['fatal'].error, InDoubtError) and results['next'].ok
    assert created(service) == [0.3, 0.3, 0.66]


def test_a_worker_of_dask_that_dies_leaves_one_call_in_doubt_and_the_rest_is_made(
        service, studio, tasks, tmp_path):
    # Elsewhere: who imports Dask gets another way to pickle errors.
    if importlib.util.find_spec('distributed') is None:
        pytest.skip('the extra "test" brings Dask from Python 3.10 on')
    (first, template, _, _), = tasks(('first', SHARP))
    printed = subprocess.check_output(
        [sys.executable, os.path.join(HERE, 'on_dask.py'), str(tmp_path / 'ledger.sqlite'),
         first.model_id, template], stderr=subprocess.STDOUT, env=dict(
             os.environ, AI_SERVICE_HOST=service.host, PYTHONPATH=ROOT))
    # Dask hands the task to the next worker, which finds that it was begun: without that, and
    # as Dask is set up, this creation is paid for four times.
    assert ast.literal_eval(printed.decode('utf-8').splitlines()[-1]) == {
        'first': None, 'fatal': 'WorkerLostError', 'same': None, 'last': None}
    assert created(service) == [0.3, 0.3, 0.4, 0.66]
    assert states(studio) == {'first': 'succeeded', 'fatal': 'unsettled', 'same': 'succeeded',
                              'last': 'succeeded'}
