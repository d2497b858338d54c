"""Headers of a request: found in any case, and what they may hold (RFC 9110, 5.5 and 5.6.2)."""
import re
from collections.abc import MutableMapping

from ..util.language import translate
from ..util.redact import mask_headers

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    TextHeaders = Dict[str, str]
else:
    TextHeaders = dict

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_IS_NAME = re.compile(_NAME + r'\Z').match
#: What HTTP can carry: values of latin-1 without control characters but the tab.
_IS_LINE = re.compile(_NAME + r'\n[\t\x20-\x7e\x80-\xff]*\Z').match


def check_headers(headers: "Any") -> None:
    """Turn the values into text; refuse what HTTP cannot carry.

    :raises ValueError: a name or value that would break out of its line, or beyond latin-1.
    :raises TypeError: a value of None.
    """
    for name, value in headers.items():
        if isinstance(name, str) and isinstance(value, str) and _IS_LINE(name + '\n' + value):
            continue
        text = value.decode('latin-1') if isinstance(value, bytes) else value
        problem = _problem_with(name, text)
        if problem is not None:
            headers = value = text = None  # no frame of the error may hold the signature
            raise problem
        headers[name] = str(text)


def _problem_with(name: "Any", value: "Any") -> "Optional[Exception]":
    if not isinstance(name, str) or not _IS_NAME(name):
        return ValueError('the header name {!r} is not text, or holds a blank, a line break or '
                          'the like; give letters, digits and hyphens'.format(name))
    if value is None:
        return TypeError('the value of header `{}` is None; give text or leave it out'
                         .format(name))
    source = ' (`appid`)' if name == 'Authorization' else ''
    return None if _IS_LINE('{}\n{}'.format(name, value)) else ValueError(translate(
        'the value of header `{}`{} holds a line break or another control character, or one '
        'beyond latin-1; remove it', name, source))


class Headers(TextHeaders):
    """Headers of a request, found in any case as those of requests.

    A dict, since urllib3 copies and walks it in every call: that of requests costs a tenth more.
    """

    def __repr__(self) -> str:
        return repr(mask_headers(self.items()))  # a frame of an error may hold it

    def _spelling(self, name: "Any") -> "Any":
        wanted = name.lower()
        return next((known for known in self if known.lower() == wanted), name)

    def __missing__(self, name: "Any") -> str:
        spelling = self._spelling(name)
        if spelling == name:
            raise KeyError(name)
        return self[spelling]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or dict.__contains__(self, self._spelling(name))

    def __setitem__(self, name: str, value: str) -> None:
        dict.pop(self, self._spelling(name), None)
        dict.__setitem__(self, name, value)

    def __delitem__(self, name: str) -> None:
        dict.__delitem__(self, self._spelling(name))

    def copy(self) -> "Headers":
        return Headers(self)

    def pop(self, name: str, *default: "Any") -> "Any":
        return dict.pop(self, self._spelling(name), *default)

    get = MutableMapping.get  # type: Any
    update = MutableMapping.update  # type: Any
    setdefault = MutableMapping.setdefault  # type: Any
