"""The documented causes, copied from the service's guide and held against the classes."""
import json

import pytest
from error_samples import ROWS as CAUSES
from error_samples import Answer, envelope

from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors.jobs import error_of_job
from ai_service_python_sdk.client.errors.service import error_of_response
from ai_service_python_sdk.client.errors.table import DOCUMENTED, class_of
from ai_service_python_sdk.client.models import AsyncJobResponse, Response

#: Status, code, message as the guide spells it, class; in the order of the guide.
ROWS = [
    (400, 'PARAMETER_ERROR', 'not found appid', 'AppIdNotFoundError'),
    (400, 'EXCEEDED_QUOTA_ERROR', 'exceeded quota', 'QuotaExceededError'),
    (401, 'PARAMETER_ERROR', 'sign error', 'SignatureError'),
    (404, 'PARAMETER_ERROR', 'model not found', 'ModelNotFoundError'),
    (462, 'error', 'Invalid input data', 'InputFormatError'),
    (462, 'error', 'Invalid input data. Please check the input dict.', 'InputFormatError'),
    (462, 'error', 'Image not provided', 'PhotosMissingError'),
    (462, 'error', 'Make dir in oss Error', 'StorageError'),
    (462, 'error', 'Image process error', 'PhotoProcessError'),
    (462, 'error', 'mage not provided. Please check the template_image.', 'TemplateMissingError'),
    (462, 'error', 'Prompts get error. Please check the model_id.', 'ModelIdError'),
    (462, 'error', "Roop image decord error. Pleace check the user's lora is trained or not.",
     'ModelNotTrainedError'),
    (462, 'error', 'Template image decord error. Please Give a new template.',
     'TemplateDecodeError'),
    (462, 'error', 'There is not face in template. Please Give a new template.',
     'TemplateFaceMissingError'),
    (462, 'error', 'Template image process error. Please Give a new template.',
     'TemplateProcessError'),
    (469, 'error', 'Training - Not get best template image', 'TrainingTemplateError'),
    (469, 'error', 'Training - Not get lora weight', 'TrainingWeightsError'),
    (469, 'error', "First Face Fusion Error, Can't get face in template image.",
     'FirstFaceFusionError'),
    (469, 'error', 'First Stable Diffusion Process error. Check the webui status.',
     'FirstDiffusionError'),
    (469, 'error', "Second Face Fusion Error, Can't get face in template image.",
     'SecondFaceFusionError'),
    (469, 'error', 'Second Stable Diffusion Process error. Check the webui status.',
     'SecondDiffusionError'),
    (469, 'error', 'Please confirm if the number of faces in the template corresponds to the '
     'user ID.', 'FaceCountError'),
    (469, 'error', 'Third Stable Diffusion Process error. Check the webui status.',
     'BackgroundError'),
    (500, 'error', "Face id image decord error. Pleace check the user's lora is trained or not.",
     'FaceIdImageError')]

FAMILIES = {
    400: 'BadRequestError', 401: 'UnauthorizedError', 403: 'ForbiddenError', 404: 'NotFoundError',
    429: 'ThrottledError', 462: 'InvalidInputError', 469: 'ProcessingError', 500: 'ServiceError',
    502: 'ServiceError', 599: 'ServiceError'}


@pytest.mark.parametrize('status, code, message, name', ROWS, ids=[row[2][:40] for row in ROWS])
def test_a_cause_of_the_guide_has_its_class_under_its_status_and_under_200(
        status, code, message, name):
    for given in (status, 200, None):
        assert class_of(given, code, message).__name__ == name
    cls = class_of(status, code, message)
    assert (cls.http_status, cls.error_code) == (status, code) and message in cls.messages
    assert cls.__mro__[1].__name__ == FAMILIES[status]
    assert [cls(status=given).is_documented for given in (status - 1, status, status + 1)] == [
        False, True, False]


def test_there_is_no_cause_that_the_guide_does_not_know():
    assert [(cls.http_status, cls.error_code, message, cls.__name__)
            for cls in DOCUMENTED for message in cls.messages] == ROWS


def test_an_unknown_cause_falls_to_the_family_of_its_status_or_to_none():
    for status in range(300, 700):
        name = FAMILIES[500] if status >= 500 else FAMILIES.get(status, 'ApiException')
        assert class_of(status, 'NEW', 'new').__name__ == name


def test_every_family_and_every_cause_says_what_to_do_in_both_languages():
    for cls in [class_of(status, 'NEW', 'new') for status in FAMILIES] + [
            class_of(*row[:3]) for row in ROWS] + [exceptions.ResponseError]:
        assert cls.hint_en and any(ord(sign) > 0x4e00 for sign in cls.hint_zh)


@pytest.mark.parametrize('cls, message', CAUSES, ids=[row[1][:40] for row in CAUSES])
def test_a_documented_cause_finds_its_class_in_all_three_deliveries(cls, message):
    body = json.dumps(envelope(cls, message)).encode('ascii')
    by_status = error_of_response(Answer(cls.http_status, body))
    with pytest.raises(cls) as by_code:
        Response('r-1', cls.error_code, message).raise_for_code()
    assert type(by_status) is type(by_code.value) is cls
    for error in (by_status, by_code.value):
        assert (error.code, error.message, error.request_id) == (cls.error_code, message, 'r-1')
        assert cls.hint_en in str(error).splitlines()[0]
    if cls.error_code == 'error':
        by_state = error_of_job(11, message, 'm-1')
        assert isinstance(by_state, cls) and isinstance(by_state, exceptions.JobFailedError)
        assert by_state.job_id == 11 and by_state.hint == cls.hint_en


def test_there_are_the_24_documented_causes_with_texts_in_both_languages():
    assert len(CAUSES) == 24
    for cls, _ in CAUSES:
        assert cls.meaning_en and cls.meaning_zh and cls.hint_en and cls.hint_zh
        assert any(ord(sign) > 0x4e00 for sign in cls.hint_zh + cls.meaning_zh)


def test_the_message_whose_first_letter_the_guide_lost_is_known_with_it_too():
    message = 'Image not provided. Please check the template_image.'
    body = json.dumps({'code': 'error', 'message': message}).encode('ascii')
    assert type(error_of_response(Answer(462, body))) is exceptions.TemplateMissingError


@pytest.mark.parametrize('status, family', [
    (400, 'BadRequestError'), (401, 'UnauthorizedError'), (403, 'ForbiddenError'),
    (404, 'NotFoundError'), (429, 'ThrottledError'), (462, 'InvalidInputError'),
    (469, 'ProcessingError'), (500, 'ServiceError'), (502, 'ServiceError'),
    (599, 'ServiceError'), (418, 'ApiException'), (302, 'ApiException')])
def test_an_unknown_cause_falls_to_the_family_of_its_status_and_keeps_the_old_text(status, family):
    error = error_of_response(Answer(status, b'{"code":"NEW","message":"new"}', 'Why'))
    assert type(error).__name__ == family
    lines = str(error).splitlines()
    assert lines[:2] == ['({})'.format(status), 'Reason: Why']
    assert 'Code: NEW' in lines and 'Message: new' in lines


@pytest.mark.parametrize('cls, status, code, message', [
    ('SignatureError', 401, 'PARAMETER_ERROR', 'sign error'),
    ('UnauthorizedError', 401, 'OTHER', 'sign error'),
    ('BadRequestError', 400, 'PARAMETER_ERROR', 'sign error'),
    ('QuotaExceededError', 403, 'EXCEEDED_QUOTA_ERROR', 'whatever')])
def test_status_code_and_message_decide_together(cls, status, code, message):
    body = json.dumps({'code': code, 'message': message}).encode('ascii')
    assert type(error_of_response(Answer(status, body))).__name__ == cls


def test_a_failed_job_raises_its_cause():
    job = AsyncJobResponse('r', 'OK', 'success', {'job': {
        'id': 11, 'state': 3, 'message': 'Image process error'}}).job
    error = error_of_job(job.id, job.message)
    assert isinstance(error, exceptions.PhotoProcessError)
    assert 'job id: 11' in str(error)
