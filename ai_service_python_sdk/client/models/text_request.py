"""The request of one text analysis."""
from .model import required, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .request import Configure


@wire_order('action', 'text', 'model_name', 'configure')
class TextRequest(ConfigurableRequest):
    """What to send for one text analysis."""

    #: The text to look at.
    text = required('text', 'str')  # type: str

    def __init__(self, action: "Optional[str]" = None, text: "Optional[str]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, text, model_name, configure)
