"""One message for the judge model."""
from .model import Model, optional, wire_order

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence, Union
    Content = Union[str, Sequence[Mapping[str, Any]]]


@wire_order('role', 'content')
class LLMEvalJudgerRequestMessages(Model):
    """Who says what."""

    keeps_none = True
    #: ``system``, ``user`` or ``assistant``.
    role = optional('role', 'str')  # type: Optional[str]
    #: Text, or parts ``{'mode': 'single' | 'pairwise', 'type': 'json', 'json': {...}}``.
    content = optional('content', 'str')  # type: Optional[Content]

    def __init__(self, role: "Optional[str]" = None, content: "Optional[Content]" = None) -> None:
        self.fill(role, content)
