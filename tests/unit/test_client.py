"""The client without a network: how it is made, what each call carries, the generic call."""
import datetime
import json
import pickle
from enum import Enum

import pytest
from support.service import HOST, envelope

from ai_service_python_sdk import (
    AiServiceTextApi, ApiClient, Configuration, ResponseError, TextRequest)
from ai_service_python_sdk.client.rest import RESTResponse
from ai_service_python_sdk.util.sign import build_sign_string, create_sign

TEXT = HOST + '/api/v1/text'
THINGS = HOST + '/things'
ENVELOPE = envelope({'n': 1})


@pytest.fixture(autouse=True)
def answered(mocked):
    mocked.assert_all_requests_are_fired = False
    mocked.add('POST', TEXT, json=ENVELOPE, headers={'X-Id': '7'})


def sent(mocked, index=-1):
    return mocked.calls[index].request


# making a client

def test_a_client_without_a_host_is_refused_with_what_to_give():
    with pytest.raises(ValueError) as caught:
        ApiClient(None, 'app', 'tok')
    assert str(caught.value) == ('`host` is None; give the address of the service, for instance '
                                 'http://service.example.com')


def test_a_client_makes_a_configuration_of_its_host_and_credentials(client):
    configuration = client.configuration
    assert (configuration.host, configuration.appid, configuration.token) == (HOST, 'app', 'tok')


def test_a_configuration_that_is_given_wins(mocked):
    configuration = Configuration('http://other.example.com', 'mine', 'my-token')
    client = ApiClient(HOST, 'app', 'tok', configuration)
    assert client.configuration is configuration
    AiServiceTextApi(client).ner_text('x')
    assert sent(mocked).headers['Authorization'].startswith('mine:')


def test_headers_and_cookie_of_the_client_go_with_every_call(mocked):
    client = ApiClient(HOST, 'app', 'tok', None, 'X-Mine', '1', 'sid=2')
    client.set_default_header('X-More', '3')
    assert client.user_agent == 'Swagger-Codegen/1.0.0/python'
    client.user_agent = 'mine/1.0'
    AiServiceTextApi(client).ner_text('x')
    client.call_api('/api/v1/text', 'POST')
    for call in mocked.calls:
        headers = call.request.headers
        assert [headers[name] for name in ('X-Mine', 'Cookie', 'X-More', 'User-Agent')] == [
            '1', 'sid=2', '3', 'mine/1.0']
    ApiClient(HOST, 'app', 'tok').call_api('/api/v1/text', 'POST')
    assert 'Cookie' not in sent(mocked).headers and 'X-Mine' not in sent(mocked).headers


def test_header_names_are_spelled_as_the_old_sdk_spelled_them(mocked):
    AiServiceTextApi(ApiClient(HOST, 'app', 'tok', cookie='sid=2')).ner_text('x')
    assert sorted(sent(mocked).headers) == ['Accept', 'Authorization', 'Content-Length',
                                            'Content-Type', 'Cookie', 'User-Agent']
    ApiClient(HOST, 'app', 'tok', cookie='sid=2').call_api('/api/v1/text', 'POST')
    assert sorted(sent(mocked).headers) == ['Content-Length', 'Content-Type', 'Cookie',
                                            'User-Agent']


@pytest.mark.parametrize('given, message', [
    ({}, 'set the environment variables AI_SERVICE_HOST, AI_SERVICE_APP_ID, AI_SERVICE_TOKEN'),
    ({'HOST': HOST}, 'set the environment variables AI_SERVICE_APP_ID, AI_SERVICE_TOKEN'),
    ({'HOST': HOST, 'TOKEN': 't'}, 'set the environment variable AI_SERVICE_APP_ID'),
    ({'HOST': HOST, 'TOKEN': 't', 'APP_ID': ''},
     'set the environment variable AI_SERVICE_APP_ID')])
def test_from_env_names_exactly_the_variables_that_are_missing(monkeypatch, given, message):
    for name in ('HOST', 'APP_ID', 'TOKEN'):
        monkeypatch.delenv('AI_SERVICE_' + name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    with pytest.raises(ValueError) as caught:
        ApiClient.from_env()
    assert str(caught.value) == message


def test_from_env_reads_all_three_and_takes_a_configuration(monkeypatch):
    for name, value in (('HOST', HOST), ('APP_ID', 'app'), ('TOKEN', 'tok')):
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    client = ApiClient.from_env()
    assert (client.host, client.configuration.appid, client.configuration.token) == (
        HOST, 'app', 'tok')
    configuration = Configuration(HOST, 'mine', 't')
    assert ApiClient.from_env(configuration).configuration is configuration


def test_a_client_shows_host_and_app_id_and_neither_token_nor_password():
    assert repr(ApiClient(HOST, 'app', 'tok')) == (
        "ApiClient(host='http://service.example.com', appid='app', token=***)")
    assert repr(ApiClient('http://me:pw@h', 'app', 'tok')) == (
        "ApiClient(host='http://***@h', appid='app', token=***)")


@pytest.mark.parametrize('value, shown', [
    (7, '7'), (b'caf\xe9', u'caf\xe9'), (Enum('Stage', {'LIVE': 'live'}, type=str).LIVE, 'live')])
def test_a_header_may_be_a_number_bytes_or_a_kind_of_text(client, mocked, value, shown):
    client.set_default_header('X-Mine', value)
    AiServiceTextApi(client).ner_text('x')
    assert sent(mocked).headers['X-Mine'] == shown


def test_a_header_of_none_is_refused_by_its_name(client, mocked):
    client.set_default_header('X-Mine', None)
    with pytest.raises(TypeError) as caught:
        AiServiceTextApi(client).ner_text('x')
    assert str(caught.value) == (
        'the value of header `X-Mine` is None; give text or leave it out')
    assert not mocked.calls


def test_a_client_is_not_pickled(client):
    with pytest.raises(TypeError):
        pickle.dumps(client)


# a call

def test_host_and_credentials_are_read_at_each_call(client, mocked):
    mocked.add('POST', 'http://b.example.com/api/v1/text', json=ENVELOPE)
    mocked.add('POST', 'http://a.example.com/api/v1/text', json=ENVELOPE)
    api = AiServiceTextApi(client)
    for host in ('http://a.example.com', 'http://b.example.com', HOST, 'http://a.example.com'):
        client.host = host
        client.configuration.appid = host
        api.ner_text('x')
        assert sent(mocked).url == host + '/api/v1/text'
        assert sent(mocked).headers['Authorization'].startswith(host + ':')


def test_a_call_gives_data_alone_or_with_status_and_headers(client, mocked):
    api = AiServiceTextApi(client)
    body = TextRequest('NER', 'x')
    assert api.ai_model_text(body).data == {'n': 1}
    answer, status, headers = api.ai_model_text_with_http_info(body)
    assert (answer.data, status, headers['x-ID']) == ({'n': 1}, 200, '7')
    data = api.ai_model_text_with_http_info(body, _return_http_data_only=True)
    assert data.data == {'n': 1}


@pytest.mark.parametrize('slack, is_kept', [(-1, False), (0, True), (1, True)])
def test_a_body_over_the_limit_is_let_go_once_it_has_been_read(client, mocked, slack, is_kept):
    api = AiServiceTextApi(client)
    api.ner_text('x')
    body = client.last_response.data
    assert json.loads(body.decode('utf-8')) == ENVELOPE
    client.configuration.last_response_limit = len(body) + slack
    assert api.ner_text('x').data == {'n': 1}
    assert client.last_response.data == (body if is_kept else None)


@pytest.mark.parametrize('body, why', [
    ('[1]', 'the answer is not a JSON object'), ('"x"', 'the answer is not a JSON object'),
    ('false', 'the answer is not a JSON object'),
    ('<html>', 'the answer cannot be read as JSON: Expecting value: line 1 column 1 (char 0)')])
def test_an_answer_that_is_no_envelope_is_refused_with_what_is_wrong(client, mocked, body, why):
    mocked.replace('POST', TEXT, body=body)
    with pytest.raises(ResponseError) as caught:
        AiServiceTextApi(client).ner_text('x')
    assert caught.value.why == why and caught.value.body == body.encode('ascii')


def test_an_answer_of_null_is_none(client, mocked):
    mocked.replace('POST', TEXT, body='null')
    assert AiServiceTextApi(client).ner_text('x') is None


def test_an_api_key_replaces_the_signature_and_a_hook_may_set_it(client, mocked):
    api = AiServiceTextApi(client)
    client.configuration.api_key['Authorization'] = 'key-1'
    client.configuration.api_key_prefix['Authorization'] = 'Bearer'
    api.ner_text('x')
    assert sent(mocked).headers['Authorization'] == 'Bearer key-1'
    client.configuration.api_key.clear()
    client.configuration.refresh_api_key_hook = lambda configuration: (
        configuration.api_key.update({'X-Request-Time': '12'}))
    api.ner_text('x')
    assert sent(mocked).headers['X-Request-Time'] == '12'
    assert sent(mocked).headers['Authorization'].startswith('app:')


def test_a_configured_limit_of_nonsense_is_refused_like_one_of_the_call(client, mocked):
    client.configuration.timeout = 'soon'
    with pytest.raises(ValueError, match="is 'soon'"):
        AiServiceTextApi(client).ner_text('x')
    with pytest.raises(ValueError, match="is 'soon'"):
        client.call_api('/things', 'GET')
    assert not mocked.calls
    assert AiServiceTextApi(client).ner_text('x', _request_timeout=None).data == {'n': 1}


def test_closing_twice_and_calling_afterwards_is_fine(client, mocked):
    api = AiServiceTextApi(client)
    assert api.ner_text('x', async_req=True).get(5).data == {'n': 1}
    client.close()
    client.close()
    with client as same:
        assert same is client and api.ner_text('x', async_req=True).get(5).data == {'n': 1}
    assert api.ner_text('x').data == {'n': 1}


@pytest.mark.parametrize('method, body, signed', [
    ('post'.upper(), None, b'{}'), ('PUT', None, b''), ('GET', None, b''), ('GET', 'x', b'x'),
    ('POST', '', b''), ('POST', {'a': [1, None]}, b'{"a": [1, null]}')])
def test_the_signature_helper_signs_each_body_as_the_old_sdk_did(client, method, body, signed):
    expected = create_sign(build_sign_string(method, '/x', signed), 'tok')
    assert client.client_create_sign(client.configuration, '/x', method, body, {}) == expected


def test_the_signature_helper_names_what_json_cannot_hold(client):
    with pytest.raises(ValueError, match='`post_body` cannot be sent as JSON'):
        client.client_create_sign(client.configuration, '/x', 'POST', {'a': float('nan')}, None)


# the generic call

def test_a_generic_call_fills_path_query_headers_and_body(client, mocked):
    mocked.add('POST', THINGS + '/a%2Fb/7', json={'n': '1'}, headers={'X-Id': '7'})
    data, status, headers = client.call_api(
        '/things/{name}/{id}', 'POST', {'name': 'a/b', 'id': 7},
        [('tag', ['x', 'y']), ('when', datetime.date(2024, 2, 3))], {'X-Mine': '1'},
        {'day': datetime.date(2024, 2, 3)}, response_type='dict(str, int)',
        collection_formats={'tag': 'multi'})
    assert (data, status, headers['x-id']) == ({'n': 1}, 200, '7')
    request = sent(mocked)
    assert request.url == THINGS + '/a%2Fb/7?tag=x&tag=y&when=2024-02-03'
    assert request.headers['X-Mine'] == '1' and 'Authorization' not in request.headers
    assert json.loads(request.body.decode('ascii')) == {'day': '2024-02-03'}
    assert client.last_response.status == 200
    assert isinstance(client.last_response, RESTResponse)


def test_a_generic_call_leaves_unescaped_what_the_configuration_names(client, mocked):
    mocked.add('GET', THINGS + '/a/b', json={})
    client.configuration.safe_chars_for_path_param = '/'
    client.call_api('/things/{name}', 'GET', {'name': 'a/b'})
    assert sent(mocked).url == THINGS + '/a/b' and sent(mocked).body is None


def test_a_generic_call_gives_what_was_asked_for(client, mocked):
    mocked.add('GET', THINGS, json=[1], headers={'X-Id': '7'})
    call = client.call_api
    assert call('/things', 'GET', response_type='list[int]', _return_http_data_only=True) == [1]
    assert call('/things', 'GET', _return_http_data_only=True) is None
    data, status, headers = call('/things', 'GET')
    assert (data, status, headers['X-Id']) == (None, 200, '7')
    raw = call('/things', 'GET', _preload_content=False, _return_http_data_only=True)
    assert raw.status == 200 and client.last_response is raw
    raw, status, headers = call('/things', 'GET', _preload_content=False)
    assert (raw.status, status, headers['X-Id']) == (200, 200, '7')
    with pytest.raises(ValueError, match='`configuration.timeout` is -1'):
        call('/things', 'GET', _request_timeout=-1)
    later = call('/things', 'GET', response_type='list[int]', async_req=True,
                 _return_http_data_only=True)
    assert later.get(5) == [1]
    client.close()


def test_a_generic_call_sends_a_form(client, mocked):
    mocked.add('POST', THINGS, json={})
    client.call_api('/things', 'POST', header_params={
        'Content-Type': 'application/x-www-form-urlencoded'}, post_params={
            'tag': ['x', 'y'], 'day': datetime.date(2024, 2, 3)}.items(),
        collection_formats={'tag': 'csv'})
    assert sorted(sent(mocked).body.split(b'&')) == [b'day=2024-02-03', b'tag=x%2Cy']


def test_a_generic_call_sends_files_with_name_and_type(client, mocked, tmp_path):
    picture, plain = tmp_path / 'a.png', tmp_path / 'noend'
    picture.write_bytes(b'PNG')
    plain.write_bytes(b'bytes')
    mocked.add('POST', THINGS, json={})
    client.call_api('/things', 'POST', header_params={'Content-Type': 'multipart/form-data'},
                    post_params=[('a', 'b')], files={'one': str(picture),
                                                     'more': [str(picture), str(plain)],
                                                     'none': None})
    body = sent(mocked).body
    assert body.count(b'name="one"; filename="a.png"') == 1
    assert body.count(b'name="more"; filename="') == 2 and b'name="none"' not in body
    assert body.count(b'Content-Type: image/png\r\n\r\nPNG\r\n') == 2
    assert body.count(b'Content-Type: application/octet-stream\r\n\r\nbytes\r\n') == 1
    assert b'name="a"' in body


def test_a_generic_call_puts_keys_where_the_settings_say(client, mocked):
    mocked.add('GET', THINGS, json={})
    client.configuration.api_key['Authorization'] = 'key-1'
    client.call_api('/things', 'GET', auth_settings=['auth', 'requestTime', 'unknown'])
    assert sent(mocked).headers['Authorization'] == 'key-1'
    assert 'X-Request-Time' not in sent(mocked).headers
    client.call_api('/things', 'GET')
    assert 'Authorization' not in sent(mocked).headers
    client.configuration.api_key = {'k': 'v'}
    client.configuration.auth_settings = lambda: {
        'key': {'in': 'query', 'key': 'k', 'value': 'v'}}
    client.call_api('/things', 'GET', query_params=[('a', 1)], auth_settings=['key'])
    assert sent(mocked).url == THINGS + '?a=1&k=v'


def test_a_request_to_a_complete_url_takes_all_that_a_verb_takes(client, mocked):
    mocked.add('POST', THINGS, json={'n': 1})
    answered = client.request('POST', THINGS, [('a', 1)], {'X-Mine': '1'}, None, {'b': 2})
    assert answered.data == b'{"n": 1}' and sent(mocked).body == b'{"b": 2}'
    assert sent(mocked).url == THINGS + '?a=1' and sent(mocked).headers['X-Mine'] == '1'
    client.request('POST', THINGS, None, {'Content-Type': 'application/x-www-form-urlencoded'},
                   [('c', 3)])
    assert sent(mocked).body == b'c=3'
    assert isinstance(client.request('POST', THINGS), RESTResponse)
    assert not isinstance(client.request('POST', THINGS, _preload_content=False), RESTResponse)
    with pytest.raises(ValueError, match='`configuration.timeout` is -1'):
        client.request('POST', THINGS, _request_timeout=-1)


@pytest.mark.parametrize('formats, pairs', [
    (None, [('a', ['x', 'y'])]), ({'a': 'csv'}, [('a', 'x,y')]), ({'a': 'ssv'}, [('a', 'x y')]),
    ({'a': 'tsv'}, [('a', 'x\ty')]), ({'a': 'pipes'}, [('a', 'x|y')]),
    ({'a': 'multi'}, [('a', 'x'), ('a', 'y')])])
def test_a_list_of_parameters_is_joined_as_its_format_says(client, formats, pairs):
    assert client.parameters_to_tuples({'a': ['x', 'y']}, formats) == pairs
    assert client.parameters_to_tuples([('a', ['x', 'y'])], formats) == pairs


@pytest.mark.parametrize('accepts, header', [
    ([], None), (None, None), (['application/json'], 'application/json'),
    (['text/plain', 'Application/JSON'], 'application/json'),
    (['Text/Plain', 'image/png'], 'text/plain, image/png')])
def test_json_is_accepted_alone_where_it_is_offered(client, accepts, header):
    assert client.select_header_accept(accepts) == header


@pytest.mark.parametrize('types, header', [
    ([], 'application/json'), (None, 'application/json'),
    (['text/plain', 'Application/JSON'], 'application/json'), (['*/*'], 'application/json'),
    (['Text/Plain', 'image/png'], 'text/plain')])
def test_json_is_sent_where_it_is_possible(client, types, header):
    assert client.select_header_content_type(types) == header
