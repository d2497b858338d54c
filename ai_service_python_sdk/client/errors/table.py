"""From (status, code, message) to a class: the table of documented causes.

The classes fill it themselves, with :func:`documented` and :func:`family`.
"""
import re

from .base import ApiException, is_delivered_inside

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Callable, Dict, List, Optional, Tuple, Type, TypeVar, Union
    ErrorType = TypeVar('ErrorType', bound='Type[ApiException]')

#: Statuses whose documented causes are found before any work (service reference 4.2).
REFUSED_AT_THE_DOOR = (400, 401, 404)

_by_message = {}  # type: Dict[str, List[Type[ApiException]]]
#: Status to what its unknown causes fall to; 500 stands for all 5xx.
BY_STATUS = {}  # type: Dict[int, Type[ApiException]]
#: All documented causes in the order of the service reference (4.2 to 4.4).
DOCUMENTED = []  # type: List[Type[ApiException]]


def documented(status: int, messages: "Union[str, Tuple[str, ...]]", meaning: str, hint: str,
               code: str = 'error') -> "Callable[[ErrorType], ErrorType]":
    """Declare a class as a documented cause, with what it means and what to do."""
    def declare(cls: "ErrorType") -> "ErrorType":
        cls.http_status, cls.error_code = status, code
        cls.messages = (messages,) if isinstance(messages, str) else messages
        cls.meaning_en, cls.hint_en = meaning, hint
        cls.refused_before_work = status in REFUSED_AT_THE_DOOR
        for message in cls.messages:
            _by_message.setdefault(_normal(message), []).append(cls)
        DOCUMENTED.append(cls)
        return cls
    return declare


def family(status: int, hint: str) -> "Callable[[ErrorType], ErrorType]":
    """Declare a class as what unknown causes of a status fall to; 500 stands for all 5xx."""
    def declare(cls: "ErrorType") -> "ErrorType":
        cls.hint_en = hint
        BY_STATUS[status] = cls
        return cls
    return declare


def class_of(status: "Optional[int]", code: "Optional[str]",
             message: "Optional[str]") -> "Type[ApiException]":
    """Find the class of a cause; ``status`` None or 2xx where the service delivers it so."""
    has_any_status = is_delivered_inside(status)
    for cls in _by_message.get(_normal(message or ''), ()):
        if (has_any_status or status == cls.http_status) and code in (None, cls.error_code):
            return cls
    for cls in DOCUMENTED:
        # A code of its own, EXCEEDED_QUOTA_ERROR, names its cause whatever the message says.
        if code == cls.error_code and code not in ('error', 'PARAMETER_ERROR'):
            return cls
    if status is not None and status >= 500:
        status = 500
    return BY_STATUS.get(status or 0, ApiException)


def _normal(message: str) -> str:
    text = re.sub('[^a-z0-9]+', ' ', message.lower()).strip()
    # The guide lost the first letter of one message (service reference 7, question 24).
    return 'i' + text if text.startswith('mage not provided') else text
