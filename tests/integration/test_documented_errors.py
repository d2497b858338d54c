"""The documented errors, in all three deliveries, over real sockets."""
import copy
import json
import pickle

import pytest
from calls import check, client_of, job, train
from fault_server import FaultServer, answer

from ai_service_python_sdk import ApiException, AsyncJobResponse, ResponseError
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.errors.table import DOCUMENTED
from ai_service_python_sdk.util.language import set_language

ROWS = [(cls, cls.http_status, cls.error_code, message)
        for cls in DOCUMENTED for message in cls.messages]
IDS = ['{}-{}'.format(row[0].__name__, index) for index, row in enumerate(ROWS)]


def body_of(code, message):
    return json.dumps({'request_id': 'req-1', 'code': code, 'message': message,
                       'data': {}}).encode('utf-8')


@pytest.mark.parametrize('cls, status, code, message', ROWS, ids=IDS)
def test_a_documented_status_raises_its_class_with_all_it_says(cls, status, code, message):
    with FaultServer(answer(body_of(code, message), '{} Reason'.format(status))) as server:
        with pytest.raises(cls) as caught:
            train(client_of(server.host))
    error = caught.value
    assert type(error) is cls and isinstance(error, ApiException)
    assert (error.status, error.status_code, error.code, error.message, error.request_id) == (
        status, status, code, message, 'req-1')
    assert error.hint and isinstance(error.body, bytes)
    assert error.headers['content-LENGTH'] == str(len(error.body))
    assert str(error).startswith('({})'.format(status))
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (type(twin), str(twin), twin.body, twin.request_id) == (
            cls, str(error), error.body, 'req-1')
    assert len(server.requests) == 1


@pytest.mark.parametrize('cls, status, code, message', ROWS, ids=IDS)
def test_the_same_cause_under_200_is_raised_when_asked_for(cls, status, code, message):
    with FaultServer(answer(body_of(code, message))) as server:
        response = train(client_of(server.host))
    assert not response.ok and response.message == message
    with pytest.raises(cls) as caught:
        response.raise_for_code()
    assert caught.value.request_id == 'req-1' and caught.value.hint


@pytest.mark.parametrize('cls, status, code, message',
                         [row for row in ROWS if row[2] == 'error'])
def test_the_same_cause_as_the_message_of_a_failed_job_is_known(cls, status, code, message):
    data = {'job': {'id': 11, 'state': 3, 'message': message}}
    body = json.dumps({'request_id': 'r', 'code': 'OK', 'message': 'success', 'data': data})
    with FaultServer(answer(body.encode('utf-8'))) as server:
        response = job(client_of(server.host))
    assert isinstance(response, AsyncJobResponse) and response.job.message == message
    failed = error_of_job(11, message, 'model-1')
    assert failed.message == message and failed.job_id == 11 and failed.model_id == 'model-1'
    assert failed.hint and message in str(failed)


def test_two_megabytes_of_html_make_a_readable_error():
    page = b'<html>' + b'x' * 2000000 + b'</html>'
    with FaultServer(answer(page, '500 Oops', [('Content-Type', 'text/html')])) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host))
    assert len(str(caught.value)) < 5000 and len(repr(caught.value)) < 5000
    assert caught.value.body == page and caught.value.status == 500


@pytest.mark.parametrize('chosen', ['zh', 'en'])
def test_the_error_speaks_the_chosen_language(chosen):
    cls, status, code, message = next(row for row in ROWS if row[1] == 469)
    hint = {'zh': cls.hint_zh, 'en': cls.hint_en}[chosen]
    try:
        set_language(chosen)
        with FaultServer(answer(body_of(code, message), '469 Reason')) as server:
            with pytest.raises(cls) as caught:
                train(client_of(server.host))
        assert caught.value.hint == hint and hint in str(caught.value)
    finally:
        set_language(None)


@pytest.mark.parametrize('status', [300, 304, 305, 400, 401, 403, 404, 405, 409, 413, 418, 429,
                                    451, 462, 469, 500, 501, 502, 503, 504, 520, 599, 600, 999])
def test_any_status_that_is_no_success_is_an_api_exception(status):
    with FaultServer(answer(b'', '{} Reason'.format(status))) as server:
        with pytest.raises(ApiException) as caught:
            check(client_of(server.host, repeats=0))
    assert caught.value.status == status and not isinstance(caught.value, ResponseError)
