"""Analysis of videos, alone, in batches, or of pictures and text together; all asynchronous."""
from ..models.async_video_job_response import AsyncVideoBatchJobResponse, AsyncVideoJobResponse
from ..models.batch_video_request import BatchVideoRequest
from ..models.video_request import VideoRequest
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
    from typing_extensions import Unpack
    from ..models.batch_video_request import Videos
    from ..models.request import Configure
    from ..typed_methods import BodyMethod, CallOptions

VIDEO = Operation(POST, '/api/v1/videos', AsyncVideoJobResponse)
BATCH_VIDEO = Operation(POST, '/api/v1/batch_videos', AsyncVideoBatchJobResponse)


class AiServiceVideoApi(Family):
    """The actions on videos over one client; ask for the results with ``AiServiceJobApi``."""

    ai_model_video = VIDEO.post(
        'ai_model_video')  # type: BodyMethod[VideoRequest, AsyncVideoJobResponse]
    ai_model_video_with_http_info = VIDEO.with_http_info('ai_model_video')  # type: Any
    ai_model_batch_video = BATCH_VIDEO.post(
        'ai_model_batch_video')  # type: BodyMethod[BatchVideoRequest, AsyncVideoBatchJobResponse]
    ai_model_batch_video_with_http_info = BATCH_VIDEO.with_http_info(
        'ai_model_batch_video')  # type: Any

    def classify_label_video(self, video_url: "Optional[str]", video_title: "Optional[str]",
                             model_name: "Optional[str]" = '', configure: "Configure" = None,
                             **options: "Unpack[CallOptions]") -> AsyncVideoJobResponse:
        """Label a video (视频标签分类)."""
        body = VideoRequest('ClassifyLabelVideo', video_url, video_title, model_name, configure)
        return self.ai_model_video(body, **options)

    def video_qa(self, video_url: "Optional[str]", video_title: "Optional[str]",
                 model_name: "Optional[str]" = '', configure: "Configure" = None,
                 **options: "Unpack[CallOptions]") -> AsyncVideoJobResponse:
        """Rate the quality of a video (视频质量)."""
        body = VideoRequest('VideoQA', video_url, video_title, model_name, configure)
        return self.ai_model_video(body, **options)

    def multimodal_classify(self, video_url: "Optional[str]", images: "Optional[Sequence[str]]",
                            text: "Optional[str]", model_name: "Optional[str]" = '',
                            configure: "Configure" = None, **options: "Unpack[CallOptions]"
                            ) -> AsyncVideoJobResponse:
        """Classify a video, pictures and a text together (视频多模态)."""
        body = VideoRequest('MultiModalClassify', video_url, None, model_name, configure, images,
                            text)
        return self.ai_model_video(body, **options)

    def batch_classify_label_video(self, videos: "Videos", model_name: "Optional[str]" = '',
                                   configure: "Configure" = None,
                                   **options: "Unpack[CallOptions]"
                                   ) -> AsyncVideoBatchJobResponse:
        """Label several videos."""
        body = BatchVideoRequest('ClassifyLabelVideo', videos, model_name, configure)
        return self.ai_model_batch_video(body, **options)

    def batch_video_qa(self, videos: "Videos", model_name: "Optional[str]" = '',
                       configure: "Configure" = None, **options: "Unpack[CallOptions]"
                       ) -> AsyncVideoBatchJobResponse:
        """Rate the quality of several videos."""
        body = BatchVideoRequest('VideoQA', videos, model_name, configure)
        return self.ai_model_batch_video(body, **options)
