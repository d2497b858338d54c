"""The request of a creation (写真制作), for one person or several."""
from .model import optional, wire_order
from .request import ConfigurableRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from .request import Configure


@wire_order('action', 'model_id', 'model_ids', 'model_name', 'template_image', 'configure')
class AIGCCreateRequest(ConfigurableRequest):
    """Who is to be put into which picture; give ``model_id`` or ``model_ids``."""

    #: The trained model of the one person.
    model_id = optional('model_id', 'str')  # type: Optional[str]
    #: One trained model per face in the template; the same id may stand twice.
    model_ids = optional('model_ids', 'list[str]')  # type: Optional[Sequence[str]]
    #: URL of the template picture.
    template_image = optional('template_image', 'str')  # type: Optional[str]

    def __init__(self, action: "Optional[str]" = None, model_id: "Optional[str]" = None,
                 model_ids: "Optional[Sequence[str]]" = None, model_name: "Optional[str]" = None,
                 template_image: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, model_id, model_ids, model_name, template_image, configure)
