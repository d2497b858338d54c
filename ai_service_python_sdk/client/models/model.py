"""What all models share: declared fields, their order on the wire, printing and comparing.

A model declares each field once, with :func:`required` or :func:`optional`, and the order of its
fields on the wire with :func:`wire_order` (before Python 3.6 a class body has no order, and the
order is part of the signed bytes).
"""
import sys
from collections import OrderedDict
from datetime import date, datetime
from operator import attrgetter

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple, Type, TypeVar
    ModelType = TypeVar('ModelType', bound='Model')

JSON = 'application/json'
#: Types that travel as they are, and type name to type, as the old SDK publishes them.
PRIMITIVE_TYPES = (float, bool, bytes, str, int)
NATIVE_TYPES = {'int': int, 'long': int, 'float': float, 'str': str, 'bool': bool, 'date': date,
                'datetime': datetime, 'object': object}  # type: Dict[str, type]
#: Keeps the order of keys, which is a part of the signed bytes, on every Python.
ordered = dict if sys.version_info >= (3, 6) else OrderedDict  # type: Any
#: A text that a notebook does not show as a whole.
_LONG = "'[^']{500,}'"


class Field(property):
    """A property with the name and type that the service knows, perhaps required."""

    def __init__(self, name: str, kind: str, is_required: bool) -> None:
        self.kind = kind
        slot = '_' + name

        def put(model: "Model", value: object) -> None:
            if value is None and is_required:
                raise ValueError('Invalid value for `{}`, must not be `None`'.format(name))
            model.__dict__[slot] = value

        property.__init__(self, attrgetter(slot), put)


def required(name: str, kind: str) -> "Any":
    """Declare a field that refuses None; ``kind`` is its type in the service's schema."""
    return Field(name, kind, True)


def optional(name: str, kind: str) -> "Any":
    """Declare a field that is left out of the body while it is None."""
    return Field(name, kind, False)


def wire_order(*names: str) -> "Callable[[Type[ModelType]], Type[ModelType]]":
    """Complete a model class: fix its fields' order on the wire."""
    def complete(cls: "Type[ModelType]") -> "Type[ModelType]":
        cls.swagger_types = ordered((name, getattr(cls, name).kind) for name in names)
        cls.attribute_map = dict((name, name) for name in names)
        cls.own_names = names
        return cls
    return complete


def typed_answer(cls: "Type[ModelType]") -> "Type[ModelType]":
    """Keep an answer's ``__name__`` as it was in the old SDK: its programs log and compare it."""
    cls.__name__ = 'Response'
    return cls


class Model(object):
    """Base of everything that travels in a body."""

    #: Field name to type, as the old SDK publishes it, in the order of the wire.
    swagger_types = {}  # type: Dict[str, str]
    #: Field name to key in the JSON.
    attribute_map = {}  # type: Dict[str, str]
    #: Names of the constructor's fields, whatever a subclass puts into the two above.
    own_names = ()  # type: Tuple[str, ...]
    #: Whether :meth:`to_dict` shows fields that are None (the wire never does).
    keeps_none = False
    #: Always None, as in the old SDK.
    discriminator = None  # type: Optional[str]

    def fill(self, *values: object) -> None:
        """Set fields, each checked; they stand in the order of the wire."""
        for name, value in zip(self.own_names, values):
            setattr(self, name, value)

    def to_dict(self) -> "Dict[str, Any]":
        """Return the fields as a dict in wire order, models one level down as dicts too."""
        pairs = ((name, getattr(self, name, None)) for name in self.swagger_types)
        return dict((name, _as_dict(value)) for name, value in pairs
                    if value is not None or self.keeps_none)

    def to_str(self) -> str:
        """Return :meth:`to_dict`, printed with keys in alphabetical order."""
        from pprint import pformat
        try:
            return pformat(self.to_dict())
        except RuntimeError:  # RecursionError before it had a name
            return '<{}, nested too deeply to print>'.format(type(self).__name__)

    __repr__ = to_str

    def _repr_pretty_(self, printer: "Any", cycle: bool) -> None:
        """Show it in a notebook, which keeps what is shown, without its long texts (Base64)."""
        import re
        printer.text(re.sub(_LONG, lambda found: '{}...\' ({} characters)'.format(
            found.group()[:20], len(found.group()) - 2), self.to_str()))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__


def _as_dict(value: object) -> object:
    if isinstance(value, list):
        return [_one_as_dict(item) for item in value]
    if isinstance(value, dict):
        return dict((key, _one_as_dict(item)) for key, item in value.items())
    return _one_as_dict(value)


def _one_as_dict(value: "Any") -> "Any":
    return value.to_dict() if hasattr(value, 'to_dict') else value
