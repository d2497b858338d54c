"""URL, headers and bytes of a request: what is encoded how, and what is refused."""
import pytest

from ai_service_python_sdk import ApiException
from ai_service_python_sdk.client.serialization import encode_request


def refusal(call, *arguments, **options):
    with pytest.raises((TypeError, ValueError)) as caught:
        call(*arguments, **options)
    return str(caught.value)


def test_a_method_that_nobody_knows_is_refused_with_those_that_are():
    assert refusal(encode_request, 'BREW', 'http://h', None, None, None, None) == (
        "`method` is 'BREW'; must be one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE")


def test_a_body_and_a_form_together_are_refused():
    assert refusal(encode_request, 'POST', 'http://h', None, None, {}, [('a', 1)]) == (
        '`body` and `post_params` were both given; a request has one of them')


def test_a_body_that_its_type_cannot_carry_is_refused_as_the_old_sdk_did():
    with pytest.raises(ApiException) as caught:
        encode_request('POST', 'http://h', None, {'Content-Type': 'text/plain'}, {'a': 1}, None)
    assert (caught.value.status, caught.value.reason) == (
        0, 'a body of type dict cannot be sent as text/plain; give bytes or text')


@pytest.mark.parametrize('url, query, sent', [
    ('http://h', None, 'http://h/'), ('http://h?a=1', None, 'http://h/?a=1'),
    ('h/x', [('b', 2)], 'http://h/x?b=2'), ('http://h/x#part', None, 'http://h/x'),
    ('http://h/x?a=1', {'b': '2 3'}, 'http://h/x?a=1&b=2+3'),
    ('http://h:81/a?b=[]', None, 'http://h:81/a?b=%5B%5D')])
def test_the_url_of_a_generic_call_is_completed(url, query, sent):
    assert encode_request('GET', url, query, None, None, None) == (
        sent, {'Content-Type': 'application/json'}, None)


@pytest.mark.parametrize('url', ['', 'http://', 'ftp://h/x', 'http://me:pw@h/x'])
def test_a_url_that_leads_nowhere_is_refused_by_that_name(url):
    assert refusal(encode_request, 'GET', url, None, None, None, None).startswith('`url` ')


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_a_number_that_json_lacks_is_refused_in_a_generic_body_too(value):
    assert refusal(encode_request, 'POST', 'http://h', None, None, {'a': value}, None)


@pytest.mark.parametrize('body, form, sent', [
    ({'a': '1 2'}, None, b'a=1+2'), (None, [('a', 1)], b'a=1'), (None, None, b'')])
def test_a_form_may_be_given_as_fields_or_as_a_body(body, form, sent):
    kind = {'Content-Type': 'application/x-www-form-urlencoded'}
    assert encode_request('post', 'http://h', None, kind, body, form) == ('http://h/', kind, sent)


@pytest.mark.parametrize('kind', ['application/json', 'application/vnd.x+JSON; charset=utf-8'])
def test_json_of_any_name_is_sent_as_json(kind):
    given = {'Content-Type': kind}
    assert encode_request('POST', 'http://h', None, given, ['a'], None)[2] == b'["a"]'
    assert given == {'Content-Type': kind}


def test_the_body_of_an_operation_is_json_whatever_content_type_says():
    kind = {'Content-Type': 'application/x-www-form-urlencoded'}
    assert encode_request('POST', 'http://h/x', None, kind, {'a': 1}, None, True) == (
        'http://h/x', kind, b'{"a": 1}')
