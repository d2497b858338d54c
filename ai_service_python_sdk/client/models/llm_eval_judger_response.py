"""The answer of the judge model."""
from ...util.view import View, answered, as_int, as_text, viewed, views
from .model import typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List, Optional


class Choice(View):
    """One verdict."""

    index = viewed('index', as_int, 'Its number.')  # type: Optional[int]
    text = viewed('text', as_text, 'The verdict.')  # type: Optional[str]
    finish_reason = viewed('finish_reason', as_text, 'Why it ends.')  # type: Optional[str]


@typed_answer
class LLMEvalJudgerResponse(Response):
    """Verdicts of the judge."""

    choices = answered('choices', views(Choice), 'The verdicts; the text is '
                       '``choices[0].text``.')  # type: List[Choice]
