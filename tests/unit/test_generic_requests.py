"""A request that no operation declares: query, body, form, key."""
import pytest

from ai_service_python_sdk import ApiClient
from ai_service_python_sdk.client import serialization


def test_a_query_is_added_to_one_that_is_there():
    url = serialization.encode_request('GET', 'http://h/x?a=1', [('b', '2')], None, None, None)[0]
    assert url == 'http://h/x?a=1&b=2'


@pytest.mark.parametrize('headers, body, form, sent', [
    ({'Content-Type': 'application/x-www-form-urlencoded'}, None, [('a', '1 2')], b'a=1+2'),
    ({'Content-Type': 'text/plain'}, u'\u4e2d', None, u'\u4e2d'.encode('utf-8')),
    ({'Content-Type': 'text/plain'}, b'raw', None, b'raw'),
    ({}, None, None, b'{}'), ({}, {'a': 1}, None, b'{"a": 1}')])
def test_a_generic_body_is_encoded_as_its_type_says(headers, body, form, sent):
    assert serialization.encode_request('POST', 'http://h', None, headers, body, form)[2] == sent


def test_a_multipart_form_names_its_boundary():
    _, headers, body = serialization.encode_request(
        'POST', 'http://h', None, {'Content-Type': 'multipart/form-data'}, None, [('a', 'b')])
    boundary = headers['Content-Type'].split('boundary=')[1]
    assert boundary.encode('ascii') in body and b'name="a"' in body


@pytest.mark.parametrize('arguments, problem', [
    (('BREW', 'http://h', None, None, None, None), '`method`'),
    (('POST', 'http://h', None, None, {'a': 1}, [('a', 'b')]), '`post_params`')])
def test_a_generic_call_that_makes_no_sense_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        serialization.encode_request(*arguments)


def test_the_signature_helper_of_the_old_sdk_takes_every_body():
    client = ApiClient('http://h', 'a', 't')
    sign = client.client_create_sign
    configuration = client.configuration
    as_text = sign(configuration, '/x', 'POST', '{"a": 1}', None)
    assert as_text == sign(configuration, '/x', 'POST', b'{"a": 1}', None)
    assert as_text == sign(configuration, '/x', 'POST', {'a': 1}, None)
    nothing = [sign(configuration, '/x', method, None, None) for method in ('POST', 'GET')]
    assert nothing[0] == sign(configuration, '/x', 'POST', '{}', None)
    assert nothing[1] == sign(configuration, '/x', 'GET', '', None)


def test_a_key_may_go_into_the_query():
    client = ApiClient('http://h', 'a', 't')
    client.configuration.api_key = {'k': 'v'}
    client.configuration.auth_settings = lambda: {
        'q': {'in': 'query', 'key': 'k', 'value': 'v'},
        'empty': {'in': 'query', 'key': 'e', 'value': None}}
    query = []
    client.update_params_for_auth({}, query, ['q', 'empty', 'unknown'])
    assert query == [('k', 'v')]
