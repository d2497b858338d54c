"""The client of the service: settings, operations, models, errors."""
from ..util.lazy import lazy, load_all

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from .api.ai_service_ai_creation_api import AiServiceAiCreationApi as AiServiceAiCreationApi
    from .api.ai_service_aigc_images_api import AIGCImagesApi as AIGCImagesApi
    from .api.ai_service_image_api import AiServiceImageApi as AiServiceImageApi
    from .api.ai_service_image_text_api import AiServiceImageTextApi as AiServiceImageTextApi
    from .api.ai_service_job_api import AiServiceJobApi as AiServiceJobApi
    from .api.ai_service_llm_api import AiServiceLlmApi as AiServiceLlmApi
    from .api.ai_service_llm_api import LlmEvaluation as LlmEvaluation
    from .api.ai_service_text_api import AiServiceTextApi as AiServiceTextApi
    from .api.ai_service_video_api import AiServiceVideoApi as AiServiceVideoApi
    from .api_client import ApiClient as ApiClient
    from .configuration import Configuration as Configuration
    from .transport.errors import ApiConnectionError as ApiConnectionError
    from .transport.errors import ApiTimeoutError as ApiTimeoutError
    from .transport.errors import BadAnswerError as BadAnswerError
    from .transport.errors import ConnectFailedError as ConnectFailedError
    from .transport.errors import ConnectTimeoutError as ConnectTimeoutError
    from .transport.errors import ConnectionDroppedError as ConnectionDroppedError
    from .transport.errors import DecodeAnswerError as DecodeAnswerError
    from .transport.errors import ProxyConnectionError as ProxyConnectionError
    from .transport.errors import QueryDroppedError as QueryDroppedError
    from .transport.errors import QueryTimeoutError as QueryTimeoutError
    from .transport.errors import QueryTruncatedError as QueryTruncatedError
    from .transport.errors import TlsError as TlsError
    from .transport.errors import TruncatedAnswerError as TruncatedAnswerError
    from .errors.base import ApiException as ApiException
    from .exceptions import AppIdNotFoundError as AppIdNotFoundError
    from .exceptions import BackgroundError as BackgroundError
    from .exceptions import BadRequestError as BadRequestError
    from .exceptions import FaceCountError as FaceCountError
    from .exceptions import FaceIdImageError as FaceIdImageError
    from .exceptions import FirstDiffusionError as FirstDiffusionError
    from .exceptions import FirstFaceFusionError as FirstFaceFusionError
    from .exceptions import ForbiddenError as ForbiddenError
    from .exceptions import InputFormatError as InputFormatError
    from .exceptions import InvalidInputError as InvalidInputError
    from .exceptions import JobFailedError as JobFailedError
    from .exceptions import JobStateError as JobStateError
    from .exceptions import JobTimeoutError as JobTimeoutError
    from .exceptions import ModelIdError as ModelIdError
    from .exceptions import ModelNotFoundError as ModelNotFoundError
    from .exceptions import ModelNotTrainedError as ModelNotTrainedError
    from .exceptions import NotFoundError as NotFoundError
    from .exceptions import PhotoProcessError as PhotoProcessError
    from .exceptions import PhotosMissingError as PhotosMissingError
    from .exceptions import ProcessingError as ProcessingError
    from .exceptions import QuotaExceededError as QuotaExceededError
    from .exceptions import ResponseError as ResponseError
    from .exceptions import SecondDiffusionError as SecondDiffusionError
    from .exceptions import SecondFaceFusionError as SecondFaceFusionError
    from .exceptions import ServiceError as ServiceError
    from .exceptions import SignatureError as SignatureError
    from .exceptions import StorageError as StorageError
    from .exceptions import TemplateDecodeError as TemplateDecodeError
    from .exceptions import TemplateFaceMissingError as TemplateFaceMissingError
    from .exceptions import TemplateMissingError as TemplateMissingError
    from .exceptions import TemplateProcessError as TemplateProcessError
    from .exceptions import ThrottledError as ThrottledError
    from .exceptions import TrainingTemplateError as TrainingTemplateError
    from .exceptions import TrainingWeightsError as TrainingWeightsError
    from .exceptions import UnauthorizedError as UnauthorizedError
    from .exceptions import WaitInterrupted as WaitInterrupted
    from .job_waiter import FinishedJob as FinishedJob
    from .job_waiter import JobWaiter as JobWaiter
    from .models.ai_creation_request import AICreationRequest as AICreationRequest
    from .models.aigc_check_request import AIGCCheckRequest as AIGCCheckRequest
    from .models.aigc_create_request import AIGCCreateRequest as AIGCCreateRequest
    from .models.aigc_image_check_response import AIGCImageCheckResponse as AIGCImageCheckResponse
    from .models.aigc_image_create_response import (
        AIGCImageCreateResponse as AIGCImageCreateResponse)
    from .models.aigc_image_train_response import AIGCImageTrainResponse as AIGCImageTrainResponse
    from .models.aigc_sd_request import AIGCSDRequest as AIGCSDRequest
    from .models.aigc_train_request import AIGCTrainRequest as AIGCTrainRequest
    from .models.async_job_response import AsyncBatchJobResponse as AsyncBatchJobResponse
    from .models.async_job_response import AsyncJobResponse as AsyncJobResponse
    from .models.async_video_job_response import (
        AsyncVideoBatchJobResponse as AsyncVideoBatchJobResponse)
    from .models.async_video_job_response import AsyncVideoJobResponse as AsyncVideoJobResponse
    from .models.batch_video_request import BatchVideoRequest as BatchVideoRequest
    from .models.batch_video_request_videos import (
        BatchVideoRequestVideos as BatchVideoRequestVideos)
    from .models.check_result import CheckResult as CheckResult
    from .models.image_qa_response import ImageQAResponse as ImageQAResponse
    from .models.image_request import ImageRequest as ImageRequest
    from .models.image_text_request import ImageTextRequest as ImageTextRequest
    from .models.job import Job as Job
    from .models.job_state import JobState as JobState
    from .models.llm_eval_judger_request import LLMEvalJudgerRequest as LLMEvalJudgerRequest
    from .models.llm_eval_judger_request_messages import (
        LLMEvalJudgerRequestMessages as LLMEvalJudgerRequestMessages)
    from .models.llm_eval_judger_response import Choice as Choice
    from .models.llm_eval_judger_response import LLMEvalJudgerResponse as LLMEvalJudgerResponse
    from .models.portrait_configure import PortraitConfigure as PortraitConfigure
    from .models.response import Response as Response
    from .models.text_request import TextRequest as TextRequest
    from .models.video_request import VideoRequest as VideoRequest
    from .errors.photos import ImageCheckError as ImageCheckError
    from .retry import RetryPolicy as RetryPolicy

#: Exported name to its module.
EXPORTS = {
    'AICreationRequest': '.models.ai_creation_request',
    'AIGCCheckRequest': '.models.aigc_check_request',
    'AIGCCreateRequest': '.models.aigc_create_request',
    'AIGCImageCheckResponse': '.models.aigc_image_check_response',
    'AIGCImageCreateResponse': '.models.aigc_image_create_response',
    'AIGCImageTrainResponse': '.models.aigc_image_train_response',
    'AIGCImagesApi': '.api.ai_service_aigc_images_api',
    'AIGCSDRequest': '.models.aigc_sd_request',
    'AIGCTrainRequest': '.models.aigc_train_request',
    'AiServiceAiCreationApi': '.api.ai_service_ai_creation_api',
    'AiServiceImageApi': '.api.ai_service_image_api',
    'AiServiceImageTextApi': '.api.ai_service_image_text_api',
    'AiServiceJobApi': '.api.ai_service_job_api',
    'AiServiceLlmApi': '.api.ai_service_llm_api',
    'AiServiceTextApi': '.api.ai_service_text_api',
    'AiServiceVideoApi': '.api.ai_service_video_api',
    'ApiClient': '.api_client',
    'ApiConnectionError': '.transport.errors',
    'ApiException': '.errors.base',
    'ApiTimeoutError': '.transport.errors',
    'AppIdNotFoundError': '.exceptions',
    'AsyncBatchJobResponse': '.models.async_job_response',
    'AsyncJobResponse': '.models.async_job_response',
    'AsyncVideoBatchJobResponse': '.models.async_video_job_response',
    'AsyncVideoJobResponse': '.models.async_video_job_response',
    'BackgroundError': '.exceptions',
    'BadAnswerError': '.transport.errors',
    'BadRequestError': '.exceptions',
    'BatchVideoRequest': '.models.batch_video_request',
    'BatchVideoRequestVideos': '.models.batch_video_request_videos',
    'CheckResult': '.models.check_result',
    'Choice': '.models.llm_eval_judger_response',
    'Configuration': '.configuration',
    'ConnectFailedError': '.transport.errors',
    'ConnectTimeoutError': '.transport.errors',
    'ConnectionDroppedError': '.transport.errors',
    'DecodeAnswerError': '.transport.errors',
    'FaceCountError': '.exceptions',
    'FaceIdImageError': '.exceptions',
    'FinishedJob': '.job_waiter',
    'FirstDiffusionError': '.exceptions',
    'FirstFaceFusionError': '.exceptions',
    'ForbiddenError': '.exceptions',
    'ImageCheckError': '.errors.photos',
    'ImageQAResponse': '.models.image_qa_response',
    'ImageRequest': '.models.image_request',
    'ImageTextRequest': '.models.image_text_request',
    'InputFormatError': '.exceptions',
    'InvalidInputError': '.exceptions',
    'Job': '.models.job',
    'JobFailedError': '.exceptions',
    'JobState': '.models.job_state',
    'JobStateError': '.exceptions',
    'JobTimeoutError': '.exceptions',
    'JobWaiter': '.job_waiter',
    'LLMEvalJudgerRequest': '.models.llm_eval_judger_request',
    'LLMEvalJudgerRequestMessages': '.models.llm_eval_judger_request_messages',
    'LLMEvalJudgerResponse': '.models.llm_eval_judger_response',
    'LlmEvaluation': '.api.ai_service_llm_api',
    'ModelIdError': '.exceptions',
    'ModelNotFoundError': '.exceptions',
    'ModelNotTrainedError': '.exceptions',
    'NotFoundError': '.exceptions',
    'PhotoProcessError': '.exceptions',
    'PhotosMissingError': '.exceptions',
    'PortraitConfigure': '.models.portrait_configure',
    'ProcessingError': '.exceptions',
    'ProxyConnectionError': '.transport.errors',
    'QueryDroppedError': '.transport.errors',
    'QueryTimeoutError': '.transport.errors',
    'QueryTruncatedError': '.transport.errors',
    'QuotaExceededError': '.exceptions',
    'Response': '.models.response',
    'ResponseError': '.exceptions',
    'RetryPolicy': '.retry',
    'SecondDiffusionError': '.exceptions',
    'SecondFaceFusionError': '.exceptions',
    'ServiceError': '.exceptions',
    'SignatureError': '.exceptions',
    'StorageError': '.exceptions',
    'TemplateDecodeError': '.exceptions',
    'TemplateFaceMissingError': '.exceptions',
    'TemplateMissingError': '.exceptions',
    'TemplateProcessError': '.exceptions',
    'TextRequest': '.models.text_request',
    'ThrottledError': '.exceptions',
    'TlsError': '.transport.errors',
    'TrainingTemplateError': '.exceptions',
    'TrainingWeightsError': '.exceptions',
    'TruncatedAnswerError': '.transport.errors',
    'UnauthorizedError': '.exceptions',
    'VideoRequest': '.models.video_request',
    'WaitInterrupted': '.exceptions',
}

if not TYPE_CHECKING:  # so that checkers refuse names that are not there
    __getattr__, __dir__ = lazy(__name__, EXPORTS)
    load_all(__name__, EXPORTS)
