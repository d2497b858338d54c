"""docs/openapi.yaml against the emulator: whatever is sent, the answer is one that it lists."""
import ipaddress
import json
import socket
import time

import pytest
import requests
from openapi_file import OPERATIONS, PATH, answer_problems, by_id, problems

from ai_service_python_sdk.util.sign import authorization


class Signed(requests.auth.AuthBase):
    """Signs the exact bytes that are about to be sent."""

    def __init__(self, service):
        self.service = service

    def __call__(self, request):
        request.headers['Authorization'] = authorization(
            self.service.app_id, self.service.token, request.method, request.path_url,
            request.body or b'')
        return request


@pytest.fixture(autouse=True, scope='module')
def nobody_elsewhere():
    """Refuse, and report, every connection that would leave this computer."""
    left = []
    connect = socket.socket.connect

    def watched(sock, address):
        if isinstance(address, tuple) and not ipaddress.ip_address(address[0]).is_loopback:
            left.append(address)
            raise OSError('{} is elsewhere'.format(address))
        return connect(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, 'connect', watched)
        yield
    assert left == []


# requests that schemathesis makes up, right and wrong ones

@pytest.fixture(scope='module')
def schema():
    """The document as schemathesis reads it, which no process loads that runs other tests."""
    schemathesis = pytest.importorskip('schemathesis', reason='needs Python 3.10')
    return schemathesis.openapi.from_path(PATH)


def checks():
    """Return what is asked of every answer."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks
    return [not_a_server_error, checks.status_code_conformance,
            checks.content_type_conformance, checks.response_headers_conformance,
            checks.response_schema_conformance, checks.unsupported_method,
            checks.allow_header_conformance]


@pytest.mark.parametrize('mode', ['positive', 'negative'])
@pytest.mark.parametrize('operation', sorted(OPERATIONS), ids=' '.join)
def test_right_and_wrong_requests_are_answered_as_listed(operation, mode, schema, emulator):
    from hypothesis import HealthCheck, given, settings
    from schemathesis import GenerationMode
    method, path = operation

    @given(schema[path][method].as_strategy(generation_mode=GenerationMode(mode)))
    @settings(max_examples=10, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))
    def is_answered_as_listed(case):
        answer = case.call(base_url=emulator.host, auth=Signed(emulator))
        case.validate_response(answer, checks=checks())
        # Else the request itself would not have been looked at.
        assert answer.json()['message'] not in ('sign error', 'not found appid')
    is_answered_as_listed()


# the flow, along the links

def ask(service, operation_id, body=None, **ids):
    """Send a request, hold the answer against its schema, return it."""
    (method, path), operation = by_id(operation_id)
    answer = requests.request(method, service.host + path.format(**ids), auth=Signed(service),
                              data=None if body is None else json.dumps(body))
    assert answer_problems(operation, answer.status_code, answer.json()) == []
    return answer.json()


def link(operation_id, name, answer):
    """Return (operation id, its ids, its body) of a link, filled in from an answer."""
    found = by_id(operation_id)[1]['responses']['200']['links'][name]
    return (found['operationId'], filled_in(found.get('parameters', {}), answer),
            filled_in(found.get('requestBody', {}), answer))


def filled_in(expressions, answer):
    return {key: value_of(expression, answer) for key, expression in expressions.items()}


def value_of(expression, answer):
    start = '$response.body#/'
    if not expression.startswith(start):
        return expression
    for part in expression[len(start):].split('/'):
        answer = answer[part]
    return answer


def done(service, training):
    """Ask for a training's job until it has ended; return it."""
    operation_id, ids, _ = link('aigc_images_train', 'job', training)
    deadline = time.time() + 30
    while time.time() < deadline:
        job = ask(service, operation_id, {}, **ids)['data']['job']
        if job['state'] in (2, 3):
            return job
        time.sleep(0.02)
    raise AssertionError('the training does not end')


def train(service):
    images = [service.url('collins_{}.jpg'.format(index)) for index in range(5)]
    checked = ask(service, 'aigc_images_check', {'action': 'AIGCImageCheck', 'images': images})
    assert [result['code'] for result in checked['data']['check_results']] == [1] * 5
    return ask(service, 'aigc_images_train', {'action': 'AIGCImageTrain', 'images': images})


def test_from_photos_to_a_portrait_along_the_links_every_answer_is_as_listed(emulator):
    training = train(emulator)
    job = done(emulator, training)
    result = json.loads(job['Result'])
    assert problems(result, {'$ref': '#/components/schemas/TrainingResult'}) == []
    assert result['model_id'] == training['data']['model_id']
    operation_id, ids, body = link('aigc_images_train', 'portrait', training)
    body['template_image'] = emulator.url('template_single_hopper.jpg')
    assert ask(emulator, operation_id, body, **ids)['data']['image']


def test_a_training_that_fails_is_reported_as_listed(own_emulator):
    service = own_emulator()
    service.faults.fail_training('train_weights')
    assert done(service, train(service))['message'] == 'Training - Not get lora weight'


@pytest.mark.parametrize('operation_id, name, body', [
    ('ai_model_video', 'job', {'action': 'VideoQA', 'video_url': 'u'}),
    ('ai_model_batch_video', 'batch', {'action': 'VideoQA', 'videos': [{'url': 'u'}] * 2})])
def test_videos_lead_to_jobs_along_the_links(emulator, operation_id, name, body):
    begun = ask(emulator, operation_id, body)
    linked, ids, _ = link(operation_id, name, begun)
    assert ask(emulator, linked, **ids)['code'] == 'OK'


def test_a_picture_is_rated_as_listed(emulator):
    body = {'action': 'ImageQA', 'image': emulator.url('collins_0.jpg')}
    answer = ask(emulator, 'ai_model_image', body)
    assert problems(answer, {'$ref': '#/components/schemas/ImageQAResponse'}) == []
