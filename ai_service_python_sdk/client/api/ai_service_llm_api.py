"""The judge model (裁判员模型), which rates answers of language models."""
from ..models.llm_eval_judger_request import LLMEvalJudgerRequest
from ..models.llm_eval_judger_response import LLMEvalJudgerResponse
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from typing_extensions import Unpack
    from ..api_client import ApiClient
    from ..models.llm_eval_judger_request import Messages
    from ..typed_methods import CallOptions

EVAL_JUDGER = Operation(POST, '/api/v1/llm/eval_judger', LLMEvalJudgerResponse)


class LlmEvaluation(Family):
    """Ratings over one client."""

    def create(self, model: str, messages: "Messages", model_name: "Optional[str]" = '',
               **options: "Unpack[CallOptions]") -> LLMEvalJudgerResponse:
        """Let the judge rate a conversation; the verdict is ``choices[0].text``.

        :param model: the judge, ``Themis-1.0`` in every example.
        :param messages: ``{role, content}`` as dicts or models (service reference 2.2).
        """
        body = LLMEvalJudgerRequest('LLMEvalJudger', model_name, model, messages)
        return EVAL_JUDGER.send(  # type: ignore[no-any-return]
            self.api_client, 'create', body, dict(options, _return_http_data_only=True))


class AiServiceLlmApi(object):
    """Holds :attr:`llm_evaluation`."""

    def __init__(self, api_client: "ApiClient") -> None:
        self.api_client = api_client  # type: ApiClient
        self.llm_evaluation = LlmEvaluation(api_client)  # type: LlmEvaluation
