"""Analysis of one text."""
from ..api_client import ApiClient  # the old module has ApiClient too
from ..models.response import Response
from ..models.text_request import TextRequest
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any
    from ..typed_methods import BodyMethod, TextAction
    Action = TextAction[Response]

TEXT = Operation(POST, '/api/v1/text', Response)


def _analysis(name: str, action: str, what: str) -> "Any":
    def method(self: "Any", text: str, model_name: str = '', configure: "Any" = None,
               **options: "Any") -> "Any":
        body = TextRequest(action, text, model_name, configure)
        return self.ai_model_text(body, **options)
    return TEXT.named(method, name, what)


class AiServiceTextApi(Family):
    """The actions on text over one client (service reference 2.3, endpoint 8)."""

    ai_model_text = TEXT.post('ai_model_text')  # type: BodyMethod[TextRequest, Response]
    ai_model_text_with_http_info = TEXT.with_http_info('ai_model_text')  # type: Any

    key_word_text = _analysis('key_word_text', 'KeyWordText', 'Find key words.')  # type: Action
    ner_text = _analysis('ner_text', 'NERText', 'Find named entities.')  # type: Action
    fine_grained_label_text = _analysis(
        'fine_grained_label_text', 'FineGrainedLabelText', 'Label a text.')  # type: Action
    vectorization_text = _analysis(
        'vectorization_text', 'VectorizationText', 'Turn a text into a vector.')  # type: Action
    anti_spam_text = _analysis('anti_spam_text', 'AntiSpamText', 'Find spam.')  # type: Action
    sentiment_analysis_text = _analysis(
        'sentiment_analysis_text', 'SentimentAnalysisText',
        'Rate the mood of a text.')  # type: Action
    # One m, as the service spells it.
    ecomerce_review_sentiment_analysis_text = _analysis(
        'ecomerce_review_sentiment_analysis_text', 'EcomerceReviewSentimentAnalysisText',
        'Rate the mood of a review in a shop.')  # type: Action
