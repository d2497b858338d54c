"""The options of a creation, checked before a call is paid for."""
import warnings

from ...util.parameters import BY_NAME, as_plain

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Mapping, Tuple, Union
    Options = Dict[str, Any]
    Given = Union[Mapping[str, Any], Iterable[Tuple[str, Any]]]
else:
    Options = dict


class PortraitConfigure(Options):
    """A ``configure`` dict whose documented keys are checked for type, range and choice.

    Keys: see :data:`.PARAMETERS`. An undocumented key passes with one warning. Numbers and truth
    values of numpy become Python's own, which JSON knows. Keys are set in the order given, up to
    the first that is refused.

    :param given: a mapping or pairs to begin with; :param options: more keys.
    :raises ValueError: a value that the guide does not allow, named with the remedy.
    """

    def __init__(self, given: "Given" = (), **options: "Any") -> None:
        dict.__init__(self)
        self._put(dict(given, **options))

    def __setitem__(self, name: str, value: "Any") -> None:
        self._put({name: value})

    def update(self, given: "Given" = (), **options: "Any") -> None:  # type: ignore[override]
        """Set several keys, each checked."""
        self._put(dict(given, **options))

    def setdefault(self, name: str, default: "Any" = None) -> "Any":
        """Return a key's value, setting it first unless it is there, checked."""
        if name not in self:
            self._put({name: default})
        return self[name]

    def __or__(self, other: "Any") -> "Any":
        if not isinstance(other, dict):
            return NotImplemented
        both = self.copy()
        both._put(other)
        return both

    def __ior__(self, other: "Given") -> "PortraitConfigure":  # type: ignore[override, misc]
        self._put(dict(other))
        return self

    def copy(self) -> "PortraitConfigure":
        """Return a configure of its own with the same keys."""
        twin = PortraitConfigure()
        dict.update(twin, self)
        return twin

    def _put(self, options: "Dict[str, Any]") -> None:
        for name, value in options.items():
            value = as_plain(value)
            if name not in BY_NAME:  # three frames up is the line that set the key
                warnings.warn('`{}` is not a documented parameter'.format(name), stacklevel=3)
            elif BY_NAME[name].problem(value):
                raise ValueError(BY_NAME[name].problem(value))
            dict.__setitem__(self, name, value)
