"""What can go wrong, as types; the face of :mod:`.errors`.

::

    ApiException                 a call that did not succeed
    ├── BadRequestError    400   → AppIdNotFoundError | QuotaExceededError |
    ├── UnauthorizedError  401   → SignatureError |
    ├── ForbiddenError     403
    ├── NotFoundError      404   → ModelNotFoundError |
    ├── ThrottledError     429
    ├── InvalidInputError  462   → InputFormatError | PhotosMissingError | StorageError |
    │                              PhotoProcessError | ModelIdError | ModelNotTrainedError |
    │                              TemplateMissingError | TemplateDecodeError |
    │                              TemplateFaceMissingError | TemplateProcessError |
    ├── ProcessingError    469   → TrainingTemplateError | TrainingWeightsError |
    │                              FirstFaceFusionError | FirstDiffusionError |
    │                              SecondFaceFusionError | SecondDiffusionError |
    │                              FaceCountError | BackgroundError |
    ├── ServiceError       5xx   → FaceIdImageError |
    ├── ResponseError            → BadAnswerError | DecodeAnswerError |
    │                              TruncatedAnswerError → QueryTruncatedError |
    ├── ApiConnectionError       → ConnectFailedError | TlsError | ProxyConnectionError |
    │                              ConnectionDroppedError → QueryDroppedError |
    │                              ApiTimeoutError → ConnectTimeoutError | QueryTimeoutError |
    ├── JobFailedError | JobTimeoutError | JobStateError | ImageCheckError | NotSentError |
    KeyboardInterrupt            → WaitInterrupted |

ApiConnectionError, what is below it and the children of ResponseError are also errors of urllib3:
they are loaded with it, when they are first asked for.
"""
from ..util.exports import export as _export
from .errors.base import ApiException
from .errors.jobs import JobFailedError, JobStateError, JobTimeoutError, WaitInterrupted
from .errors.photos import ImageCheckError
from .errors.service import (
    AppIdNotFoundError, BackgroundError, BadRequestError, FaceCountError, FaceIdImageError,
    FirstDiffusionError, FirstFaceFusionError, ForbiddenError, InputFormatError,
    InvalidInputError, ModelIdError, ModelNotFoundError, ModelNotTrainedError, NotFoundError,
    NotSentError, PhotoProcessError, PhotosMissingError, ProcessingError, QuotaExceededError,
    ResponseError, SecondDiffusionError, SecondFaceFusionError, ServiceError, SignatureError,
    StorageError, TemplateDecodeError, TemplateFaceMissingError, TemplateMissingError,
    TemplateProcessError, ThrottledError, TrainingTemplateError, TrainingWeightsError,
    UnauthorizedError)

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from .errors.connection import (
        ApiConnectionError, ApiTimeoutError, BadAnswerError, ConnectFailedError,
        ConnectionDroppedError, ConnectTimeoutError, DecodeAnswerError, ProxyConnectionError,
        QueryDroppedError, QueryTimeoutError, QueryTruncatedError, TlsError, TruncatedAnswerError)

__all__ = [
    'ApiConnectionError', 'ApiException', 'ApiTimeoutError', 'AppIdNotFoundError',
    'BackgroundError', 'BadAnswerError', 'BadRequestError', 'ConnectFailedError',
    'ConnectTimeoutError', 'ConnectionDroppedError', 'DecodeAnswerError', 'FaceCountError',
    'FaceIdImageError', 'FirstDiffusionError', 'FirstFaceFusionError', 'ForbiddenError',
    'ImageCheckError', 'InputFormatError', 'InvalidInputError', 'JobFailedError', 'JobStateError',
    'JobTimeoutError', 'ModelIdError', 'ModelNotFoundError', 'ModelNotTrainedError',
    'NotFoundError', 'NotSentError', 'PhotoProcessError', 'PhotosMissingError', 'ProcessingError',
    'ProxyConnectionError', 'QueryDroppedError', 'QueryTimeoutError', 'QueryTruncatedError',
    'QuotaExceededError', 'ResponseError', 'SecondDiffusionError', 'SecondFaceFusionError',
    'ServiceError', 'SignatureError', 'StorageError', 'TemplateDecodeError',
    'TemplateFaceMissingError', 'TemplateMissingError', 'TemplateProcessError', 'ThrottledError',
    'TlsError', 'TrainingTemplateError', 'TrainingWeightsError', 'TruncatedAnswerError',
    'UnauthorizedError', 'WaitInterrupted']

# What is not defined yet is an error of urllib3 too.
_export(__name__, dict.fromkeys(set(__all__) - set(globals()), '.errors.connection'))
