"""The options of a creation, checked before a call is paid for."""
import warnings

from ...util.parameters import PARAMETERS

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict
    Options = Dict[str, Any]
else:
    Options = dict

_BY_NAME = dict((parameter.name, parameter) for parameter in PARAMETERS)


class PortraitConfigure(Options):
    """A ``configure`` dict whose documented keys are checked for type, range and choice.

    Keys: see :data:`.PARAMETERS`. An undocumented key passes with one warning.

    :raises ValueError: a value that the guide does not allow, named with the remedy.
    """

    def __init__(self, **options: "Any") -> None:
        dict.__init__(self)
        self.update(options)

    def __setitem__(self, name: str, value: "Any") -> None:
        if name not in _BY_NAME:
            warnings.warn('`{}` is no documented parameter'.format(name), stacklevel=3)
        elif _BY_NAME[name].problem(value):
            raise ValueError(_BY_NAME[name].problem(value))
        dict.__setitem__(self, name, value)

    def update(self, *others: "Any", **options: "Any") -> None:
        """Set several keys, each checked."""
        for name, value in dict(*others, **options).items():
            self[name] = value

    def setdefault(self, name: str, default: "Any" = None) -> "Any":
        """Set a key unless it is there, checked."""
        self[name] = self.get(name, default)
        return self[name]
