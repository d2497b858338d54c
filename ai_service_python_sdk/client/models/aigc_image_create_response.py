"""The answer to a creation: the portrait."""
from ...util.files import write_whole
from ...util.picture import Pictured, decoded
from ...util.view import answered, as_float
from .model import optional, typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional, Union
    from typing_extensions import TypedDict
    from ...util.files import Place
    CreateData = TypedDict('CreateData', {'image': str, 'cost_time': float,
                                          'model_id': Union[str, List[str]]})


@typed_answer
class AIGCImageCreateResponse(Response, Pictured):
    """A finished portrait, inline in the answer; notebooks show it as a picture."""

    data = optional('data', 'object')  # type: CreateData
    cost_time = answered('cost_time', as_float,
                         'Seconds that the service spent.')  # type: Optional[float]
    model_id = answered('model_id', lambda value: value, 'The model used; undocumented for '
                        'several persons, where it may be a list.')  # type: Any

    @property
    def image_bytes(self) -> "Optional[bytes]":
        """The picture file as the service made it; None if absent or if its Base64 is broken."""
        return decoded(self.data.get('image') if isinstance(self.data, dict) else None)

    def save_image(self, path_or_file: "Place") -> None:
        """Write the picture to a path, whole or not at all, or to an open binary file.

        :raises ValueError: the answer holds no picture; :raises OSError: it cannot be written.
        """
        picture = self.image_bytes
        if picture is None:
            raise ValueError('the answer holds no picture; look at its code and message')
        write_whole(picture, path_or_file)
