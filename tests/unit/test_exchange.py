"""The wire without a network: verbs, limits and repeats by a clock of our own, what is logged."""
import json
import logging
import os

import pytest
import requests
import urllib3
from support.clock import Clock

from ai_service_python_sdk import ApiException, Configuration, RetryPolicy
from ai_service_python_sdk.client.transport import exchange, sockets
from ai_service_python_sdk.client.exceptions import SignatureError
from ai_service_python_sdk.client.retry import COST
from ai_service_python_sdk.client.timeouts import limits_of
from ai_service_python_sdk.client.rest import RESTClientObject, RESTResponse, Request

URL = 'http://service.example.com/api/v1/things'


@pytest.fixture
def wire():
    return RESTClientObject(Configuration('http://service.example.com', 'app', 'tok'))


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(10.0)
    for module in (exchange, sockets):
        monkeypatch.setattr(module, 'time', clock)
    return clock


def answering(mock, clock, *answers, **options):
    """Play (seconds, status, headers), the last one again and again; return what was asked."""
    asked = []

    def play(request):
        seconds, status, headers = answers[min(len(asked), len(answers) - 1)]
        asked.append(request)
        clock.now += seconds
        return status, headers, options.get('body', '{}')
    mock.add_callback('GET', options.get('url', URL), play)
    return asked


# verbs

@pytest.mark.parametrize('verb', ['GET', 'HEAD'])
def test_a_verb_that_reads_sends_headers_and_query_but_no_body(wire, mocked, verb):
    mocked.add(verb, URL, body='' if verb == 'HEAD' else '{"a": 1}', headers={'X-Id': '7'})
    answer = getattr(wire, verb)(URL, {'X-Mine': '1'}, [('page', '2')])
    sent = mocked.calls[0].request
    assert (sent.method, sent.url, sent.body) == (verb, URL + '?page=2', None)
    assert sent.headers['X-Mine'] == '1' and 'Content-Length' not in sent.headers
    assert (answer.status, answer.getheader('x-ID')) == (200, '7')
    assert (answer.getheader('absent'), answer.getheader('absent', 'else')) == (None, 'else')
    assert isinstance(answer, RESTResponse)
    assert verb == 'HEAD' or answer.data == b'{"a": 1}'
    assert isinstance(wire.request(verb, URL), RESTResponse)


def test_a_delete_may_have_a_body(wire, mocked):
    mocked.add('DELETE', URL, body='')
    wire.DELETE(URL, {'X-Mine': '1'}, [('page', '2')], {'a': 1})
    sent = mocked.calls[0].request
    assert (sent.method, sent.url, sent.body) == ('DELETE', URL + '?page=2', b'{"a": 1}')
    assert sent.headers['X-Mine'] == '1' and sent.headers['Content-Length'] == '8'


@pytest.mark.parametrize('verb, body', [('POST', b'a=1'), ('PUT', b'a=1'), ('PATCH', b'a=1'),
                                        ('OPTIONS', None)])
def test_a_verb_that_writes_sends_a_form_or_a_body(wire, mocked, verb, body):
    mocked.add(verb, URL, body='')
    send = getattr(wire, verb)
    assert send.__name__ == verb and verb in send.__doc__
    headers = {'Content-Type': 'application/x-www-form-urlencoded'}
    send(URL, headers, [('page', '2')], [('a', 1)])
    send(URL, body={'b': 2})
    form, plain = mocked.calls[0].request, mocked.calls[1].request
    assert (form.method, form.url, form.body) == (verb, URL + '?page=2', body)
    assert (plain.url, plain.body) == (URL, body and b'{"b": 2}')
    assert plain.headers['Content-Type'] == 'application/json'


# answers

@pytest.mark.parametrize('status, is_success', [(199, False), (200, True), (299, True),
                                                (300, False)])
def test_200_to_299_are_answers_and_all_others_errors(wire, mocked, status, is_success):
    mocked.add('GET', URL, body='{}', status=status)
    if is_success:
        assert wire.GET(URL).status == status
    else:
        with pytest.raises(ApiException) as caught:
            wire.GET(URL)
        assert caught.value.status == status


def test_an_error_is_raised_even_if_the_body_was_to_be_left_unread(wire, mocked):
    mocked.add('GET', URL, body='{"code": "NEW", "message": "no"}', status=400)
    with pytest.raises(ApiException) as caught:
        wire.GET(URL, _preload_content=False)
    assert caught.value.message == 'no'


@pytest.mark.parametrize('count, is_followed', [(5, True), (6, False)])
def test_five_redirects_are_followed_and_no_sixth(wire, mocked, clock, count, is_followed):
    asked = answering(mocked, clock, *(
        [(0, 307, {'Location': URL})] * count + [(0, 200, {})]))
    if is_followed:
        assert wire.GET(URL).status == 200
    else:
        with pytest.raises(ApiException) as caught:
            wire.GET(URL)
        assert caught.value.status == 307
    assert len(asked) == 6


class Reading(requests.Session):
    """A session that reads every answer before it hands it over, as caching sessions do."""

    def send(self, request, **kwargs):
        response = requests.Session.send(self, request, **kwargs)
        assert response.content
        return response


def test_a_session_of_the_users_may_have_read_the_answer(wire, mocked):
    mocked.add('GET', URL, body='{"a": 1}')
    wire.configuration.session = Reading()
    assert wire.GET(URL).data == b'{"a": 1}'


def test_the_hooks_of_the_users_session_see_every_answer(wire, mocked):
    mocked.add('GET', URL, body='{"a": 1}')
    wire.configuration.session = requests.Session()
    seen = []
    wire.configuration.session.hooks['response'].append(
        lambda response, *args, **kwargs: seen.append(response.json()))
    assert wire.GET(URL).data == b'{"a": 1}' and seen == [{'a': 1}]


def test_a_hook_that_raises_for_the_status_ends_in_our_error_with_all_it_says(wire, mocked):
    mocked.add('GET', URL, body='{"code": "PARAMETER_ERROR", "message": "sign error"}', status=401)
    wire.configuration.session = requests.Session()
    wire.configuration.session.hooks['response'].append(
        lambda response, *args, **kwargs: response.raise_for_status())
    with pytest.raises(SignatureError) as caught:
        wire.GET(URL)
    assert caught.value.status == 401


def test_a_hook_that_refuses_a_good_answer_is_not_overruled(wire, mocked):
    def refuse(response, *args, **kwargs):
        raise requests.HTTPError('not what I want', response=response)
    mocked.add('GET', URL, body='{"a": 1}')
    wire.configuration.session = requests.Session()
    wire.configuration.session.hooks['response'].append(refuse)
    with pytest.raises(ApiException, match='not what I want'):
        wire.GET(URL)


@pytest.mark.parametrize('errors', [[KeyError('a')], [KeyError('a'), KeyError('b')]], ids=len)
def test_an_error_of_a_hook_whose_causes_go_round_in_a_ring_comes_out(wire, mocked, errors):
    def refuse(response, *args, **kwargs):
        errors[-1].__cause__ = errors[0]
        raise errors[0] from errors[-1]
    mocked.add('GET', URL, body='{}')
    wire.configuration.session = requests.Session()
    wire.configuration.session.hooks['response'].append(refuse)
    with pytest.raises(KeyError) as caught:
        wire.GET(URL)
    assert caught.value is errors[0] and errors[0].__cause__ is errors[-1]


def test_a_session_of_the_users_does_not_follow_redirects_by_itself(wire, mocked):
    mocked.assert_all_requests_are_fired = False
    mocked.add('GET', URL, status=307, headers={'Location': 'http://elsewhere.example.com/'})
    mocked.add('GET', 'http://elsewhere.example.com/', body='{}')
    wire.configuration.session = requests.Session()
    with pytest.raises(ApiException) as caught:
        wire.GET(URL)
    assert caught.value.status == 307 and len(mocked.calls) == 1


@pytest.mark.parametrize('error', [ConnectionResetError(104, 'reset'),
                                   urllib3.exceptions.ProtocolError('broken')])
def test_what_the_users_own_session_raises_need_not_be_of_requests(wire, error):
    class Broken(requests.Session):
        def send(self, request, **kwargs):
            raise error
    wire.configuration.session = Broken()
    with pytest.raises(ApiException) as caught:
        wire.GET(URL)
    assert caught.value.is_in_doubt and caught.value.reason is error


def test_an_answer_may_be_made_of_one_of_urllib3_alone():
    raw = type('Raw', (), {'status': 200, 'reason': 'Fine', 'data': b'{}', 'headers': {'A': 'b'}})
    answer = RESTResponse(raw)
    assert (answer.status, answer.reason, answer.data) == (200, 'Fine', b'{}')
    assert RESTResponse(raw, b'').data == b'' and answer.getheaders() == {'A': 'b'}


# repeats

@pytest.fixture
def repeating(wire):
    """A wire that repeats at once what may be repeated."""
    wire.configuration.retry_policy = RetryPolicy(repeats=3, first_delay=0, longest_delay=0)
    return wire


def ask(wire, limit=None):
    request = Request('GET', URL, {}, None)
    request.repeatable = True
    return wire._opened().send(request, limits_of(limit), True)[0]


def test_the_pause_is_what_the_service_asks_for(repeating, mocked, clock):
    asked = answering(mocked, clock, (0, 503, {'Retry-After': '7'}), (0, 429, {}), (0, 200, {}))
    assert ask(repeating).status == 200
    assert clock.pauses == [7.0, 0.0] and len(asked) == 3


@pytest.mark.parametrize('seconds, count', [(59, 2), (60, 1), (61, 1)])
def test_after_sixty_seconds_nothing_is_sent_again(repeating, mocked, clock, seconds, count):
    asked = answering(mocked, clock, (seconds, 503, {}))
    with pytest.raises(ApiException):
        ask(repeating)
    assert len(asked) == count


@pytest.mark.parametrize('limit, count', [(6, 1), (7, 2), (8, 2), (None, 4), ((6, 6), 4)])
def test_a_pause_that_would_outlast_the_limit_of_the_call_is_not_begun(
        repeating, mocked, clock, limit, count):
    asked = answering(mocked, clock, (1, 503, {'Retry-After': '6'}))
    with pytest.raises(ApiException) as caught:
        ask(repeating, limit)
    assert caught.value.status == 503 and len(asked) == count
    assert clock.pauses == [6.0] * (count - 1)
    assert repeating._exchange._quota.spent == COST * (count - 1)


# what is logged

def test_a_line_says_method_path_status_milliseconds_and_request_id(wire, mocked, clock, caplog):
    body = json.dumps({'request_id': 'r-1', 'code': 'OK'})
    answering(mocked, clock, (12.5, 200, {}), body=body)
    with caplog.at_level(logging.DEBUG, 'ai_service_python_sdk'):
        wire.GET(URL)
    assert [record.getMessage() for record in caplog.records
            if record.name == 'ai_service_python_sdk'] == [
        'GET /api/v1/things -> 200 in 12500 ms, request id r-1']


def test_a_line_about_a_failure_names_its_kind(wire, mocked, clock, caplog):
    def fail(request):
        clock.now += 0.5
        raise requests.ConnectionError('broken')
    mocked.add_callback('GET', URL, fail)
    with caplog.at_level(logging.DEBUG, 'ai_service_python_sdk'):
        with pytest.raises(ApiException):
            wire.GET(URL)
    assert 'GET /api/v1/things -> QueryDroppedError in 500 ms, request id -' in [
        record.getMessage() for record in caplog.records]


def test_a_repeat_is_a_warning_that_says_why_and_when(repeating, mocked, clock, caplog):
    answering(mocked, clock, (0, 503, {'Retry-After': '7'}), (0, 200, {}))
    with caplog.at_level(logging.WARNING, 'ai_service_python_sdk'):
        ask(repeating)
    record, = caplog.records
    assert record.getMessage() == (
        'GET /api/v1/things failed (ServiceError); sending again in 7.0 s')
    assert record.levelname == 'WARNING'


# connections

@pytest.mark.parametrize('processors, size', [(1, 32), (6, 32), (7, 35), (64, 320), (None, 32)])
def test_the_pool_grows_with_the_processors_from_32_up(monkeypatch, processors, size):
    monkeypatch.setattr(os, 'cpu_count', lambda: processors)
    assert RESTClientObject(Configuration('http://h', 'a', 't')).pool_size == size


@pytest.mark.parametrize('size', [1, 7, 400])
def test_a_pool_of_a_size_that_was_given_has_it(monkeypatch, size):
    monkeypatch.setattr(os, 'cpu_count', lambda: 4)
    configuration = Configuration('http://h', 'a', 't')
    assert RESTClientObject(configuration, maxsize=size).pool_size == size
    configuration.connection_pool_maxsize = size
    assert RESTClientObject(configuration).pool_size == size
