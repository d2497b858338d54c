"""What requests share: the action, the options, and the list of photos."""
from .model import Model, optional, required, wire_order

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Optional, Sequence
    #: Options of an operation: any JSON object; dates and models inside are fine.
    Configure = Optional[Mapping[str, Any]]


class ActionRequest(Model):
    """A request that names its operation."""

    #: The operation, for instance ``AIGCImageCheck``.
    action = required('action', 'str')  # type: str
    #: Name of a deployed model service; ``''`` is the general one.
    model_name = optional('model_name', 'str')  # type: Optional[str]


class ConfigurableRequest(ActionRequest):
    """A request that takes options."""

    #: Options of the operation, kept as the very object that was given.
    configure = optional('configure', 'object')  # type: Configure


@wire_order('action', 'images', 'model_name', 'configure')
class PhotosRequest(ConfigurableRequest):
    """Photos of one person, 5 to 20, each with exactly one face and over 512 x 512 px.

    :param images: URLs; a list or tuple is kept as the very object that was given, a generator,
        a set or a column of a table becomes a list. Anything else is sent as it is.
    :raises ValueError: ``images`` is None.
    """

    #: URLs that the service can download.
    images = required('images', 'list[str]')  # type: Sequence[str]

    def __init__(self, action: "Optional[str]" = None, images: "Optional[Iterable[str]]" = None,
                 model_name: "Optional[str]" = None, configure: "Configure" = None) -> None:
        self.fill(action, as_list(images), model_name, configure)


def as_list(images: "Any") -> "Any":
    """Return a list of what JSON does not know and can be iterated, as a generator or a set.

    Texts, dicts, lists, tuples and what cannot be iterated come back as they are.
    """
    is_known = isinstance(images, (list, tuple, str, bytes, dict))
    return images if is_known or not hasattr(images, '__iter__') else list(images)
