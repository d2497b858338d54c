"""The answer to an image quality score (图像质量评分)."""
from ...util.view import as_float, as_int
from .model import typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional


@typed_answer
class ImageQAResponse(Response):
    """Size and quality of a picture."""

    @property
    def iqa_result(self) -> "Optional[float]":
        """Quality, 0 to 100."""
        return as_float(self._field('iqa_result'))

    @property
    def image_width(self) -> "Optional[int]":
        """Pixels."""
        return as_int(self._field('image_width'))

    @property
    def image_height(self) -> "Optional[int]":
        """Pixels."""
        return as_int(self._field('image_height'))
