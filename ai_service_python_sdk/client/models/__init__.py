"""The request models and the typed answers."""
from ...util.exports import export as _export

TYPE_CHECKING = bool()  # type: bool
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

_export(__name__, '''
    ai_creation_request.AICreationRequest aigc_check_request.AIGCCheckRequest
    aigc_create_request.AIGCCreateRequest aigc_image_check_response.AIGCImageCheckResponse
    aigc_image_create_response.AIGCImageCreateResponse
    aigc_image_train_response.AIGCImageTrainResponse aigc_sd_request.AIGCSDRequest
    aigc_train_request.AIGCTrainRequest async_job_response.AsyncBatchJobResponse
    async_job_response.AsyncJobResponse async_video_job_response.AsyncVideoBatchJobResponse
    async_video_job_response.AsyncVideoJobResponse batch_video_request.BatchVideoRequest
    batch_video_request_videos.BatchVideoRequestVideos check_result.CheckResult
    llm_eval_judger_response.Choice llm_eval_judger_response.LLMEvalJudgerResponse
    image_qa_response.ImageQAResponse image_request.ImageRequest
    image_text_request.ImageTextRequest job.Job job.JobState
    llm_eval_judger_request.LLMEvalJudgerRequest
    llm_eval_judger_request_messages.LLMEvalJudgerRequestMessages
    portrait_configure.PortraitConfigure response.Response text_request.TextRequest
    video_request.VideoRequest
''')
