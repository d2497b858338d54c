"""One call without a network: arguments, serialization, time-outs, addresses, redirects."""
import datetime
import json
import subprocess
import sys
import warnings

import pytest
from support.service import HOST, envelope

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceJobApi, AiServiceTextApi, ApiClient, Configuration, PortraitConfigure,
    ResponseError)
from ai_service_python_sdk.client.timeouts import limits_of
from ai_service_python_sdk.client.models import (
    AIGCCreateRequest, BatchVideoRequest, BatchVideoRequestVideos, TextRequest)
from ai_service_python_sdk.client.operation import segment_of
from ai_service_python_sdk.client.address import base_of, redirect_target
from ai_service_python_sdk.client.serialization import to_json
from ai_service_python_sdk.util.parameters import PARAMETERS
from ai_service_python_sdk.util.sign import build_sign_string, create_sign, explain


def test_the_mocking_tools_of_requests_see_the_call(client, mocked):
    mocked.add('POST', HOST + '/api/v1/aigc_images/train', json=envelope(
        {'job_id': 11, 'model_id': 'm'}))
    training = AIGCImagesApi(client).aigc_images_train(['u'])
    assert (training.job_id, training.model_id) == (11, 'm')
    sent = mocked.calls[0].request
    assert json.loads(sent.body.decode('ascii'))['images'] == ['u']
    expected = create_sign(build_sign_string('POST', '/api/v1/aigc_images/train', sent.body),
                           'tok')
    assert sent.headers['authorization'] == 'app:' + expected


def test_requests_mock_sees_the_call_too(client):
    requests_mock = pytest.importorskip('requests_mock')
    with requests_mock.Mocker() as mock:
        mock.post(HOST + '/api/v1/async_jobs/11', json=envelope({'job': {'id': 11, 'state': 2}}))
        assert AiServiceJobApi(client).get_async_job(11).job.state == 2
        assert mock.last_request.body == b'{}'


def test_models_and_dates_are_serialized_wherever_they_stand():
    video = BatchVideoRequestVideos('u', None)
    body = BatchVideoRequest('A', [video, {'url': 'v'}], '', {
        'day': datetime.date(2024, 2, 3), 'at': [datetime.datetime(2024, 2, 3, 4, 5)],
        'deep': {'m': (video,)}})
    assert json.loads(to_json(body).decode('ascii')) == {
        'action': 'A', 'videos': [{'url': 'u'}, {'url': 'v'}], 'model_name': '',
        'configure': {'day': '2024-02-03', 'at': ['2024-02-03T04:05:00'],
                      'deep': {'m': [{'url': 'u'}]}}}


@pytest.mark.parametrize('configure', [
    {'a': float('nan')}, {'a': [1, {'b': float('inf')}]}, {'a': (0, -float('inf'))},
    {float('nan'): 1}])
def test_nan_and_infinity_are_refused(client, mocked, configure):
    with pytest.raises(ValueError, match='`body` cannot be sent as JSON'):
        AIGCImagesApi(client).aigc_images_create('m', 't', '', configure)
    assert not mocked.calls


def test_a_circle_and_endless_depth_are_refused(client):
    circle = {}
    circle['self'] = circle
    deep = []
    for _ in range(100000):
        deep = [deep]
    for configure in (circle, {'deep': deep}):
        with pytest.raises(ValueError):
            to_json(TextRequest('A', 'x', '', configure))


@pytest.mark.parametrize('value, limits', [
    (5, (5, 5, 5)), (0.5, (0.5, 0.5, 0.5)), (None, (None, None, None)), (0, (None, None, None)),
    ((1, 2), (1, 2, None)), ((None, 2.5), (None, 2.5, None)), ((3, None), (3, None, None))])
def test_a_time_out_is_read(value, limits):
    assert limits_of(value) == limits


@pytest.mark.parametrize('value', [
    True, -1, '5', [1, 2], (1,), (1, 2, 3), (0, 1), (1, -1), ('1', 2), (True, 1), float('nan'),
    float('inf'), {}, object()])
def test_any_other_time_out_is_refused_before_anything_is_sent(client, mocked, value):
    with pytest.raises(ValueError) as caught:
        AiServiceJobApi(client).get_async_job(1, _request_timeout=value)
    assert '`_request_timeout`' in str(caught.value) and len(mocked.calls) == 0


@pytest.mark.parametrize('host, url', [
    ('http://h', 'http://h/p'), ('http://h/', 'http://h/p'), ('http://h//', 'http://h//p'),
    ('https://h:8443/pre/fix/', 'https://h:8443/pre/fix/p'), ('http://[::1]:8080', None),
    ('127.0.0.1:8080', 'http://127.0.0.1:8080/p'), ('http://h/a b', None),
    (u'http://\u4f8b\u3048.jp', 'http://xn--r8jz45g.jp/p')])
def test_a_host_may_have_a_port_a_prefix_a_slash(host, url):
    if host == 'http://h/a b':
        with pytest.raises(ValueError):
            base_of(host)
    else:
        assert base_of(host) + '/p' == (url or host + '/p')


@pytest.mark.parametrize('host', [
    '', 'ftp://h', 'http://', 'http://h:port', 'http://u:secret@h', 'http://h?x=1', 'http://h#x',
    'http://h\n', 'http:// h', 'http://h:99999', 'file:///etc', 'http://h\\x'])
def test_a_host_that_is_no_address_is_refused_without_showing_its_password(host):
    with pytest.raises(ValueError) as caught:
        AiServiceJobApi(ApiClient(host, 'a', 't')).get_async_job(1)
    assert '`host`' in str(caught.value) and 'secret' not in str(caught.value)


@pytest.mark.parametrize('host, kind', [(7, 'int'), (b'http://h', 'bytes'), (['h'], 'list')])
def test_a_host_of_another_type_is_refused_with_its_type(mocked, host, kind):
    with pytest.raises(TypeError) as caught:
        AIGCImagesApi(ApiClient(host, 'a', 't')).aigc_images_train(['u'])
    assert str(caught.value) == (
        '`host` is a {}; give text such as http://service.example.com'.format(kind))
    assert not mocked.calls


def test_an_app_id_of_bytes_is_refused_by_its_name(mocked):
    with pytest.raises(TypeError) as caught:
        AIGCImagesApi(ApiClient(HOST, b'a', b't')).aigc_images_train(['u'])
    assert str(caught.value) == '`appid` is a bytes; give it as text'
    assert not mocked.calls


@pytest.mark.parametrize('job_id', ['', ' ', '.', '..', ' .. ', b'7', '\ud800'])
def test_an_id_that_is_no_segment_is_refused(job_id):
    with pytest.raises(ValueError, match='give the id that the service returned'):
        segment_of('job_id', job_id)


@pytest.mark.parametrize('job_id, quoted', [
    (11, '11'), ('a/b', 'a%2Fb'), ('../x', '..%2Fx'), ('a?b#c', 'a%3Fb%23c'),
    (u'\u4e2d', '%E4%B8%AD'), ('%2e', '%252e'), ('a b', 'a%20b'), ('~x', '~x')])
def test_an_id_stays_one_segment(job_id, quoted):
    assert segment_of('job_id', job_id) == quoted


@pytest.mark.parametrize('location, url, signed', [
    ('/moved', 'http://h/moved', '/moved'), ('http://h/x?a=1', 'http://h/x?a=1', '/x?a=1'),
    ('https://h/x', 'https://h/x', '/x'), ('x', 'http://h/pre/api/v1/x', '/api/v1/x'),
    ('http://h:80/x', 'http://h:80/x', '/x'), ('http://other/x', None, None),
    ('http://h:81/x', None, None), ('https://h:444/x', None, None), ('//other/x', None, None),
    ('http://h@other/x', None, None), ('http://u@h/x', None, None), ('ftp://h/x', None, None),
    ('http://h:x/', None, None), ('', None, None), (None, None, None), ('/a\r\nb', None, None),
    ('http://[', None, None)])
def test_a_redirect_is_followed_only_to_the_same_service(location, url, signed):
    here = 'http://h/pre/api/v1/text', '/api/v1/text'
    assert redirect_target(*here, status=307, location=location) == (url and (url, signed))
    assert redirect_target(*here, status=303, location=location) is None


def test_https_never_becomes_http():
    assert redirect_target('https://h/x', '/x', 301, 'http://h/x') is None


def test_each_convenience_method_takes_the_options_and_refuses_others(client, mocked):
    mocked.add('POST', HOST + '/api/v1/text', json=envelope({'n': 1}))
    api = AiServiceTextApi(client)
    assert api.ner_text('x', async_req=True).get(10).data == {'n': 1}
    with pytest.raises(TypeError) as caught:
        api.ner_text('x', timeout=3)
    assert 'timeout' in str(caught.value)


def test_portrait_configure_checks_each_documented_parameter():
    for parameter in PARAMETERS:
        assert PortraitConfigure(**{parameter.name: parameter.default}) == {
            parameter.name: parameter.default}
        with pytest.raises(ValueError) as caught:
            PortraitConfigure(**{parameter.name: object()})
        assert parameter.name in str(caught.value) and 'must be' in str(caught.value)
        if parameter.low is not None:
            for value in (parameter.low - 0.1, parameter.high + 0.1, float('nan'), True,
                          10 ** 400):
                assert parameter.name in parameter.problem(value)
            assert not parameter.problem(parameter.low) and not parameter.problem(parameter.high)
    assert len(PARAMETERS) == 23


def test_an_unknown_parameter_passes_with_one_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        configure = PortraitConfigure(more_like_me=0.5, new_thing=1)
    assert configure == {'more_like_me': 0.5, 'new_thing': 1}
    assert len(caught) == 1 and 'new_thing' in str(caught[0].message)
    assert AIGCCreateRequest('A', configure=configure).configure is configure


def test_a_client_from_the_environment_names_what_is_missing(monkeypatch):
    for name in ('AI_SERVICE_HOST', 'AI_SERVICE_APP_ID', 'AI_SERVICE_TOKEN'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('AI_SERVICE_HOST', HOST)
    with pytest.raises(ValueError) as caught:
        ApiClient.from_env()
    assert 'AI_SERVICE_APP_ID, AI_SERVICE_TOKEN' in str(caught.value)
    monkeypatch.setenv('AI_SERVICE_APP_ID', 'app')
    monkeypatch.setenv('AI_SERVICE_TOKEN', 'tok-secret')
    client = ApiClient.from_env()
    assert client.host == HOST and client.configuration.token == 'tok-secret'


def test_no_text_of_client_and_configuration_shows_the_token():
    configuration = Configuration(HOST, 'app', 'tok-secret')
    configuration.proxy = 'http://user:pass-secret@proxy:3128'
    client = ApiClient(HOST, 'app', 'tok-secret', configuration)
    texts = [repr(client), repr(configuration), str(client), configuration.to_debug_report()]
    texts += ['{}={}'.format(*pair) for pair in explain('app', 'tok-secret', 'GET', '/p', b'')]
    assert not [text for text in texts if 'secret' in text]
    for thing in (client, configuration):
        import pickle
        with pytest.raises(TypeError):
            pickle.dumps(thing)


@pytest.mark.parametrize('body', [b'[' + b'1, ' * 500000 + b'1]', b'x' * (2 << 20)])
def test_a_large_answer_that_is_no_envelope_is_in_its_error_whole(client, mocked, body):
    mocked.add('POST', HOST + '/api/v1/aigc_images/check', body=body)
    with pytest.raises(ResponseError) as caught:
        AIGCImagesApi(client).aigc_images_check(['u'])
    assert caught.value.body == body


def modules_of(statements):
    """Return the modules that statements load in a fresh Python."""
    code = ('import sys; before = set(sys.modules); ' + statements +
            '; print(" ".join(set(sys.modules) - before))')
    shown = subprocess.check_output([sys.executable, '-c', code])
    return shown.decode('ascii').split()


@pytest.mark.skipif(sys.version_info < (3, 10), reason='older ones start with less of their own')
def test_importing_the_client_loads_few_modules_and_none_that_only_a_call_needs():
    loaded = modules_of(
        'from ai_service_python_sdk.client.api_client import ApiClient; '
        'from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi; '
        'ApiClient("http://h", "a", "t")')
    assert len(loaded) <= 60
    tops = set(name.split('.')[0] for name in loaded)
    assert not tops & {'requests', 'urllib3', 'dateutil', 'multiprocessing', 'ssl', 'http', 'six'}
    # Each of these would be a good part of the whole.
    assert not tops & {'logging', 'json', 're', 'hashlib', 'urllib', 'tempfile', 'pprint'}


@pytest.mark.skipif(sys.version_info < (3, 7), reason='lazy names need PEP 562')
def test_the_first_call_loads_what_it_needs_and_no_date_parser_or_pool():
    loaded = modules_of('from ai_service_python_sdk.client.transport import exchange')
    assert 'requests' in loaded
    assert not {'dateutil', 'multiprocessing', 'six'} & set(loaded)
