"""The envelope of every answer: request_id, code, message, data."""
from .model import Model, optional, wire_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type, TypeVar
    AnyResponse = TypeVar('AnyResponse', bound='Response')

#: ``code`` of an answer that carries a result.
OK = 'OK'


@wire_order('request_id', 'code', 'message', 'data')
class Response(Model):
    """An answer of the service; ``data`` is the plain decoded JSON.

    Source: service reference 2.1. An absent field is None.
    """

    keeps_none = True
    #: Serial number of the request (请求流水号); quote it in a support case.
    request_id = optional('request_id', 'str')  # type: Optional[str]
    #: ``OK``, ``error``, or an error code such as ``PARAMETER_ERROR``.
    code = optional('code', 'str')  # type: Optional[str]
    #: ``success``, or the reason in English.
    message = optional('message', 'str')  # type: Optional[str]
    #: What the operation gave: dicts and lists, as decoded from JSON.
    data = optional('data', 'object')  # type: Any

    def __init__(self, request_id: "Optional[str]" = None, code: "Optional[str]" = None,
                 message: "Optional[str]" = None, data: "Any" = None) -> None:
        self._request_id = request_id
        self._code = code
        self._message = message
        self._data = data

    @classmethod
    def from_envelope(cls: "Type[AnyResponse]", envelope: "Dict[str, Any]") -> "AnyResponse":
        """Make an answer from its decoded JSON; the three text fields become text."""
        get = envelope.get
        return cls(_text(get('request_id')), _text(get('code')), _text(get('message')),
                   get('data'))

    @property
    def ok(self) -> bool:
        """Whether the service says that it did what was asked (``code`` is ``OK``)."""
        return self.code == OK

    def raise_for_code(self) -> None:
        """Raise the documented error of this answer unless it is :attr:`ok`.

        :raises ApiException: the class that belongs to code and message.
        """
        if not self.ok:
            # Here and not above: a model knows no errors until somebody asks for one.
            from ..exceptions import error_of_envelope
            raise error_of_envelope(self.to_dict())

    def __eq__(self, other: object) -> bool:
        # A typed answer equals a plain Response of the same content, as in the old SDK.
        return isinstance(other, Response) and self.to_dict() == other.to_dict()

    __hash__ = None

    def _field(self, name: str) -> "Any":
        """One key of ``data``, None if ``data`` is no object."""
        return self._data.get(name) if isinstance(self._data, dict) else None


def _text(value: "Any") -> "Optional[str]":
    return value if value is None else str(value)


def typed_answer(cls: "Type[AnyResponse]") -> "Type[AnyResponse]":
    """Complete a typed answer: its ``__name__`` stays ``Response``.

    Programs for the old SDK log and compare the class name; pickling uses the qualified name.
    """
    cls.__name__ = Response.__name__
    return cls
