"""The request of one image analysis."""
from .model import required, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .request import Configure


@wire_order('action', 'image', 'model_name', 'configure')
class ImageRequest(ConfigurableRequest):
    """What to send for one image analysis."""

    #: URL of the picture, or its Base64 text.
    image = required('image', 'str')  # type: str

    def __init__(self, action: "Optional[str]" = None, image: "Optional[str]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, image, model_name, configure)
