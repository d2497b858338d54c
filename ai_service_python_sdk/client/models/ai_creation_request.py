"""The request of a creation from text (AI 创作)."""
from .model import required, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from .request import Configure


@wire_order('action', 'content', 'model_name', 'configure')
class AICreationRequest(ConfigurableRequest):
    """What to send for a creation from text (AI 创作)."""

    #: What to write about.
    content = required('content', 'str')  # type: str

    def __init__(self, action: "Optional[str]" = None, content: "Optional[str]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, content, model_name, configure)
