"""The causes that the service documents, one class each, and how an answer becomes one.

Meanings and remedies: service reference, 4.1 to 4.4; the messages are the service's, misspellings
included.
"""
from ...util.language import in_language
from .base import ApiException, envelope_of
from .table import class_of, documented, family

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from .base import Envelope, Fact

_P = 'PARAMETER_ERROR'
_REPORT = 'Try again later; if it repeats, report it with the request id.'
_OTHER_TEMPLATE = 'Use another template picture with a clear face.'
_RETRAIN = 'Train again with better photos; if it repeats, report it with the request id.'
_TRAINED = 'Wait until the training job has state 2, and check the model_id.'

#: How to train what was trained before.
_AGAIN = 'ai-portrait train ... --again; in the library with another key'
_GONE = 'The service does not know {} any more; train again ({}).'
_ONE_OF = 'one of '


@family(400, 'Check the arguments against the message.')
class BadRequestError(ApiException):
    """The service refuses the request (400)."""


@family(401, 'Check appId and token.')
class UnauthorizedError(ApiException):
    """The service does not accept who calls (401)."""


@family(403, 'Check that the service is activated and you have its call permission.')
class ForbiddenError(ApiException):
    """The caller may not do this (403)."""


@family(404, 'Check the id that was asked for, or else the host and its path. A job that was '
             'there, and is gone, has to be trained again ({}).'.format(_AGAIN))
class NotFoundError(ApiException):
    """What was asked for does not exist (404)."""


@family(429, 'Call less often; wait before the next call.')
class ThrottledError(ApiException):
    """Too many calls (429)."""

    refused_before_work = True


@family(462, 'Check what was sent against the message.')
class InvalidInputError(ApiException):
    """The input does not fit (462)."""


@family(469, _REPORT)
class ProcessingError(ApiException):
    """The work failed in the service (469)."""


@family(500, _REPORT)
class ServiceError(ApiException):
    """The service itself failed (5xx)."""


@documented(400, 'not found appid', 'The appId is not known.',
            'Copy the AppId from the console; activate the service and obtain its call '
            'permission.', code=_P)
class AppIdNotFoundError(BadRequestError):
    """The appId is wrong, or the service is not activated."""


@documented(400, 'exceeded quota',
            'The number of calls of the account is used up.',
            'Buy a resource plan or enable pay-as-you-go; trying again does not help.',
            code='EXCEEDED_QUOTA_ERROR')
class QuotaExceededError(BadRequestError):
    """The account's calls are used up."""


@documented(401, 'sign error', 'The signature is not accepted.',
            'Copy the Token again; if it is right, look for something on the way that changes '
            'body or path.', code=_P)
class SignatureError(UnauthorizedError):
    """The token is wrong, or the request was changed on its way."""


@documented(404, 'model not found', 'The model service is not deployed.',
            "Pass '' as model_name, or the exact name of your customised model; this is not about "
            'a model_id.', code=_P)
class ModelNotFoundError(NotFoundError):
    """A model service of that ``model_name`` does not exist."""


@documented(462, ('Invalid input data', 'Invalid input data. Please check the input dict.'),
            'The input could not be parsed.',
            'Check the fields and their types; a training takes 5 to 20 photos.')
class InputFormatError(InvalidInputError):
    """Fields or types are wrong."""


@documented(462, 'Image not provided', 'No training photo was given.',
            'Pass the URLs of 5 to 20 photos as images.')
class PhotosMissingError(InvalidInputError):
    """A training without photos."""


@documented(462, 'Make dir in oss Error', 'The service could not make its folder in OSS.', _REPORT)
class StorageError(InvalidInputError):
    """The service's storage failed."""


@documented(462, 'Image process error', 'The photos failed in preprocessing.',
            'Run the check and replace the photos it names.')
class PhotoProcessError(InvalidInputError):
    """Photos of a training failed in preprocessing."""


@documented(462, 'mage not provided. Please check the template_image.',
            'No template picture was given.',
            'Pass its URL as template_image.')
class TemplateMissingError(InvalidInputError):
    """A creation without a template."""


@documented(462, 'Prompts get error. Please check the model_id.',
            'The model_id has a wrong form.',
            "Pass the model_id of the training's answer.")
class ModelIdError(InvalidInputError):
    """The ``model_id`` does not come from a training."""


@documented(462, "Roop image decord error. Pleace check the user's lora is trained or not.",
            "The person's reference picture does not exist.", _TRAINED)
class ModelNotTrainedError(InvalidInputError):
    """The person's model is not trained (yet)."""


@documented(462, 'Template image decord error. Please Give a new template.',
            'The template could not be decoded.',
            'Use another template, at a URL that the internet can reach.')
class TemplateDecodeError(InvalidInputError):
    """The template is not a picture, or cannot be downloaded."""


@documented(462, 'There is not face in template. Please Give a new template.',
            'The template shows no face.', _OTHER_TEMPLATE)
class TemplateFaceMissingError(InvalidInputError):
    """A template without a face."""


@documented(462, 'Template image process error. Please Give a new template.',
            'The template failed in preprocessing.', _OTHER_TEMPLATE)
class TemplateProcessError(InvalidInputError):
    """A template that cannot be prepared."""


@documented(469, 'Training - Not get best template image',
            'The training ended without a reference picture.', _RETRAIN)
class TrainingTemplateError(ProcessingError):
    """A training found no best picture of the person."""


@documented(469, 'Training - Not get lora weight',
            'The training ended without LoRA weights.', _RETRAIN)
class TrainingWeightsError(ProcessingError):
    """A training gave no model."""


@documented(469, "First Face Fusion Error, Can't get face in template image.",
            'The first face fusion failed.', _OTHER_TEMPLATE)
class FirstFaceFusionError(ProcessingError):
    """The first fusion found no face."""


@documented(469, 'First Stable Diffusion Process error. Check the webui status.',
            'The first diffusion failed.', _REPORT)
class FirstDiffusionError(ProcessingError):
    """The first diffusion failed."""


@documented(469, "Second Face Fusion Error, Can't get face in template image.",
            'The second face fusion failed.', _OTHER_TEMPLATE)
class SecondFaceFusionError(ProcessingError):
    """The second fusion found no face."""


@documented(469, 'Second Stable Diffusion Process error. Check the webui status.',
            'The second diffusion failed.', _REPORT)
class SecondDiffusionError(ProcessingError):
    """The second diffusion failed."""


@documented(469, 'Please confirm if the number of faces in the template corresponds to the user '
                 'ID.',
            'The template has another number of faces than model ids were given.',
            'Give one model_id for each face in the template.')
class FaceCountError(ProcessingError):
    """Faces and model ids differ in number."""


@documented(469, 'Third Stable Diffusion Process error. Check the webui status.',
            'Processing the background failed.',
            'Use another template, or leave background_restore off.')
class BackgroundError(ProcessingError):
    """The background could not be processed."""


@documented(500, "Face id image decord error. Pleace check the user's lora is trained or not.",
            "The person's face picture could not be decoded.", _TRAINED)
class FaceIdImageError(ServiceError):
    """The person's face picture is missing or broken."""


#: By these the service says that it does not have a model.
MODEL_MISSING = (ModelIdError, ModelNotTrainedError)


class NotSentError(ApiException):
    """The call was accepted and never sent; nothing was done, and nothing is paid.

    With a ``job_id`` the training before it is paid for, and goes on.
    """

    meaning_en = 'This call was not sent.'
    hint_en = 'Nothing was done and nothing is paid; make the call again when the cause is gone.'
    never_left = True

    def __init__(self, reason: str) -> None:
        ApiException.__init__(self, status=0, reason=reason)


class WorkerLostError(ApiException):
    """The worker of an executor that made the call gave no answer; the call is not repeated."""

    meaning_en = 'The worker that made this call was lost: it may be paid for.'
    hint_en = 'It is not made again by itself; look at ledger.unsettled().'
    is_in_doubt = True

    def __init__(self, reason: "Any") -> None:
        ApiException.__init__(self, status=0, reason=reason if str(reason) else repr(reason))


class ResponseError(ApiException):
    """The answer does not have the form of the service: HTML of a proxy, cut off, not JSON.

    :param status: its HTTP status; :param reason: its reason phrase.
    :param http_resp: the answer, as for :class:`.ApiException`.
    :param why: what is wrong with it.
    """

    meaning_en = 'This answer did not come from the service.'
    hint_en = 'Check the host and what stands between you and the service, such as a proxy.'

    def __init__(self, status: "Optional[int]" = None, reason: "Any" = None,
                 http_resp: "Any" = None, why: str = '') -> None:
        ApiException.__init__(self, status, reason, http_resp)
        self.why = why

    def facts(self) -> "List[Fact]":
        return [('problem', self.why)] + ApiException.facts(self)


def error_of_response(http_resp: "Any") -> ApiException:
    """Return the error that belongs to an answer outside of 200 to 299."""
    envelope = envelope_of(http_resp.data)
    cls = class_of(http_resp.status, envelope.get('code'), str(envelope.get('message')))
    return cls(http_resp=http_resp)


def error_of_envelope(envelope: "Envelope") -> ApiException:
    """Return the error that belongs to an answer whose ``code`` is not ``OK``."""
    cls = class_of(200, envelope.get('code'), str(envelope.get('message')))
    error = cls(status=200, reason=envelope.get('message'))
    error._envelope = dict(envelope)
    data = envelope.get('data')
    if isinstance(data, dict):  # ids beside an odd code are paid for all the same
        error.job_id, error.model_id = data.get('job_id'), data.get('model_id')
    return error


def note_gone(error: ApiException, models: "Sequence[str]") -> None:
    """Say that the service has lost a model of the ledger: it does not help to wait for it."""
    error.is_gone = True
    error._say('hint', lambda lang: in_language(
        lang, _GONE, in_language(lang, _ONE_OF) * (len(models) > 1) + ', '.join(models),
        in_language(lang, _AGAIN)))


def check_answer(answer: "Any") -> None:
    """Raise the error of an answer's code, or of an answer that is empty."""
    if answer is None:
        raise ResponseError(why='the answer is empty')
    answer.raise_for_code()
