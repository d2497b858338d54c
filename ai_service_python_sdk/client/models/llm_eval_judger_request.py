"""The request of the judge model (裁判员模型)."""
from .model import required, wire_order
from .request import ActionRequest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence, Union
    from .llm_eval_judger_request_messages import LLMEvalJudgerRequestMessages
    Messages = Sequence[Union[LLMEvalJudgerRequestMessages, Mapping[str, Any]]]


@wire_order('action', 'model_name', 'model', 'messages')
class LLMEvalJudgerRequest(ActionRequest):
    """A conversation for the judge to rate."""

    keeps_none = True
    #: The judge, for instance ``Themis-1.0``.
    model = required('model', 'str')  # type: str
    #: Messages ``{role, content}``, as models or dicts.
    messages = required('messages', 'list[LLMEvalJudgerRequestMessages]')  # type: Messages

    def __init__(self, action: "Optional[str]" = None, model_name: "Optional[str]" = None,
                 model: "Optional[str]" = None, messages: "Optional[Messages]" = None) -> None:
        self.fill(action, model_name, model, messages)
