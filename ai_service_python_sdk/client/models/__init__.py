"""The request models and the typed answers."""
from ...util.exports import export as _export

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from .ai_creation_request import AICreationRequest as AICreationRequest
    from .aigc_check_request import AIGCCheckRequest as AIGCCheckRequest
    from .aigc_create_request import AIGCCreateRequest as AIGCCreateRequest
    from .aigc_image_check_response import AIGCImageCheckResponse as AIGCImageCheckResponse
    from .aigc_image_create_response import AIGCImageCreateResponse as AIGCImageCreateResponse
    from .aigc_image_train_response import AIGCImageTrainResponse as AIGCImageTrainResponse
    from .aigc_sd_request import AIGCSDRequest as AIGCSDRequest
    from .aigc_train_request import AIGCTrainRequest as AIGCTrainRequest
    from .async_job_response import (
        AsyncBatchJobResponse as AsyncBatchJobResponse, AsyncJobResponse as AsyncJobResponse)
    from .async_video_job_response import AsyncVideoBatchJobResponse as AsyncVideoBatchJobResponse
    from .async_video_job_response import AsyncVideoJobResponse as AsyncVideoJobResponse
    from .batch_video_request import BatchVideoRequest as BatchVideoRequest
    from .batch_video_request_videos import BatchVideoRequestVideos as BatchVideoRequestVideos
    from .check_result import CheckResult as CheckResult
    from .image_qa_response import ImageQAResponse as ImageQAResponse
    from .image_request import ImageRequest as ImageRequest
    from .image_text_request import ImageTextRequest as ImageTextRequest
    from .job import Job as Job, JobState as JobState
    from .llm_eval_judger_request import LLMEvalJudgerRequest as LLMEvalJudgerRequest
    from .llm_eval_judger_request_messages import (
        LLMEvalJudgerRequestMessages as LLMEvalJudgerRequestMessages)
    from .llm_eval_judger_response import (
        Choice as Choice, LLMEvalJudgerResponse as LLMEvalJudgerResponse)
    from .portrait_configure import PortraitConfigure as PortraitConfigure
    from .response import Response as Response
    from .text_request import TextRequest as TextRequest
    from .video_request import VideoRequest as VideoRequest

_export(__name__, {
    'AICreationRequest': '.ai_creation_request',
    'AIGCCheckRequest': '.aigc_check_request',
    'AIGCCreateRequest': '.aigc_create_request',
    'AIGCImageCheckResponse': '.aigc_image_check_response',
    'AIGCImageCreateResponse': '.aigc_image_create_response',
    'AIGCImageTrainResponse': '.aigc_image_train_response',
    'AIGCSDRequest': '.aigc_sd_request',
    'AIGCTrainRequest': '.aigc_train_request',
    'AsyncBatchJobResponse': '.async_job_response',
    'AsyncJobResponse': '.async_job_response',
    'AsyncVideoBatchJobResponse': '.async_video_job_response',
    'AsyncVideoJobResponse': '.async_video_job_response',
    'BatchVideoRequest': '.batch_video_request',
    'BatchVideoRequestVideos': '.batch_video_request_videos',
    'CheckResult': '.check_result',
    'Choice': '.llm_eval_judger_response',
    'ImageQAResponse': '.image_qa_response',
    'ImageRequest': '.image_request',
    'ImageTextRequest': '.image_text_request',
    'Job': '.job',
    'JobState': '.job',
    'LLMEvalJudgerRequest': '.llm_eval_judger_request',
    'LLMEvalJudgerRequestMessages': '.llm_eval_judger_request_messages',
    'LLMEvalJudgerResponse': '.llm_eval_judger_response',
    'PortraitConfigure': '.portrait_configure',
    'Response': '.response',
    'TextRequest': '.text_request',
    'VideoRequest': '.video_request',
})
