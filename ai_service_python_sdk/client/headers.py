"""What a header of a request may hold (RFC 9110, 5.5 and 5.6.2)."""
import re

from ..util.redact import MASK, SECRET_HEADERS

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
#: Names that need no look, since every call has them.
_USUAL_NAMES = frozenset(('Accept', 'Content-Type', 'Authorization', 'User-Agent', 'Cookie'))
#: All control characters but the tab.
_UNFIT_IN_VALUE = re.compile(r'[\x00-\x08\x0a-\x1f\x7f]')


def check_headers(headers: "Dict[str, Any]") -> None:
    """Turn the values into text; refuse what HTTP cannot carry.

    :raises ValueError: a name or value that would break out of its line.
    :raises UnicodeEncodeError: (a ValueError) a value beyond latin-1.
    :raises TypeError: a value of None.
    """
    for name, value in headers.items():
        problem = _problem_with(name, value)
        if problem is not None:
            del headers, value  # no frame of the error may hold the signature
            raise problem
        if not isinstance(value, str):
            headers[name] = _text_of(value)


def _problem_with(name: "Any", value: "Any") -> "Optional[Exception]":
    if name not in _USUAL_NAMES and not _is_name(name):
        return ValueError('the header name {!r} is not text, or holds a blank, a line break or '
                          'the like; give letters, digits and hyphens'.format(name))
    if value is None:
        return TypeError('the value of header `{}` is None; give text or leave it out'
                         .format(name))
    text = _text_of(value)
    if _UNFIT_IN_VALUE.search(text):
        return ValueError('the value of header `{}` holds a line break or another control '
                          'character; remove it'.format(name))
    try:
        text.encode('latin-1')
    except UnicodeEncodeError:
        return _not_latin(name, text)
    return None


def _not_latin(name: str, value: str) -> UnicodeEncodeError:
    shown = MASK if name.lower() in SECRET_HEADERS else value
    return UnicodeEncodeError('latin-1', shown, 0, len(shown), 'the value of header `{}`{} has a '
                              'character that HTTP cannot carry; give latin-1'.format(
                                  name, ', or `appid`,' if name == 'Authorization' else ''))


def _is_name(name: "Any") -> bool:
    text = name.decode('latin-1') if isinstance(name, bytes) else name
    return isinstance(text, str) and bool(_NAME.match(text))


def _text_of(value: "Any") -> str:
    if isinstance(value, str):
        return value
    return value.decode('latin-1') if isinstance(value, bytes) else str(value)
