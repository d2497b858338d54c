"""Whatever comes and whatever is given, only values and known errors come out."""
import json
import os

import pytest
from calls import check, client_of, job, train
from fault_server import OK_BODY, FaultServer, answer, head, raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceJobApi, ApiClient, ApiException, Response)
from ai_service_python_sdk.client.address import base_of
from ai_service_python_sdk.client.transport.exchange import MOST_REDIRECTS

#: Of each test; other ones in each run. No deadline: a timing is no result.
EXAMPLES = int(os.environ.get('EXAMPLES', 50))
LOOSE = dict(deadline=None, suppress_health_check=list(HealthCheck))
HEAD = head('Content-Length: %d' % len(OK_BODY))
WHOLE = HEAD + OK_BODY


@pytest.fixture(scope='module')
def server():
    with FaultServer() as running:
        yield running


def outcome(server, script, call=train, hops=0):
    """Play one answer; return what came out, having checked that it is of a known kind."""
    server.actions = [script]
    count = len(server.requests)
    client = client_of(server.host, repeats=0)
    try:
        result = call(client, _request_timeout=3)
    except ApiException as error:
        assert isinstance(str(error), str) and len(str(error)) < 20000
        result = error
    finally:
        client.close()
    assert count + 1 <= len(server.requests) <= count + 1 + hops
    assert result is None or isinstance(result, (Response, ApiException))
    return result


@given(st.binary(max_size=300))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_bytes_instead_of_an_answer(server, data):
    outcome(server, raw(data))


@given(st.binary(max_size=300), st.integers(200, 599))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_bytes_as_a_body(server, data, status):
    result = outcome(server, answer(data, '{} Odd'.format(status)))
    assert status < 300 or isinstance(result, ApiException)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4)
                    | st.dictionaries(st.sampled_from(
                        ['code', 'data', 'message', 'request_id', 'job', 'state', 'check_results',
                         'job_id', 'model_id', 'image', 'id', 'Result', 'create_time', 'url']),
                        inner, max_size=5), max_leaves=20))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_json_as_a_body_and_every_typed_look_at_it(server, value):
    script = answer(json.dumps(value).encode('ascii'))
    for call in (train, check, job):
        result = outcome(server, script, call)
        if isinstance(result, Response):
            for name in dir(result):
                if not name.startswith('_'):
                    getattr(result, name)
            repr(result)
            if call is job:
                for name in dir(result.job):
                    getattr(result.job, name)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_a_good_answer_with_some_bytes_changed(server, place, data):
    outcome(server, raw(WHOLE[:place] + data + WHOLE[place + len(data):]))


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_a_good_answer_cut_anywhere_is_an_error(server, place):
    assert isinstance(outcome(server, raw(WHOLE[:place])), ApiException)


NAMES = st.sampled_from(['Content-Length', 'Transfer-Encoding', 'Content-Encoding', 'Connection',
                         'Location', 'Retry-After', 'Set-Cookie', 'Content-Type', 'X-Odd'])


@given(st.lists(st.tuples(NAMES, st.text(st.characters(max_codepoint=255),
                                         max_size=20)), max_size=4),
       st.sampled_from(['200 OK', '302 Found', '401 No', '469 No', '503 Busy']))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_headers(server, headers, status):
    outcome(server, answer(OK_BODY, status, headers, keep=False),
            hops=MOST_REDIRECTS if status == '302 Found' else 0)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
                    | st.binary(max_size=3), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8)


@given(JSON, JSON, JSON)
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_arguments_are_sent_whole_or_refused_with_a_known_error(
        server, images, model_name, configure):
    server.actions = [answer()]
    count = len(server.requests)
    client = client_of(server.host, repeats=0)
    try:
        AIGCImagesApi(client).aigc_images_train(images, model_name, configure)
    except (ValueError, TypeError) as error:
        assert str(error) and len(server.requests) == count
    else:
        assert len(server.requests) == count + 1
        assert server.requests[-1].json['images'] == images
    finally:
        client.close()


@given(st.text(max_size=20) | st.integers() | st.binary(max_size=10))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_job_id_stays_below_its_path_or_is_refused(server, job_id):
    server.actions = [answer()]
    count = len(server.requests)
    client = client_of(server.host, repeats=0)
    try:
        AiServiceJobApi(client).get_async_job(job_id)
    except ValueError:
        assert len(server.requests) == count
    else:
        path = server.requests[-1].path
        assert path.startswith('/api/v1/async_jobs/') and path.count('/') == 4
        assert path.rsplit('/', 1)[1] not in ('', '.', '..')
    finally:
        client.close()


@given(st.text(max_size=20), st.text(max_size=10), st.text(max_size=10))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_credentials_and_headers_are_sent_or_refused(server, appid, token, value):
    server.actions = [answer()]
    client = ApiClient(server.host, appid, token, header_name='X-Mine', header_value=value)
    try:
        AiServiceJobApi(client).get_async_job(11)
    except (ValueError, TypeError) as error:
        assert str(error)
    else:
        assert set(server.requests[-1].headers) <= {
            'host', 'accept', 'content-type', 'authorization', 'user-agent', 'x-mine',
            'content-length', 'accept-encoding', 'connection'}
    finally:
        client.close()


@given(st.text(max_size=30))
@settings(max_examples=EXAMPLES, **LOOSE)
def test_any_host_is_called_or_refused(host):
    client = ApiClient(host, 'app', 'token')
    try:
        base_of(client.host)
    except ValueError as error:
        assert '`host`' in str(error)
