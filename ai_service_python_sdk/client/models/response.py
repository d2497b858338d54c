"""The envelope of every answer: request_id, code, message, data."""
from .model import Model, optional, wire_order

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type, TypeVar
    AnyResponse = TypeVar('AnyResponse', bound='Response')

#: ``code`` of an answer that carries a result.
OK = 'OK'


@wire_order('request_id', 'code', 'message', 'data')
class Response(Model):
    """An answer of the service (service reference 2.1); an absent field is None."""

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
        self.fill(request_id, code, message, data)

    @classmethod
    def from_envelope(cls: "Type[AnyResponse]", json: "Dict[str, Any]") -> "AnyResponse":
        """Make an answer from its decoded JSON; the three text fields become text."""
        texts = [json.get(name) for name in ('request_id', 'code', 'message')]
        texts = [text if text is None or isinstance(text, str) else str(text) for text in texts]
        return cls(texts[0], texts[1], texts[2], json.get('data'))

    @property
    def ok(self) -> bool:
        """Whether the service says that it did what was asked (``code`` is ``OK``)."""
        return self.code == OK

    def raise_for_code(self) -> None:
        """Raise the documented error (an :class:`.ApiException`) unless :attr:`ok`."""
        if not self.ok:
            # Here and not above: a model knows no errors until somebody asks for one.
            from ..errors.service import error_of_envelope
            raise error_of_envelope(self.to_dict())

    def __eq__(self, other: object) -> bool:
        # A typed answer equals a plain Response of the same content, as in the old SDK.
        return isinstance(other, Response) and self.to_dict() == other.to_dict()
