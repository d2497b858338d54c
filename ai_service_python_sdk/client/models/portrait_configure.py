"""The options of a creation, checked before a call is paid for."""
import warnings

from ...util.parameters import PARAMETERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BY_NAME = dict((parameter.name, parameter) for parameter in PARAMETERS)


class PortraitConfigure(dict):  # type: ignore[type-arg]  # dict[...] needs Python 3.9
    """A ``configure`` dict whose documented keys are checked for type, range and choice.

    Keys: see :data:`ai_service_python_sdk.util.parameters.PARAMETERS`. A key that is not
    documented passes with one warning, since the service grows.

    :raises ValueError: a value that the guide does not allow, named with the remedy.
    """

    def __init__(self, **options: "Any") -> None:
        dict.__init__(self)
        self.update(options)

    def __setitem__(self, name: str, value: "Any") -> None:
        if name not in _BY_NAME:
            warnings.warn('`{}` is no documented parameter; it is sent as it is'.format(name),
                          stacklevel=3)
        else:
            problem = _BY_NAME[name].problem(value)
            if problem:
                raise ValueError(problem)
        dict.__setitem__(self, name, value)

    def update(self, *others: "Any", **options: "Any") -> None:
        """Set several keys, each checked."""
        for name, value in dict(*others, **options).items():
            self[name] = value

    def setdefault(self, name: str, default: "Any" = None) -> "Any":
        """Set a key unless it is there, checked."""
        if name not in self:
            self[name] = default
        return self[name]
