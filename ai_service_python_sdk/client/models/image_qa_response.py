"""The answer to an image quality score (图像质量评分)."""
from ...util.view import answered, as_float, as_int
from .model import typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional


@typed_answer
class ImageQAResponse(Response):
    """Size and quality of a picture."""

    iqa_result = answered('iqa_result', as_float, 'Quality, 0 to 100.')  # type: Optional[float]
    image_width = answered('image_width', as_int, 'Pixels.')  # type: Optional[int]
    image_height = answered('image_height', as_int, 'Pixels.')  # type: Optional[int]
