"""The request of a Stable Diffusion task."""
from .model import required, wire_order
from .request import ActionRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional
    from .request import Configure


@wire_order('action', 'model_name', 'configure')
class AIGCSDRequest(ActionRequest):
    """A task such as ``{'task': 'outpaint', 'input_image': URL, ...}``; in no official guide."""

    keeps_none = True
    #: The task and its numbers.
    configure = required('configure', 'object')  # type: Mapping[str, Any]

    def __init__(self, action: "Optional[str]" = None, model_name: "Optional[str]" = None,
                 configure: "Configure" = None) -> None:
        self.fill(action, model_name, configure)
