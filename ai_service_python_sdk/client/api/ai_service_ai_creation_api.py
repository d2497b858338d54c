"""AI creation from text (AI 创作)."""
from ..models.ai_creation_request import AICreationRequest
from ..models.response import Response
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional
    from typing_extensions import Unpack
    from ..models.request import Configure
    from ..typed_methods import BodyMethod, CallOptions

AI_CREATION = Operation(POST, '/api/v1/ai_creation', Response)


class AiServiceAiCreationApi(Family):
    """AI creation over one client."""

    model_ai_creation = AI_CREATION.post(
        'model_ai_creation',
        'ai_creation_with_http_info')  # type: BodyMethod[AICreationRequest, Response]
    ai_creation_with_http_info = AI_CREATION.with_http_info('ai_creation')  # type: Any

    def ai_creation(self, content: str, model_name: "Optional[str]" = '',
                    configure: "Configure" = None, **options: "Unpack[CallOptions]") -> Response:
        """Create from a text; what ``data`` holds is in no official guide."""
        body = AICreationRequest('AICreation', content, model_name, configure)
        return self.model_ai_creation(body, **options)
