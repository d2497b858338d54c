"""The request of an analysis of pictures together with text (图文)."""
from .model import optional, wire_order
from .request import PhotosRequest, as_list

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Iterable, Optional
    from .request import Configure


@wire_order('action', 'images', 'text', 'model_name', 'configure')
class ImageTextRequest(PhotosRequest):
    """Pictures and the text that belongs to them."""

    #: The text, left out while None.
    text = optional('text', 'str')  # type: Optional[str]

    def __init__(self, action: "Optional[str]" = None, images: "Optional[Iterable[str]]" = None,
                 text: "Optional[str]" = None, model_name: "Optional[str]" = None,
                 configure: "Configure" = None) -> None:
        self.fill(action, as_list(images), text, model_name, configure)
