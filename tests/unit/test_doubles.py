"""Doubles in the place of urllib3's manager, of the pool, of the client: nothing goes out."""
import copy
import functools
import gc
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from multiprocessing.pool import ThreadPool
from types import SimpleNamespace
from unittest import mock

import pytest
import urllib3
from support import ROOT
from support.service import HOST, JPEG, envelope

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceJobApi, ApiClient, ApiException, Configuration,
    PortraitStudio)
from ai_service_python_sdk.client import rest
from ai_service_python_sdk.client.doubles import WAYS_OUT
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.rest import RESTResponse

BODY = json.dumps(envelope({'job_id': 7, 'model_id': 'm-7'})).encode('ascii')


def raw(*args, **named):
    return urllib3.HTTPResponse(BODY, status=200, headers={'Content-Type': 'application/json'},
                                preload_content=False)


@pytest.mark.parametrize('name', ['request', 'urlopen'])
def test_a_double_of_a_method_of_urllib3s_manager_answers(client, mocked, name):
    with mock.patch('urllib3.PoolManager.' + name, side_effect=raw) as double:
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert double.call_count == 1 and not mocked.calls
    with mock.patch.object(client.rest_client.pool_manager, name, side_effect=raw):
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert not mocked.calls


def test_a_double_of_urllib3s_manager_itself_answers_and_nothing_goes_out(client, mocked):
    client.rest_client.pool_manager  # the wire is loaded outside of the patch
    with mock.patch('urllib3.PoolManager') as manager:
        manager.return_value.request.side_effect = raw
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert manager.return_value.request.call_count == 1 and not mocked.calls


@pytest.mark.parametrize('name, proxy', [('PoolManager', None), ('ProxyManager', 'http://p:1')])
@pytest.mark.parametrize('spec', [None, True], ids=['plain', 'autospec'])
def test_a_double_that_stands_while_a_client_is_made_answers_when_it_stands_no_more(
        mocked, name, proxy, spec):
    configuration = Configuration(HOST, 'app', 't')
    configuration.proxy = proxy
    with mock.patch('urllib3.' + name, autospec=spec) as manager:
        manager.return_value.request.side_effect = raw
        manager.side_effect = lambda **settings: mock.DEFAULT  # the old SDK named them all
        client = ApiClient(HOST, 'app', 't', configuration)
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert manager.return_value.request.call_count == 1 and not mocked.calls


def test_a_double_of_the_manager_is_put_and_taken_away(client, service):
    with mock.patch.object(client.rest_client, 'pool_manager') as manager:
        manager.request.side_effect = raw
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert not service.asked
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 11


def test_background_calls_run_in_the_pool_that_is_put_there(client, service):
    call = mock.Mock()
    with mock.patch.object(client.pool, 'apply_async', return_value=call):
        assert AIGCImagesApi(client).aigc_images_train_post(
            mock.Mock(swagger_types={}, attribute_map={}, wire_names=[], action=None),
            async_req=True) is call
    assert not service.asked
    with mock.patch.object(client, 'pool') as pool:
        assert client._in_background(bool) is pool.apply_async.return_value
    with ThreadPool(2) as threads:
        client.pool = threads
        answer = AIGCImagesApi(client).aigc_images_train(['u'], async_req=True).get(10)
        del client.pool
        threads.terminate()
        threads.join()
    assert answer.job_id == 11


@pytest.mark.parametrize('close', [
    lambda client: client.__exit__(None, None, None), lambda client: client.close(timeout=1)],
    ids=['with', 'close'])
def test_a_pool_of_the_users_own_is_closed_with_the_client(client, service, close):
    client.pool = pool = ThreadPool(1)
    assert AIGCImagesApi(client).aigc_images_train(['u'], async_req=True).get(10).job_id == 11
    close(client)
    with pytest.raises(ValueError):
        pool.apply_async(bool)
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 11


def test_a_mock_in_the_place_of_a_client_answers_paid_calls_too():
    double = mock.Mock(configuration=Configuration(HOST, 'a', 't'))
    double.client_create_sign.return_value = 'signature'
    double.call_api.return_value = 'answer'
    assert AIGCImagesApi(double).aigc_images_train(['u']) == 'answer'


@pytest.mark.parametrize('name', ['answer_limit', 'last_response_limit'])
@pytest.mark.parametrize('value', [0, -1, '64MB', 1.5, True])
def test_a_limit_that_is_none_is_refused_before_anything_is_paid_for(client, name, value):
    with pytest.raises(ValueError, match='`{}` is '.format(name)):
        setattr(client.configuration, name, value)
    setattr(client.configuration, name, None)


@pytest.mark.parametrize('name', ['answer_limit', 'last_response_limit'])
def test_a_limit_of_numpy_is_a_limit(client, name):
    numpy = pytest.importorskip('numpy')
    setattr(client.configuration, name, numpy.int64(3))
    assert getattr(client.configuration, name) == 3
    with pytest.raises(ValueError, match='`{}` is '.format(name)):
        setattr(client.configuration, name, numpy.int64(0))


def test_an_answer_of_any_length_is_read_without_a_limit(client, service):
    client.configuration.last_response_limit = None
    assert AIGCImagesApi(client).aigc_images_create('m', 'u').image_bytes == JPEG


@pytest.mark.parametrize('configure', ['{"lora_weights": 0.9}', {'lora_weights': float('nan')},
                                       {'lora_weights': object()}], ids=['text', 'nan', 'object'])
def test_parameters_that_cannot_be_sent_are_refused_before_a_training(client, service, configure):
    with pytest.raises((ValueError, TypeError), match='`configure'):
        PortraitStudio(client).portrait(['http://h/%d' % n for n in range(5)], 'http://t',
                                        configure)
    assert not service.asked


@pytest.mark.parametrize('option', ['on_progress', 'clock', 'sleep', 'chance'])
@pytest.mark.parametrize('value', [5, 0, 'x'])
def test_a_callback_that_cannot_be_called_is_refused_before_a_training(
        client, service, option, value):
    with pytest.raises(ValueError, match='`{}` is .*give a function'.format(option)):
        PortraitStudio(client, **{option: value})
    assert not service.asked


@pytest.mark.parametrize('code', [200, None, 'ok'])
def test_ids_beside_an_odd_code_are_on_the_error(client, service, code):
    service.answers['train'] = [(200, {'request_id': 'r', 'code': code, 'message': 'success',
                                       'data': {'job_id': 7, 'model_id': 'm-7'}})]
    with pytest.raises(Exception) as caught:
        PortraitStudio(client).train(['http://h/%d' % n for n in range(5)], wait=False)
    assert (caught.value.job_id, caught.value.model_id) == (7, 'm-7')
    assert 'm-7' in str(caught.value)


def test_a_failed_job_keeps_its_class_in_another_process():
    error = error_of_job(5, 'Image process error', 'm')
    script = ('import pickle, sys; error = pickle.loads(bytes.fromhex(sys.argv[1])); '
              'print([kind.__name__ for kind in type(error).__mro__], error.meaning)')
    done = subprocess.run([sys.executable, '-c', script, pickle.dumps(error).hex()], cwd=ROOT,
                          stdout=subprocess.PIPE, check=True, universal_newlines=True)
    assert type(error).__mro__[2].__name__ in done.stdout and error.meaning in done.stdout


@pytest.mark.parametrize('name', sorted(WAYS_OUT))
def test_a_guard_on_a_method_of_urllib3s_manager_lets_no_paid_call_out(client, mocked, name):
    genuine = getattr(urllib3.PoolManager, name)
    client.rest_client.pool_manager  # the wire is loaded outside of the patch

    @functools.wraps(genuine)
    def guard(*args, **named):
        raise AssertionError('no network in tests')

    with mock.patch.object(urllib3.PoolManager, name, guard):
        with pytest.raises(AssertionError, match='no network'):
            if name == 'request_encode_url':
                AiServiceJobApi(client).get_batch_job(1)
            AIGCImagesApi(client).aigc_images_train(['u'])
    assert not mocked.calls


class _Plain(object):
    status, reason, data = 200, 'OK', BODY

    def getheaders(self):
        return {'X-Of': 'a test'}

    def getheader(self, name, default=None):
        return self.getheaders().get(name, default)


class _OldManager(object):
    """A manager with what the old SDK asked of it, and nothing more."""

    def __init__(self, answer):
        self.answer = answer

    def request(self, method, url, body=None, preload_content=True, timeout=None, headers=None):
        return self.answer


@pytest.mark.parametrize('answer', [_Plain(), raw(), SimpleNamespace(
    status=200, reason='OK', data=BODY, headers={})], ids=['plain', 'urllib3', 'namespace'])
def test_a_manager_written_by_hand_for_the_old_sdk_answers(client, answer):
    client.rest_client.pool_manager = _OldManager(answer)
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert AiServiceJobApi(client).get_async_job(7).data['job_id'] == 7


def test_an_answer_of_a_double_may_have_its_body_as_a_bytearray(client):
    client.rest_client.POST = mock.Mock(return_value=SimpleNamespace(
        status=200, reason='OK', data=bytearray(BODY), getheaders=dict))
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7


def test_the_pool_has_the_methods_of_a_pool_of_threads(client):
    seen = []
    assert client.pool.map(abs, [-1, -2]) == [1, 2]
    assert client.pool.apply_async(int, ('ff',), {'base': 16}, seen.append).get() == 255
    failed = client.pool.apply_async(int, ('x',), error_callback=seen.append)
    with pytest.raises(ValueError):
        failed.get()
    assert seen[0] == 255 and isinstance(seen[1], ValueError)


def test_a_manager_that_wraps_urllib3s_is_told_to_follow_and_repeat_nothing(client, mocked):
    asked = []

    class Wrapper(object):
        def request(self, method, url, **named):
            asked.append(named)
            return SimpleNamespace(status=307, reason='', data=b'', headers={
                'Location': 'http://elsewhere.test/'})
    client.rest_client.pool_manager = Wrapper()
    with pytest.raises(ApiException):
        AIGCImagesApi(client).aigc_images_train(['u'])
    assert len(asked) == 1 and (asked[0]['redirect'], asked[0]['retries']) == (False, False)


def test_a_copy_of_a_client_makes_calls(client, service):
    twin = copy.copy(client)
    assert type(twin) is type(client) and twin.configuration is client.configuration
    assert AIGCImagesApi(twin).aigc_images_train(['u']).job_id == 11


def test_a_missing_host_shows_the_token_in_no_frame():
    with pytest.raises(ValueError) as caught:
        ApiClient(None, 'app', 's3cret')
    frame = caught.value.__traceback__.tb_next.tb_frame
    assert 's3cret' not in [frame.f_locals[name] for name in frame.f_locals if name != 'self']


@pytest.mark.parametrize('name', ['request_encode_body', 'request_encode_url'])
def test_a_double_below_the_request_of_urllib3s_manager_answers(client, mocked, name):
    ask = {'request_encode_body': lambda: AIGCImagesApi(client).aigc_images_train(['u']),
           'request_encode_url': lambda: AiServiceJobApi(client).get_batch_job(1)}[name]
    with mock.patch('urllib3.PoolManager.' + name, side_effect=raw) as double:
        assert ask().code == 'OK'
    assert double.call_count == 1 and not mocked.calls


def test_the_headers_of_a_double_are_found_by_its_method(client):
    for kind in (mock.Mock, mock.MagicMock):
        answer = kind(status=429, reason='Slow', data=b'{}')
        answer.getheaders.return_value = {'Retry-After': '3'}
        client.rest_client.pool_manager = mock.Mock(**{'request.return_value': answer})
        with pytest.raises(ApiException) as caught:
            AIGCImagesApi(client).aigc_images_train(['u'])
        assert caught.value.headers['Retry-After'] == '3'
    for given in {'a': 'b'}, [('A', 'b')]:
        plain = SimpleNamespace(status=200, reason='OK', data=b'', getheaders=lambda: given)
        assert RESTResponse(plain).getheader('a') == 'b'


def test_a_line_that_a_program_makes_with_a_manager_alone_sends_through_it(client, mocked):
    class Line(type(client.rest_client)):
        def __init__(self, manager):
            self.pool_manager = manager
    manager = mock.Mock(**{'request.side_effect': raw})
    client.rest_client = Line(manager)
    assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7
    assert manager.request.call_count == 1 and not mocked.calls


@pytest.mark.parametrize('owner', ['subclass', 'class', 'instance', 'value'])
def test_settings_that_a_program_makes_itself_reach_the_headers(
        mocked, service, owner, monkeypatch):
    def auth_settings(self=None):
        return {'requestTime': {'in': 'header', 'key': 'X-Request-Time', 'value': '7'}}
    client = ApiClient(HOST, 'app', 't')
    if owner == 'subclass':
        kind = type('Own', (Configuration,), {'auth_settings': auth_settings})
        client = ApiClient(HOST, 'app', 't', kind(HOST, 'app', 't'))
    elif owner == 'class':
        monkeypatch.setattr(Configuration, 'auth_settings', auth_settings)
    elif owner == 'instance':
        client.configuration.auth_settings = auth_settings
    else:
        client.configuration.get_api_key_with_prefix = {'X-Request-Time': '7'}.get
    AIGCImagesApi(client).aigc_images_train(['u'])
    assert mocked.calls[-1].request.headers['X-Request-Time'] == '7'


def test_a_client_pickles_where_its_program_says_how_and_not_else(mocked, service):
    twin = pickle.loads(pickle.dumps(Own(HOST, 'app', 't')))
    assert AIGCImagesApi(twin).aigc_images_train(['u']).job_id == 11
    for secret in (ApiClient(HOST, 'app', 't'), Configuration(HOST, 'app', 't')):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


class Own(ApiClient):
    def __getstate__(self):
        return {'host': self.host, 'appid': self.configuration.appid,
                'token': self.configuration.token}

    def __setstate__(self, state):
        self.__init__(**state)


@pytest.mark.parametrize('name', ['Session', 'HTTPAdapter'])
def test_a_child_of_a_class_of_requests_in_its_place_is_passed_over(name):
    program = '''
import sys, requests, responses
sys.path.insert(0, {root!r})
kind = getattr(requests.sessions, {name!r})
child = type('Child', (kind,), {{'send': None}})
requests.sessions.{name} = child
if {name!r} == 'Session':
    requests.Session = child
from ai_service_python_sdk import AIGCImagesApi, ApiClient
with responses.RequestsMock() as mocked:
    mocked.add('POST', 'http://h.test/api/v1/aigc_images/train', json={answer!r})
    print(AIGCImagesApi(ApiClient('http://h.test', 'a', 't')).aigc_images_train(['u']).job_id)
'''.format(root=ROOT, name=name, answer=envelope({'job_id': 7, 'model_id': 'm'}))
    assert subprocess.check_output([sys.executable, '-c', program]).split() == [b'7']


def test_what_a_program_makes_of_values_that_json_lacks_reaches_those_inside_too(mocked, service):
    class Exact(ApiClient):
        def sanitize_for_serialization(self, obj):
            if isinstance(obj, Decimal):
                return float(obj)
            return super(Exact, self).sanitize_for_serialization(obj)
    body = {'a': [{'b': Decimal('0.9')}]}
    Exact(HOST, 'app', 't').call_api('/api/v1/aigc_images/train', 'POST', body=body)
    assert json.loads(mocked.calls[-1].request.body.decode()) == {'a': [{'b': 0.9}]}


def test_a_double_of_urllib3s_manager_needs_no_hash(client):
    class Call(object):
        calls = 0

        def __eq__(self, other):
            return isinstance(other, Call)

        def __call__(self, *args, **kwargs):
            self.calls += 1
            return SimpleNamespace(status=200, reason='OK', headers={}, data=b'{}')
        __hash__ = None

    double = Call()
    with mock.patch.object(urllib3.PoolManager, 'request', double):
        AIGCImagesApi(client).aigc_images_train(['u'])
    assert double.calls == 1


def test_a_client_that_makes_itself_calls_in_a_pool_of_its_own(service):
    class Line(ApiClient):
        def __init__(self, host):
            self.pool = ThreadPool(1)
            self.host, self.configuration = host, Configuration(host, 'app', 't')
            self.default_headers, self.cookie = {}, None
            self.rest_client = rest.RESTClientObject(self.configuration)

    with Line(HOST) as client:
        assert AIGCImagesApi(client).aigc_images_train(['u'], async_req=True).get(10).job_id == 11
    assert AIGCImagesApi(client).aigc_images_train(['u'], async_req=True).get(10).job_id == 11
    client.close()


def test_a_double_of_the_whole_module_of_the_line_answers(mocked):
    with mock.patch('ai_service_python_sdk.client.api_client.rest') as double:
        double.RESTClientObject.return_value.POST.side_effect = lambda *args, **named: (
            rest.RESTResponse(raw()))
        client = ApiClient(HOST, 'app', 't')
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7


class _Bare(ApiException):
    """An error of a test that leaves out the constructor of its parent."""

    def __init__(self, text):
        self.text = text


@pytest.mark.parametrize('options', [{}, {'async_req': True}], ids=['now', 'later'])
def test_an_error_of_a_double_that_makes_itself_comes_out_as_it_is(client, options):
    client.rest_client.POST = mock.Mock(side_effect=_Bare('down'))
    with pytest.raises(_Bare) as caught:
        answer = AIGCImagesApi(client).aigc_images_train(['u'], **options)
        answer.get(10)
    assert caught.value.text == 'down' and str(caught.value) and caught.value.summary
    assert caught.value.to_dict() and caught.value.body is None


@pytest.mark.parametrize('make', [
    lambda body: mock.Mock(status=200, data=body), lambda body: SimpleNamespace(
        status=200, reason='OK', data=body), lambda body: rest.RESTResponse(
            urllib3.HTTPResponse(body, status=200, headers={}))], ids=['mock', 'plain', 'line'])
def test_a_double_answers_again_with_a_picture_of_any_size(client, make):
    client.configuration.last_response_limit = 10
    client.rest_client.POST = mock.Mock(return_value=make(BODY))
    for _ in range(2):
        assert AIGCImagesApi(client).aigc_images_train(['u']).job_id == 7


@pytest.mark.parametrize('status', [200, 204, mock.Mock()], ids=['200', '204', 'mock'])
def test_a_double_without_a_body_is_read_whatever_its_status_is(client, status):
    answer = mock.Mock(data='', status=status)
    assert client.deserialize(answer, 'str') == (None if status == 204 else '')


@pytest.mark.parametrize('reason', [
    None, 'text', urllib3.exceptions.ResponseError('too many 503'),
    urllib3.exceptions.ProtocolError('aborted'),
    urllib3.exceptions.ReadTimeoutError(None, '/', 'late')], ids=lambda each: type(each).__name__)
def test_what_a_double_raises_when_its_repeats_are_used_up_is_caught_as_that(client, reason):
    error = urllib3.exceptions.MaxRetryError(None, '/', reason)
    client.rest_client.pool_manager = mock.Mock(**{'request.side_effect': error})
    with pytest.raises(urllib3.exceptions.MaxRetryError) as caught:
        AIGCImagesApi(client).aigc_images_train(['u'])
    assert isinstance(caught.value, ApiException) and caught.value.is_in_doubt
    if isinstance(reason, Exception):
        assert str(reason) in str(caught.value.reason)


def test_a_child_of_a_client_may_pass_its_end_on():
    ended = []

    class Line(ApiClient):
        def __del__(self):
            super(Line, self).__del__()
            ended.append(self.host)

    Line(HOST, 'app', 't')
    gc.collect()
    assert ended == [HOST]
