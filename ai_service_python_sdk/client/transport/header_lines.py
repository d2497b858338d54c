"""The headers of an answer without the e-mail parser, which takes a tenth of a small call.

What is plain, a name and a value a line, is read here; anything else (folded lines, odd names,
bare line ends) is left to the standard library, so that every answer reads as it does there.
"""
import io
import re
from http import client as http_client
from types import FunctionType

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List

#: Bytes of a line and number of lines, as in the standard library.
LONGEST_LINE, MOST_LINES = 65536, 100

_PLAIN = re.compile(br"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x85\x1c-\x1e\x0b\x0c]*)\r\n\Z")


def parse_headers(stream: "Any", **options: "Any") -> "Any":
    """Read the headers up to the empty line; same result and errors as ``http.client``'s.

    Only what the e-mail parser says of the parts of a body that it was not given is not said.
    """
    message = http_client.HTTPMessage()
    lines = []  # type: List[bytes]
    while len(lines) < MOST_LINES:
        line = stream.readline(LONGEST_LINE + 1)
        lines.append(line)
        plain = _PLAIN.match(line)
        if plain:
            message.set_raw(plain.group(1).decode('ascii'), plain.group(2).decode('latin-1'))
        elif line in (b'\r\n', b'\n', b''):
            return message
        else:
            break
    rest = _Continued(b''.join(lines), stream)  # type: Any
    return http_client.parse_headers(rest, **options)


class _Continued(object):
    """What was read of a stream already, then the stream."""

    def __init__(self, start: bytes, stream: "Any") -> None:
        self._start = io.BytesIO(start)
        self._stream = stream  # type: Any

    def readline(self, limit: int) -> "Any":
        line = self._start.readline(limit)
        return line or self._stream.readline(limit)


def with_our_parser(method: "Any") -> "Any":
    """Return a method of ``http.client`` that finds :func:`parse_headers` by that name.

    Its code is the standard library's of whichever Python runs; only that name means ours.
    """
    names = dict(method.__globals__, parse_headers=parse_headers)
    return FunctionType(method.__code__, names, method.__name__, method.__defaults__)
