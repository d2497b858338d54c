"""What the check and the training of photos share: a list of picture URLs."""
from .model import required, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from .request import Configure


@wire_order('action', 'images', 'model_name', 'configure')
class PhotosRequest(ConfigurableRequest):
    """Photos of one person, 5 to 20, each with exactly one face and over 512 x 512 px."""

    #: URLs that the service can download.
    images = required('images', 'list[str]')  # type: Sequence[str]

    def __init__(self, action: "Optional[str]" = None, images: "Optional[Sequence[str]]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action=action, images=images, model_name=model_name, configure=configure)
