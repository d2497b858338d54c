"""The answer to a creation: the portrait."""
import binascii

from .model import optional
from .picture import media_type_of, save
from .response import Response, typed_answer
from .view import as_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, IO, List, Optional, Union
    from typing_extensions import TypedDict
    CreateData = TypedDict('CreateData', {'image': str, 'cost_time': float,
                                          'model_id': Union[str, List[str]]}, total=False)


@typed_answer
class AIGCImageCreateResponse(Response):
    """A finished portrait, inline in the answer; notebooks show it as a picture."""

    data = optional('data', 'object')  # type: CreateData

    @property
    def image_bytes(self) -> "Optional[bytes]":
        """The picture file as it came; None without one, or if its Base64 is broken."""
        try:
            return binascii.a2b_base64(self._field('image') or b'') or None
        except (TypeError, ValueError):
            return None

    @property
    def media_type(self) -> "Optional[str]":
        """``image/jpeg``, ``image/png``, … by the picture's first bytes."""
        return media_type_of(self.image_bytes)

    @property
    def cost_time(self) -> "Optional[float]":
        """Seconds that the service spent."""
        return as_float(self._field('cost_time'))

    @property
    def model_id(self) -> "Any":
        """The model used; undocumented for several persons, where it may be a list."""
        return self._field('model_id')

    def save_image(self, path_or_file: "Union[str, IO[bytes]]") -> None:
        """Write the picture to a path, whole or not at all, or to an open binary file.

        :raises ValueError: the answer holds no picture.
        """
        save(self.image_bytes, path_or_file)

    def _repr_jpeg_(self) -> "Optional[bytes]":
        return self.image_bytes if self.media_type == 'image/jpeg' else None

    def _repr_png_(self) -> "Optional[bytes]":
        return self.image_bytes if self.media_type == 'image/png' else None
