"""What a program reads of an error: its dict, its summary, when and whether it may repeat."""
import json
from unittest import mock

import pytest
from error_samples import REJECTED, ROWS, SIGNATURE, Answer, answered, every_error

from ai_service_python_sdk import TrainedModel
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors.base import LONGEST_RETRY_AFTER, dict_of
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.errors.service import error_of_envelope, error_of_response
from ai_service_python_sdk.util.language import set_language

pytestmark = pytest.mark.usefixtures('in_english')


def test_the_dict_of_a_documented_error_says_all_in_one_language_or_the_other():
    error = answered(401, 'PARAMETER_ERROR', 'sign error', 'Unauthorized', {'Retry-After': '7'})
    error.model_id = 'm-1'
    kind = exceptions.SignatureError
    assert error.to_dict() == error.to_dict('en') == {
        'class': 'SignatureError', 'status': 401, 'code': 'PARAMETER_ERROR',
        'message': 'sign error', 'reason': 'Unauthorized', 'meaning': kind.meaning_en,
        'hint': kind.hint_en, 'summary': error.summary, 'request_id': 'r-1', 'job_id': None,
        'model_id': 'm-1', 'retry_after': 7.0, 'safe_to_repeat': True, 'never_left': False,
        'is_in_doubt': False, 'models': []}
    chinese = error.to_dict('zh')
    assert (chinese['meaning'], chinese['hint']) == (kind.meaning_zh, kind.hint_zh)
    assert kind.meaning_zh in chinese['summary'] and kind.meaning_en in error.summary
    set_language('zh')
    assert error.to_dict() == chinese and error.summary == chinese['summary']


def test_the_dict_of_an_error_has_every_training_that_was_accepted_until_then():
    error = answered(400, 'EXCEEDED_QUOTA_ERROR', 'exceeded quota')
    error.models = [TrainedModel('a', 11), TrainedModel('b', 12)]
    assert json.loads(json.dumps(error.to_dict()))['models'] == [
        {'model_id': 'a', 'job_id': 11}, {'model_id': 'b', 'job_id': 12}]


def test_the_summary_of_an_error_of_others_is_one_line_too():
    assert dict_of(ValueError('a\nb\r\n  c\n')) == {'class': 'ValueError', 'summary': 'a b c'}


def test_every_error_has_a_dict_that_json_knows_and_a_summary_of_one_line():
    for error in every_error():
        for language in ('en', 'zh', None):
            found = json.loads(json.dumps(error.to_dict(language)))
            assert found['class'] == type(error).__name__
            assert found['summary'].startswith(found['class'])
            assert '\n' not in found['summary']
        assert error.summary == error.to_dict('en')['summary']


def test_a_summary_names_status_cause_ids_and_remedy():
    error = error_of_job(11, 'Image process error', 'm-1')
    assert error.summary == (
        'PhotoProcessError: The photos failed in preprocessing. '
        '[message: Image process error; job id: 11; model id: m-1] '
        'Run the check and replace the photos it names.')
    assert exceptions.ApiException(5, 'a\nb\r\n c').summary == 'ApiException (5): a b c'
    assert exceptions.ApiException().summary == 'ApiException:'


def test_neither_dict_nor_summary_shows_a_secret_or_runs_on_for_ever():
    error = error_of_response(Answer(
        400, json.dumps({'code': 'NEW', 'message': 'saw ' + SIGNATURE}).encode('ascii'),
        'Authorization: ' + 'x' * 5000))
    shown = json.dumps(error.to_dict()) + error.summary
    assert 'ab' * 32 not in shown and 'xxx' not in shown
    assert len(exceptions.ApiException(0, 'y' * 10 ** 6).to_dict()['reason']) < 1100


@pytest.mark.parametrize('value, seconds', [
    ('7', 7.0), (' 0 ', 0.0), ('999999999', LONGEST_RETRY_AFTER), ('soon', None), ('', None),
    ('-5', None), ('Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_RETRY_AFTER),
    ('Thu, 01 Jan 1970 00:00:00 GMT', 0.0)])
@pytest.mark.parametrize('name', ['Retry-After', 'retry-after', 'RETRY-AFTER'])
def test_retry_after_is_read_in_seconds_and_is_an_hour_at_most(name, value, seconds):
    assert answered(429, 'x', 'y', headers={'A': 'b', name: value}).retry_after == seconds


@pytest.mark.parametrize('headers, seconds', [
    ([('Retry-After', '7')], 7.0), ('Retry-After: 7', None), (mock.Mock(), None), (7, None)],
    ids=['pairs', 'text', 'a mock', 'a number'])
def test_an_error_of_a_double_of_an_answer_is_read_whatever_its_headers_are(headers, seconds):
    double = mock.Mock(status=429, reason='Slow', data=b'{"code": "error", "message": "no"}')
    double.getheaders.return_value = headers
    error = exceptions.ApiException(http_resp=double)
    assert str(error).startswith('(429)') and error.retry_after == seconds
    found = json.loads(json.dumps(error.to_dict()))
    assert (found['code'], found['message'], found['retry_after']) == ('error', 'no', seconds)


def test_without_the_header_or_without_headers_there_are_no_seconds_to_wait():
    assert answered(429, 'x', 'y', headers={'A': 'b'}).retry_after is None
    assert exceptions.ApiException(429).retry_after is None


@pytest.mark.parametrize('status, code, message, safe', [
    (400, 'PARAMETER_ERROR', 'not found appid', True),
    (400, 'EXCEEDED_QUOTA_ERROR', 'exceeded quota', True),
    (401, 'PARAMETER_ERROR', 'sign error', True),
    (404, 'PARAMETER_ERROR', 'model not found', True), (429, 'x', 'y', True),
    (400, 'NEW', 'new', False), (401, 'NEW', 'new', False), (403, 'NEW', 'new', False),
    (404, 'NEW', 'new', False), (408, 'NEW', 'new', False), (500, 'NEW', 'new', False),
    (502, 'NEW', 'new', False), (503, 'NEW', 'new', False), (504, 'NEW', 'new', False)])
def test_only_a_refusal_at_the_door_is_safe_to_repeat(status, code, message, safe):
    assert answered(status, code, message).safe_to_repeat is safe


def test_no_cause_that_comes_out_of_the_work_is_safe_to_repeat():
    for cls, message in ROWS:
        safe = cls.http_status < 462
        assert answered(cls.http_status, cls.error_code, message).safe_to_repeat is safe
        inside = error_of_envelope({'code': cls.error_code, 'message': message})
        assert inside.safe_to_repeat is safe
        assert not error_of_job(11, message).safe_to_repeat


def test_what_never_left_is_safe_to_repeat_and_what_may_have_left_is_not():
    assert exceptions.ConnectFailedError('refused', never_left=True).safe_to_repeat
    assert not exceptions.ConnectionDroppedError('reset').safe_to_repeat
    assert not exceptions.ApiTimeoutError('late').safe_to_repeat


def test_once_a_job_was_accepted_nothing_is_safe_to_repeat():
    throttled = answered(429, 'x', 'slow down')
    throttled.job_id = 11
    assert not throttled.safe_to_repeat
    dropped = exceptions.ConnectFailedError('refused', never_left=True)
    dropped.job_id = 11
    assert not dropped.safe_to_repeat


def test_rejected_photos_have_status_code_and_meaning_and_each_its_reason_and_remedy():
    error = exceptions.ImageCheckError(REJECTED, 'r-1')
    assert (error.status, error.code, error.request_id) == (200, 'PHOTOS_REJECTED', 'r-1')
    assert error.message == '2 photo(s) do not fit' and error.meaning
    assert str(error).splitlines()[0] == (
        '(200) Photos do not fit a training. [code: PHOTOS_REJECTED; message: 2 photo(s) do not '
        'fit; request id: r-1] Replace or remove the photos named, then check again.')
    assert error.to_dict('en')['photos'] == [
        {'url': 'http://h/3.jpg', 'code': 3, 'message': 'two faces',
         'reason': 'The photo does not show exactly one face.',
         'remedy': 'Use a photo of this person alone.'},
        {'url': 'http://h/9.jpg', 'code': 9, 'message': 'new', 'reason': 'The photo does not fit.',
         'remedy': 'Use another photo.'}]
    assert [photo['remedy'] for photo in error.photos('zh')] == ['请使用只有本人的单人照片。',
                                                                 '请更换照片。']
    assert str(error).splitlines()[-1] == (
        'http://h/9.jpg (code 9): The photo does not fit. Use another photo.')


@pytest.mark.parametrize('error, first', [
    (exceptions.JobFailedError(11, 'why', 'm'),
     'The job failed. [message: why; job id: 11; model id: m] Check what the job was given'),
    (exceptions.JobTimeoutError(11, 1, 'm', 5),
     'The job did not end in time. [job id: 11; model id: m; last state: 1] The job goes on.'),
    (exceptions.JobStateError(11, 9, 'm'),
     'The job is in a state that nobody documents. [job id: 11; model id: m] Look at the job')],
    ids=['failed', 'late', 'odd'])
def test_an_error_of_a_wait_opens_with_its_meaning_and_both_ids(error, first):
    assert str(error).startswith(first)
    assert error.to_dict()['job_id'] == 11 and error.to_dict()['model_id'] == 'm'


def test_a_job_id_that_is_text_stays_text():
    assert exceptions.JobFailedError('11').to_dict()['job_id'] == '11'
