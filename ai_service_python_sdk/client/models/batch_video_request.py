"""The request of an analysis of several videos."""
from .model import required, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence, Union
    from .batch_video_request_videos import BatchVideoRequestVideos
    from .request import Configure
    Videos = Sequence[Union[BatchVideoRequestVideos, Mapping[str, Any]]]


@wire_order('action', 'videos', 'model_name', 'configure')
class BatchVideoRequest(ConfigurableRequest):
    """Several videos in one asynchronous job."""

    #: Each a :class:`BatchVideoRequestVideos`, or a dict with ``url`` and ``title``.
    videos = required('videos', 'list[BatchVideoRequestVideos]')  # type: Videos

    def __init__(self, action: "Optional[str]" = None, videos: "Optional[Videos]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, videos, model_name, configure)
