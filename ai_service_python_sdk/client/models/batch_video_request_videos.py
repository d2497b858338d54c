"""One video of a batch."""
from .model import Model, optional, wire_order

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional


@wire_order('url', 'title')
class BatchVideoRequestVideos(Model):
    """Where a video is, and what it is called."""

    #: URL that the service can download.
    url = optional('url', 'str')  # type: Optional[str]
    #: Title, left out while None.
    title = optional('title', 'str')  # type: Optional[str]

    def __init__(self, url: "Optional[str]" = None, title: "Optional[str]" = None) -> None:
        self.fill(url, title)
