"""Paid calls over an executor, in one process: what is sent, what is kept, and who says what."""
import os
import pickle
import sys
import threading
import types
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest
from support.service import HOST

from ai_service_python_sdk import (
    ApiClient, ClientFactory, Ledger, ModelIdError, NotSentError, PortraitStudio,
    QuotaExceededError, WorkerLostError)
from ai_service_python_sdk.client import workers
from ai_service_python_sdk.client.background import end_of
from ai_service_python_sdk.util.kept import PhotoUrl

TASKS = [('m', 'http://t.test/{}.jpg'.format(number), {'sharp_ratio': 0.2}, 'order-%d' % number)
         for number in range(3)]
PHOTOS = ['http://a.test/{}.jpg'.format(i) for i in range(5)]
SLOW = 429, {'code': 'error', 'message': 'too many calls'}
USED_UP = 400, {'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'}
NO_MODEL = 462, {'code': 'error', 'message': ModelIdError.messages[0]}


class Elsewhere(Executor):
    """Makes each call at once, of what is left of it after a pickle, and keeps the pickles."""

    def __init__(self):
        self.sent = []
        self.refusal = self.loss = None

    def submit(self, fn, *args, **kwargs):
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        future = Future()
        if self.loss is not None:
            future.set_exception(self.loss)
        else:
            call, given, named = pickle.loads(self.sent[-1])
            answer, error = end_of(lambda: call(*given, **named))
            future.set_result(pickle.loads(pickle.dumps(answer)))
            assert error is None
        return future


@pytest.fixture(autouse=True)
def worker(tmp_path, monkeypatch):
    """The environment of a worker without a credentials file; its token is not this program's."""
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('USERPROFILE', str(tmp_path))
    monkeypatch.setenv('AI_SERVICE_APP_ID', 'app of the worker')
    monkeypatch.setenv('AI_SERVICE_TOKEN', 'token of the worker')
    monkeypatch.delenv('AI_SERVICE_HOST', raising=False)
    monkeypatch.setattr(workers, '_clients', {})
    return monkeypatch


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def studio(service, tmp_path):
    clock = [0.0]
    with ApiClient(HOST, 'app', 'secret token') as client, \
            Ledger(str(tmp_path / 'ledger.sqlite')) as ledger:
        yield PortraitStudio(client, ledger=ledger, clock=lambda: clock[-1], chance=lambda: 0.0,
                             sleep=lambda seconds: clock.append(clock[-1] + seconds))


def make(studio, executor, tasks=TASKS, **options):
    results = studio.create_many(tasks, concurrency=1, executor=executor, **options)
    return sorted(results, key=lambda result: result.index)


def states(studio):
    return [row.state for row in reversed(studio._payments.ledger.creations())]


def test_a_task_is_small_and_holds_neither_a_token_nor_a_signature(studio, service, elsewhere):
    results = make(studio, elsewhere)
    assert all(result.ok for result in results) and service.names() == ['create'] * 3
    assert service.asked[0][1] == {
        'action': 'AIGCImageCreate', 'configure': {'sharp_ratio': 0.2}, 'model_id': 'm',
        'model_name': '', 'template_image': TASKS[0][1]}
    for sent in elsewhere.sent:
        assert len(sent) < 1000
        for secret in (b'secret token', b'token of the worker', b'Authorization'):
            assert secret not in sent
    assert len(workers._clients) == 1 and states(studio) == ['succeeded'] * 3


def test_the_worker_signs_with_its_own_token(studio, service, elsewhere):
    signed = []
    for client in (ClientFactory(HOST).client(), studio._client):
        sign = client.client_create_sign
        client.client_create_sign = lambda *given, sign=sign, client=client: (
            signed.append(client), sign(*given))[1]
    assert make(studio, elsewhere, TASKS[:1])[0].ok
    # Once before it is written down, so that what JSON cannot hold is refused here.
    assert signed == [studio._client, ClientFactory(HOST).client()]


def test_what_is_done_already_is_not_handed_out(studio, elsewhere, tmp_path):
    for result in make(studio, elsewhere):
        result.portrait.save(str(tmp_path / result.key))
    assert all(result.ok for result in make(studio, elsewhere)) and len(elsewhere.sent) == 3


def test_429_slows_all_workers_down_and_a_used_up_quota_stops_them(studio, service, elsewhere):
    service.answers['create'] = [SLOW, SLOW, service.answers['create'], USED_UP]
    first, second, third = make(studio, elsewhere)
    assert first.ok and first.tries == 3 and states(studio)[-1] == 'failed'
    assert isinstance(second.error, QuotaExceededError) and isinstance(third.error, NotSentError)
    assert len(service.asked) == len(elsewhere.sent) == 4


def test_an_error_of_the_service_is_that_of_a_call_from_here(studio, service, elsewhere):
    service.answers['create'] = NO_MODEL
    result, = make(studio, elsewhere, TASKS[:1])
    assert isinstance(result.error, ModelIdError) and result.error.request_id == 'r'
    assert states(studio) == ['failed']


def test_a_call_that_the_executor_does_not_take_is_not_sent(studio, elsewhere):
    elsewhere.refusal = RuntimeError('cannot schedule new futures after shutdown')
    result, = make(studio, elsewhere, TASKS[:1])
    assert isinstance(result.error, NotSentError) and 'after shutdown' in str(result.error)
    assert states(studio) == ['failed']


@pytest.mark.parametrize('error', [RuntimeError("can't start new thread"), MemoryError(),
                                   BlockingIOError(11, 'cannot fork')], ids=repr)
def test_a_call_that_pythons_own_executor_may_have_queued_is_in_doubt(studio, monkeypatch, error):
    def refused(*args):
        raise error
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(pool, 'submit', refused)
        result, = make(studio, pool, TASKS[:1])
    assert isinstance(result.error, WorkerLostError) and states(studio) == ['unsettled']


@pytest.mark.parametrize('keeps', [True, False], ids=['with a ledger', 'without one'])
def test_a_call_that_the_executor_loses_is_in_doubt(studio, elsewhere, keeps):
    studio._payments._own = studio._payments._own if keeps else None
    elsewhere.loss = RuntimeError('worker lost')
    result, = make(studio, elsewhere, TASKS[:1])
    assert isinstance(result.error, WorkerLostError) and result.error.is_in_doubt
    assert result.error.__cause__ is elsewhere.loss
    assert 'worker lost' in str(pickle.loads(pickle.dumps(result.error)))
    assert not keeps or states(studio) == ['unsettled']


def test_a_call_that_dask_hands_to_a_second_worker_is_not_made(
        studio, service, elsewhere, monkeypatch):
    class Event(object):
        def __init__(self, name):
            self.name = name

        def is_set(self):
            return any(self.name.endswith(pickle.loads(sent)[1][1]) for sent in elsewhere.sent)

        def set(self):
            pass

    fake = types.ModuleType('distributed')
    fake.get_worker, fake.Event = (lambda: 'worker'), Event
    monkeypatch.setitem(sys.modules, 'distributed', fake)
    result, = make(studio, elsewhere, TASKS[:1])
    assert isinstance(result.error, WorkerLostError) and states(studio) == ['unsettled']
    assert service.asked == []


def test_a_worker_without_credentials_says_so_and_nothing_is_paid(studio, elsewhere, worker):
    worker.delenv('AI_SERVICE_TOKEN')
    result, = make(studio, elsewhere, TASKS[:1])
    assert 'AI_SERVICE_TOKEN' in str(result.error) and states(studio) == ['failed']


def test_a_batch_hands_its_paid_calls_out_and_saves_what_comes_back(
        studio, service, elsewhere, tmp_path):
    orders = [{'person': 'p', 'photos': PHOTOS, 'template': template}
              for _, template, _, _ in TASKS]
    results = list(studio.batch(orders, str(tmp_path / 'out'), executor=elsewhere))
    assert all(result.ok for result in results) and len(elsewhere.sent) == 4
    made = sorted(service.names())
    # Templates that are read while the training is sent are not looked at.
    assert made[-5:] == ['create'] * 3 + ['job', 'train'] and set(made[:-5]) == {'check'}
    assert all(os.path.getsize(result.path) > 0 for result in results)
    assert [row.state for row in studio._payments.ledger.calls()] == ['succeeded'] * 4


def test_a_url_that_was_a_file_here_is_a_plain_url_there():
    url = PhotoUrl('http://a.test/0.jpg')
    url.photo = 'collins_0.jpg', 'hash'
    assert type(pickle.loads(pickle.dumps(url))) is str


# the recipe

def test_a_recipe_makes_one_client_for_each_process_and_setting(worker):
    worker.setenv('AI_SERVICE_HOST', 'http://of-the-worker.test')
    client = ClientFactory().client()
    assert client.host == 'http://of-the-worker.test'
    assert (client.configuration.appid, client.configuration.token) == (
        'app of the worker', 'token of the worker')
    assert pickle.loads(pickle.dumps(ClientFactory())).client() is client
    assert ClientFactory(HOST).client() is ClientFactory(HOST).client() is not client


def test_the_environment_wins_over_the_workers_file(worker, tmp_path):
    worker.delenv('AI_SERVICE_APP_ID')
    path = tmp_path / '.ai-portrait.ini'
    path.write_text('[ai-portrait]\nhost = {}\napp_id = kept\ntoken = kept\n'.format(HOST))
    path.chmod(0o600)
    for factory in (ClientFactory(), ClientFactory(credentials=str(path))):
        settings = factory.make().configuration
        assert (settings.host, settings.appid, settings.token) == (
            HOST, 'kept', 'token of the worker')


@pytest.mark.parametrize('language, said', [('en', 'the worker has no'), ('zh', '工作进程缺少')])
def test_a_recipe_names_all_that_the_worker_lacks(worker, language, said):
    worker.setenv('AI_SERVICE_LANG', language)
    worker.delenv('AI_SERVICE_APP_ID')
    with pytest.raises(ValueError, match=said + ' AI_SERVICE_HOST, AI_SERVICE_APP_ID'):
        ClientFactory().make()


def test_a_lost_worker_without_a_word_has_a_reason_all_the_same():
    assert 'KeyError' in str(WorkerLostError(KeyError()))


def test_a_worker_that_lacks_its_app_id_shows_the_token_in_no_frame(monkeypatch, tmp_path):
    monkeypatch.delenv('AI_SERVICE_APP_ID', raising=False)
    monkeypatch.setenv('AI_SERVICE_TOKEN', 's3cret')
    monkeypatch.setattr(workers, 'DEFAULT_CREDENTIALS', str(tmp_path / 'absent.ini'))
    monkeypatch.setenv('HOME', str(tmp_path))
    with pytest.raises(ValueError) as caught:
        ClientFactory(HOST).make()
    assert 's3cret' not in str(caught.value.__traceback__.tb_next.tb_frame.f_locals)
