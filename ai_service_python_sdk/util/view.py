"""Views: typed, forgiving looks at a part of an answer, made when asked for."""

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Type, TypeVar
    ViewType = TypeVar('ViewType', bound='View')
    Value = TypeVar('Value')

#: Digits of a number written as text: as many as 64 bits have.
MOST_DIGITS = 19
#: From here on a number is taken for a mistake; a float holds little more.
LARGEST_FLOAT = 1e300


class View(object):
    """A look at one JSON object; a field that is absent or of another type is None.

    :param raw: the object; anything but a dict is taken for an empty one.
    """

    def __init__(self, raw: object) -> None:
        #: The whole JSON object, also the fields that have no attribute here.
        self.raw = raw if isinstance(raw, dict) else {}  # type: Dict[str, Any]

    def to_dict(self) -> "Dict[str, Any]":
        """Return the JSON object; the class makes the view of it again."""
        return dict(self.raw)

    def __getitem__(self, key: str) -> "Any":
        return self.raw[key]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.raw == other.raw

    def __repr__(self) -> str:
        return '{}({!r})'.format(type(self).__name__, self.raw)


def viewed(key: str, convert: "Callable[[object], Value]", doc: str) -> "Value":
    """Declare a field of a view: ``convert`` turns a value of another type into None."""
    return property(lambda view: convert(view.raw.get(key)), doc=doc)  # type: ignore[return-value]


def answered(name: str, convert: "Callable[[object], Value]", doc: str) -> "Value":
    """Declare a field of an answer's ``data`` in the same way."""
    def get(answer: "Any") -> "Value":
        data = answer.__dict__['_data']
        return convert(data.get(name) if isinstance(data, dict) else None)
    return property(get, doc=doc)  # type: ignore[return-value]


def views(kind: "Type[ViewType]") -> "Callable[[object], List[ViewType]]":
    """Look at each object of a list; anything but a list is an empty one."""
    return lambda raw: [kind(item) for item in raw] if isinstance(raw, list) else []


def as_int(value: object) -> "Optional[int]":
    """Take a whole number, also one written as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= MOST_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_float(value: object) -> "Optional[float]":
    """Take any number but a truth value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < LARGEST_FLOAT else None


def as_text(value: object) -> "Optional[str]":
    """Take text."""
    return value if isinstance(value, str) else None


def as_bool(value: object) -> "Optional[bool]":
    """Take a truth value."""
    return value if isinstance(value, bool) else None
