"""What can go wrong, as types; the face of :mod:`.errors`.

::

    ApiException                              a call that did not succeed
    ├── BadRequestError                       400
    │   ├── AppIdNotFoundError                the appId is wrong, or the service is not activated
    │   └── QuotaExceededError                the account's calls are used up
    ├── UnauthorizedError                     401
    │   └── SignatureError                    the token is wrong
    ├── ForbiddenError                        403
    ├── NotFoundError                         404
    │   └── ModelNotFoundError                wrong model_name
    ├── ThrottledError                        429
    ├── InvalidInputError                     462
    │   ├── InputFormatError                  fields or types are wrong
    │   ├── PhotosMissingError                a training without photos
    │   ├── StorageError                      the service's storage failed
    │   ├── PhotoProcessError                 the photos failed in preprocessing
    │   ├── TemplateMissingError              a creation without a template
    │   ├── ModelIdError                      the model_id does not come from a training
    │   ├── ModelNotTrainedError              the model is not trained (yet)
    │   ├── TemplateDecodeError               the template cannot be decoded
    │   ├── TemplateFaceMissingError          the template shows no face
    │   └── TemplateProcessError              the template failed in preprocessing
    ├── ProcessingError                       469
    │   ├── TrainingTemplateError             the training found no best picture
    │   ├── TrainingWeightsError              the training gave no model
    │   ├── FirstFaceFusionError              the first fusion found no face
    │   ├── FirstDiffusionError               the first diffusion failed
    │   ├── SecondFaceFusionError             the second fusion found no face
    │   ├── SecondDiffusionError              the second diffusion failed
    │   ├── FaceCountError                    faces and model ids differ in number
    │   └── BackgroundError                   the background could not be processed
    ├── ServiceError                          5xx
    │   └── FaceIdImageError                  the person's face picture is missing or broken
    ├── ResponseError                         the answer does not have the form of the service
    │   ├── BadAnswerError                    it breaks HTTP
    │   ├── DecodeAnswerError                 its compression is broken
    │   └── TruncatedAnswerError              it was cut off
    │       └── QueryTruncatedError           the same for a GET
    ├── ApiConnectionError                    below HTTP; nothing was answered
    │   ├── ConnectFailedError                refused, no route, or no such name
    │   ├── TlsError                          a certificate, a name, a handshake
    │   ├── ProxyConnectionError              the proxy could not be reached, or refused
    │   ├── ConnectionDroppedError            it broke before an answer
    │   │   └── QueryDroppedError             the same for a GET
    │   └── ApiTimeoutError                   no answer in time
    │       ├── ConnectTimeoutError           no connection in time
    │       └── QueryTimeoutError             the same for a GET
    ├── NotSentError                          it was accepted and never sent
    ├── WorkerLostError                       the worker that made it gave no answer
    ├── JobFailedError                        a job ended with state 3
    ├── JobTimeoutError                       a job did not end in time
    ├── JobStateError                         a job is in a state that nobody documents
    ├── ImageCheckError                       photos do not fit a training
    ├── LedgerError                           the file of a ledger cannot be used
    └── InDoubtError                          the same call left before, without an answer
        └── AlreadyPaidError                  it succeeded before, and its result is not at hand
    KeyboardInterrupt
    └── WaitInterrupted                       Ctrl-C in the middle of a wait

ApiConnectionError, what is below it and the children of ResponseError are also errors of urllib3:
they are loaded with it, when they are first asked for.
"""
from ..util.exports import export as _export
from .errors.base import ApiException
from .errors.jobs import JobFailedError, JobStateError, JobTimeoutError, WaitInterrupted
from .errors.ledger import AlreadyPaidError, InDoubtError, LedgerError
from .errors.photos import ImageCheckError
from .errors.service import (
    AppIdNotFoundError, BackgroundError, BadRequestError, FaceCountError, FaceIdImageError,
    FirstDiffusionError, FirstFaceFusionError, ForbiddenError, InputFormatError,
    InvalidInputError, ModelIdError, ModelNotFoundError, ModelNotTrainedError, NotFoundError,
    NotSentError, PhotoProcessError, PhotosMissingError, ProcessingError, QuotaExceededError,
    ResponseError, SecondDiffusionError, SecondFaceFusionError, ServiceError, SignatureError,
    StorageError, TemplateDecodeError, TemplateFaceMissingError, TemplateMissingError,
    TemplateProcessError, ThrottledError, TrainingTemplateError, TrainingWeightsError,
    UnauthorizedError, WorkerLostError)

TYPE_CHECKING = bool()  # type: bool
if TYPE_CHECKING:
    from .errors.connection import (
        ApiConnectionError, ApiTimeoutError, BadAnswerError, ConnectFailedError,
        ConnectionDroppedError, ConnectTimeoutError, DecodeAnswerError, ProxyConnectionError,
        QueryDroppedError, QueryTimeoutError, QueryTruncatedError, TlsError, TruncatedAnswerError)

__all__ = [
    'AlreadyPaidError', 'ApiConnectionError', 'ApiException', 'ApiTimeoutError',
    'AppIdNotFoundError', 'BackgroundError', 'BadAnswerError', 'BadRequestError',
    'ConnectFailedError', 'ConnectTimeoutError', 'ConnectionDroppedError', 'DecodeAnswerError',
    'FaceCountError', 'FaceIdImageError', 'FirstDiffusionError', 'FirstFaceFusionError',
    'ForbiddenError', 'ImageCheckError', 'InDoubtError', 'InputFormatError', 'InvalidInputError',
    'JobFailedError', 'JobStateError', 'JobTimeoutError', 'LedgerError', 'ModelIdError',
    'ModelNotFoundError', 'ModelNotTrainedError', 'NotFoundError', 'NotSentError',
    'PhotoProcessError', 'PhotosMissingError', 'ProcessingError', 'ProxyConnectionError',
    'QueryDroppedError', 'QueryTimeoutError', 'QueryTruncatedError', 'QuotaExceededError',
    'ResponseError', 'SecondDiffusionError', 'SecondFaceFusionError', 'ServiceError',
    'SignatureError', 'StorageError', 'TemplateDecodeError', 'TemplateFaceMissingError',
    'TemplateMissingError', 'TemplateProcessError', 'ThrottledError', 'TlsError',
    'TrainingTemplateError', 'TrainingWeightsError', 'TruncatedAnswerError', 'UnauthorizedError',
    'WaitInterrupted', 'WorkerLostError']

# The names that are not imported above: errors of urllib3 too.
_export(__name__, ' '.join('errors.connection.' + name for name in set(__all__) - set(globals())))
