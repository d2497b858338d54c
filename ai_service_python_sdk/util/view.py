"""Views: typed, forgiving looks at a part of an answer, made when asked for."""

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Type, TypeVar
    ViewType = TypeVar('ViewType', bound='View')


class View(object):
    """A look at one JSON object; fields that are absent or odd are None, ``raw`` keeps all."""

    def __init__(self, raw: "Any") -> None:
        #: The JSON object as it came, also the fields that have no attribute here.
        self.raw = raw if isinstance(raw, dict) else {}  # type: Dict[str, Any]

    def __getitem__(self, key: str) -> "Any":
        return self.raw[key]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.raw == other.raw

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return '{}({!r})'.format(type(self).__name__, self.raw)


def viewed(key: str, convert: "Callable[[Any], Any]", doc: str) -> "Any":
    """Declare a field of a view: ``convert`` turns what is no such value into None."""
    return property(lambda view: convert(view.raw.get(key)), doc=doc)


def views(raw: "Any", kind: "Type[ViewType]") -> "List[ViewType]":
    """Look at each object of a list; anything but a list is an empty one."""
    return [kind(item) for item in raw] if isinstance(raw, list) else []


def as_int(value: "Any") -> "Optional[int]":
    """Take a whole number, also one written as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_float(value: "Any") -> "Optional[float]":
    """Take any number but a truth value."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e300 else None


def as_text(value: "Any") -> "Optional[str]":
    """Take text."""
    return value if isinstance(value, str) else None


def as_bool(value: "Any") -> "Optional[bool]":
    """Take a truth value."""
    return value if isinstance(value, bool) else None
