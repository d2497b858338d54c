"""Tagging pictures together with their text (图文); known from the Go SDK."""
from ..models.image_text_request import ImageTextRequest
from ..models.response import Response
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
    from typing_extensions import Unpack
    from ..models.request import Configure
    from ..typed_methods import BodyMethod, CallOptions

IMAGE_TEXT = Operation(POST, '/api/v1/images_with_text', Response)


class AiServiceImageTextApi(Family):
    """Pictures with text over one client."""

    ai_model_image_text = IMAGE_TEXT.post(
        'ai_model_image_text')  # type: BodyMethod[ImageTextRequest, Response]
    ai_model_image_text_with_http_info = IMAGE_TEXT.with_http_info(
        'ai_model_image_text')  # type: Any

    def image_text_tag(self, images: "Sequence[str]", text: "Optional[str]" = None,
                       model_name: "Optional[str]" = '', configure: "Configure" = None,
                       **options: "Unpack[CallOptions]") -> Response:
        """Tag pictures and their text.

        :param images: URLs; :param text: what is written about them.
        """
        body = ImageTextRequest('ImageTextTag', images, text, model_name, configure)
        return self.ai_model_image_text(body, **options)
