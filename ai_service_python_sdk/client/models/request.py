"""What all requests share: the action and the options that every endpoint takes."""
from .model import Model, optional, required

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional
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
