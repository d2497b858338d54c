"""The request of an analysis of one video, or of pictures and text together."""
from .model import optional, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from .request import Configure


@wire_order('action', 'video_url', 'video_title', 'model_name', 'text', 'images', 'configure')
class VideoRequest(ConfigurableRequest):
    """A video and what goes with it; arguments stand in another order than on the wire."""

    #: URL of the video; ``''`` for pictures and text alone.
    video_url = optional('video_url', 'str')  # type: Optional[str]
    #: Title, for ``ClassifyLabelVideo`` and ``VideoQA``.
    video_title = optional('video_title', 'str')  # type: Optional[str]
    #: Text to classify, for ``MultiModalClassify``.
    text = optional('text', 'str')  # type: Optional[str]
    #: Picture URLs, for ``MultiModalClassify``.
    images = optional('images', 'list[str]')  # type: Optional[Sequence[str]]

    def __init__(self, action: "Optional[str]" = None, video_url: "Optional[str]" = None,
                 video_title: "Optional[str]" = None, model_name: "Optional[str]" = None,
                 configure: "Configure" = None, images: "Optional[Sequence[str]]" = None,
                 text: "Optional[str]" = None) -> None:
        self.fill(action, video_url, video_title, model_name, text, images, configure)
