"""What every answer can do: be made from its JSON, be judged, give a part of its data."""
from .model import Model

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type, TypeVar
    AnyEnvelope = TypeVar('AnyEnvelope', bound='Envelope')

#: ``code`` of an answer that carries a result.
OK = 'OK'


class Envelope(Model):
    """The envelope's behaviour; :class:`.Response` declares its four fields."""

    keeps_none = True

    @classmethod
    def from_envelope(cls: "Type[AnyEnvelope]", json: "Dict[str, Any]") -> "AnyEnvelope":
        """Make an answer from its decoded JSON; the three text fields become text."""
        get = json.get
        make = cls  # type: Any
        answer = make(_text(get('request_id')), _text(get('code')), _text(get('message')),
                      get('data'))  # type: AnyEnvelope
        return answer

    def __eq__(self, other: object) -> bool:
        # A typed answer equals a plain Response of the same content, as in the old SDK.
        return isinstance(other, Envelope) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: None

    def _field(self, name: str) -> "Any":
        data = self.__dict__['_data']
        return data.get(name) if isinstance(data, dict) else None


def _text(value: "Any") -> "Optional[str]":
    return value if value is None else str(value)
