"""The Python SDK of the AI Portrait service (AI写真): check, train, wait, create."""
from .util.lazy import lazy, load_all

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from ._version import __version__ as __version__
    from .client.api.ai_service_ai_creation_api import (
        AiServiceAiCreationApi as AiServiceAiCreationApi)
    from .client.api.ai_service_aigc_images_api import AIGCImagesApi as AIGCImagesApi
    from .client.api.ai_service_image_api import AiServiceImageApi as AiServiceImageApi
    from .client.api.ai_service_image_text_api import (
        AiServiceImageTextApi as AiServiceImageTextApi)
    from .client.api.ai_service_job_api import AiServiceJobApi as AiServiceJobApi
    from .client.api.ai_service_llm_api import AiServiceLlmApi as AiServiceLlmApi
    from .client.api.ai_service_llm_api import LlmEvaluation as LlmEvaluation
    from .client.api.ai_service_text_api import AiServiceTextApi as AiServiceTextApi
    from .client.api.ai_service_video_api import AiServiceVideoApi as AiServiceVideoApi
    from .client.api_client import ApiClient as ApiClient
    from .client.configuration import Configuration as Configuration
    from .client.transport.errors import ApiConnectionError as ApiConnectionError
    from .client.transport.errors import ApiTimeoutError as ApiTimeoutError
    from .client.transport.errors import BadAnswerError as BadAnswerError
    from .client.transport.errors import ConnectFailedError as ConnectFailedError
    from .client.transport.errors import ConnectTimeoutError as ConnectTimeoutError
    from .client.transport.errors import ConnectionDroppedError as ConnectionDroppedError
    from .client.transport.errors import DecodeAnswerError as DecodeAnswerError
    from .client.transport.errors import ProxyConnectionError as ProxyConnectionError
    from .client.transport.errors import QueryDroppedError as QueryDroppedError
    from .client.transport.errors import QueryTimeoutError as QueryTimeoutError
    from .client.transport.errors import QueryTruncatedError as QueryTruncatedError
    from .client.transport.errors import TlsError as TlsError
    from .client.transport.errors import TruncatedAnswerError as TruncatedAnswerError
    from .client.errors.base import ApiException as ApiException
    from .client.exceptions import AppIdNotFoundError as AppIdNotFoundError
    from .client.exceptions import BackgroundError as BackgroundError
    from .client.exceptions import BadRequestError as BadRequestError
    from .client.exceptions import FaceCountError as FaceCountError
    from .client.exceptions import FaceIdImageError as FaceIdImageError
    from .client.exceptions import FirstDiffusionError as FirstDiffusionError
    from .client.exceptions import FirstFaceFusionError as FirstFaceFusionError
    from .client.exceptions import ForbiddenError as ForbiddenError
    from .client.exceptions import InputFormatError as InputFormatError
    from .client.exceptions import InvalidInputError as InvalidInputError
    from .client.exceptions import JobFailedError as JobFailedError
    from .client.exceptions import JobStateError as JobStateError
    from .client.exceptions import JobTimeoutError as JobTimeoutError
    from .client.exceptions import ModelIdError as ModelIdError
    from .client.exceptions import ModelNotFoundError as ModelNotFoundError
    from .client.exceptions import ModelNotTrainedError as ModelNotTrainedError
    from .client.exceptions import NotFoundError as NotFoundError
    from .client.exceptions import PhotoProcessError as PhotoProcessError
    from .client.exceptions import PhotosMissingError as PhotosMissingError
    from .client.exceptions import ProcessingError as ProcessingError
    from .client.exceptions import QuotaExceededError as QuotaExceededError
    from .client.exceptions import ResponseError as ResponseError
    from .client.exceptions import SecondDiffusionError as SecondDiffusionError
    from .client.exceptions import SecondFaceFusionError as SecondFaceFusionError
    from .client.exceptions import ServiceError as ServiceError
    from .client.exceptions import SignatureError as SignatureError
    from .client.exceptions import StorageError as StorageError
    from .client.exceptions import TemplateDecodeError as TemplateDecodeError
    from .client.exceptions import TemplateFaceMissingError as TemplateFaceMissingError
    from .client.exceptions import TemplateMissingError as TemplateMissingError
    from .client.exceptions import TemplateProcessError as TemplateProcessError
    from .client.exceptions import ThrottledError as ThrottledError
    from .client.exceptions import TrainingTemplateError as TrainingTemplateError
    from .client.exceptions import TrainingWeightsError as TrainingWeightsError
    from .client.exceptions import UnauthorizedError as UnauthorizedError
    from .client.exceptions import WaitInterrupted as WaitInterrupted
    from .client.job_waiter import FinishedJob as FinishedJob
    from .client.job_waiter import JobWaiter as JobWaiter
    from .client.models.ai_creation_request import AICreationRequest as AICreationRequest
    from .client.models.aigc_check_request import AIGCCheckRequest as AIGCCheckRequest
    from .client.models.aigc_create_request import AIGCCreateRequest as AIGCCreateRequest
    from .client.models.aigc_image_check_response import (
        AIGCImageCheckResponse as AIGCImageCheckResponse)
    from .client.models.aigc_image_create_response import (
        AIGCImageCreateResponse as AIGCImageCreateResponse)
    from .client.models.aigc_image_train_response import (
        AIGCImageTrainResponse as AIGCImageTrainResponse)
    from .client.models.aigc_sd_request import AIGCSDRequest as AIGCSDRequest
    from .client.models.aigc_train_request import AIGCTrainRequest as AIGCTrainRequest
    from .client.models.async_job_response import AsyncBatchJobResponse as AsyncBatchJobResponse
    from .client.models.async_job_response import AsyncJobResponse as AsyncJobResponse
    from .client.models.async_video_job_response import (
        AsyncVideoBatchJobResponse as AsyncVideoBatchJobResponse)
    from .client.models.async_video_job_response import (
        AsyncVideoJobResponse as AsyncVideoJobResponse)
    from .client.models.batch_video_request import BatchVideoRequest as BatchVideoRequest
    from .client.models.batch_video_request_videos import (
        BatchVideoRequestVideos as BatchVideoRequestVideos)
    from .client.models.check_result import CheckResult as CheckResult
    from .client.models.image_qa_response import ImageQAResponse as ImageQAResponse
    from .client.models.image_request import ImageRequest as ImageRequest
    from .client.models.image_text_request import ImageTextRequest as ImageTextRequest
    from .client.models.job import Job as Job
    from .client.models.job_state import JobState as JobState
    from .client.models.llm_eval_judger_request import (
        LLMEvalJudgerRequest as LLMEvalJudgerRequest)
    from .client.models.llm_eval_judger_request_messages import (
        LLMEvalJudgerRequestMessages as LLMEvalJudgerRequestMessages)
    from .client.models.llm_eval_judger_response import Choice as Choice
    from .client.models.llm_eval_judger_response import (
        LLMEvalJudgerResponse as LLMEvalJudgerResponse)
    from .client.models.portrait_configure import PortraitConfigure as PortraitConfigure
    from .client.models.response import Response as Response
    from .client.models.text_request import TextRequest as TextRequest
    from .client.models.video_request import VideoRequest as VideoRequest
    from .client.errors.photos import ImageCheckError as ImageCheckError
    from .client.retry import RetryPolicy as RetryPolicy
    from .portrait import CreateResult as CreateResult
    from .portrait import Portrait as Portrait
    from .portrait import PortraitStudio as PortraitStudio
    from .portrait import TrainedModel as TrainedModel

#: Exported name to its module.
EXPORTS = {
    'AICreationRequest': '.client.models.ai_creation_request',
    'AIGCCheckRequest': '.client.models.aigc_check_request',
    'AIGCCreateRequest': '.client.models.aigc_create_request',
    'AIGCImageCheckResponse': '.client.models.aigc_image_check_response',
    'AIGCImageCreateResponse': '.client.models.aigc_image_create_response',
    'AIGCImageTrainResponse': '.client.models.aigc_image_train_response',
    'AIGCImagesApi': '.client.api.ai_service_aigc_images_api',
    'AIGCSDRequest': '.client.models.aigc_sd_request',
    'AIGCTrainRequest': '.client.models.aigc_train_request',
    'AiServiceAiCreationApi': '.client.api.ai_service_ai_creation_api',
    'AiServiceImageApi': '.client.api.ai_service_image_api',
    'AiServiceImageTextApi': '.client.api.ai_service_image_text_api',
    'AiServiceJobApi': '.client.api.ai_service_job_api',
    'AiServiceLlmApi': '.client.api.ai_service_llm_api',
    'AiServiceTextApi': '.client.api.ai_service_text_api',
    'AiServiceVideoApi': '.client.api.ai_service_video_api',
    'ApiClient': '.client.api_client',
    'ApiConnectionError': '.client.transport.errors',
    'ApiException': '.client.errors.base',
    'ApiTimeoutError': '.client.transport.errors',
    'AppIdNotFoundError': '.client.exceptions',
    'AsyncBatchJobResponse': '.client.models.async_job_response',
    'AsyncJobResponse': '.client.models.async_job_response',
    'AsyncVideoBatchJobResponse': '.client.models.async_video_job_response',
    'AsyncVideoJobResponse': '.client.models.async_video_job_response',
    'BackgroundError': '.client.exceptions',
    'BadAnswerError': '.client.transport.errors',
    'BadRequestError': '.client.exceptions',
    'BatchVideoRequest': '.client.models.batch_video_request',
    'BatchVideoRequestVideos': '.client.models.batch_video_request_videos',
    'CheckResult': '.client.models.check_result',
    'Choice': '.client.models.llm_eval_judger_response',
    'Configuration': '.client.configuration',
    'ConnectFailedError': '.client.transport.errors',
    'ConnectTimeoutError': '.client.transport.errors',
    'ConnectionDroppedError': '.client.transport.errors',
    'CreateResult': '.portrait',
    'DecodeAnswerError': '.client.transport.errors',
    'FaceCountError': '.client.exceptions',
    'FaceIdImageError': '.client.exceptions',
    'FinishedJob': '.client.job_waiter',
    'FirstDiffusionError': '.client.exceptions',
    'FirstFaceFusionError': '.client.exceptions',
    'ForbiddenError': '.client.exceptions',
    'ImageCheckError': '.client.errors.photos',
    'ImageQAResponse': '.client.models.image_qa_response',
    'ImageRequest': '.client.models.image_request',
    'ImageTextRequest': '.client.models.image_text_request',
    'InputFormatError': '.client.exceptions',
    'InvalidInputError': '.client.exceptions',
    'Job': '.client.models.job',
    'JobFailedError': '.client.exceptions',
    'JobState': '.client.models.job_state',
    'JobStateError': '.client.exceptions',
    'JobTimeoutError': '.client.exceptions',
    'JobWaiter': '.client.job_waiter',
    'LLMEvalJudgerRequest': '.client.models.llm_eval_judger_request',
    'LLMEvalJudgerRequestMessages': '.client.models.llm_eval_judger_request_messages',
    'LLMEvalJudgerResponse': '.client.models.llm_eval_judger_response',
    'LlmEvaluation': '.client.api.ai_service_llm_api',
    'ModelIdError': '.client.exceptions',
    'ModelNotFoundError': '.client.exceptions',
    'ModelNotTrainedError': '.client.exceptions',
    'NotFoundError': '.client.exceptions',
    'PhotoProcessError': '.client.exceptions',
    'PhotosMissingError': '.client.exceptions',
    'Portrait': '.portrait',
    'PortraitConfigure': '.client.models.portrait_configure',
    'PortraitStudio': '.portrait',
    'ProcessingError': '.client.exceptions',
    'ProxyConnectionError': '.client.transport.errors',
    'QueryDroppedError': '.client.transport.errors',
    'QueryTimeoutError': '.client.transport.errors',
    'QueryTruncatedError': '.client.transport.errors',
    'QuotaExceededError': '.client.exceptions',
    'Response': '.client.models.response',
    'ResponseError': '.client.exceptions',
    'RetryPolicy': '.client.retry',
    'SecondDiffusionError': '.client.exceptions',
    'SecondFaceFusionError': '.client.exceptions',
    'ServiceError': '.client.exceptions',
    'SignatureError': '.client.exceptions',
    'StorageError': '.client.exceptions',
    'TemplateDecodeError': '.client.exceptions',
    'TemplateFaceMissingError': '.client.exceptions',
    'TemplateMissingError': '.client.exceptions',
    'TemplateProcessError': '.client.exceptions',
    'TextRequest': '.client.models.text_request',
    'ThrottledError': '.client.exceptions',
    'TlsError': '.client.transport.errors',
    'TrainedModel': '.portrait',
    'TrainingTemplateError': '.client.exceptions',
    'TrainingWeightsError': '.client.exceptions',
    'TruncatedAnswerError': '.client.transport.errors',
    'UnauthorizedError': '.client.exceptions',
    'VideoRequest': '.client.models.video_request',
    'WaitInterrupted': '.client.exceptions',
    '__version__': '._version',
}

if not TYPE_CHECKING:  # so that checkers refuse names that are not there
    __getattr__, __dir__ = lazy(__name__, EXPORTS)
    load_all(__name__, EXPORTS)
