"""A request on its way: where it goes, its frozen bytes, and where a redirect may take it."""
import json
import re
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ..util.redact import MASK, SECRET_HEADERS

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple

#: Methods of the generic call; these carry a body, ``{}`` when none is given.
WITH_BODY = ('POST', 'PUT', 'PATCH', 'DELETE')
METHODS = ('GET', 'HEAD', 'OPTIONS') + WITH_BODY
#: Redirects that keep method and body. Not 303: it asks for a GET, which is another operation.
REDIRECTS = (301, 302, 307, 308)
DEFAULT_PORTS = {'http': 80, 'https': 443}

_UNFIT_IN_URL = re.compile(r'[\s\x00-\x20\x7f\\]')
_JSON_TYPE = re.compile('json', re.IGNORECASE)
#: What a header name may be made of (RFC 9110, 5.6.2), and the names that need no look.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_USUAL_NAMES = frozenset(('Accept', 'Content-Type', 'Authorization', 'User-Agent', 'Cookie'))
_SAFE_IN_PATH = "!$%&'()*+,/:;=@~"
#: Scheme, name and port of a URL, and the rest without the fragment.
_HOST_AND_REST = re.compile('((?:[^:/?#]*://)?[^/?#]*)([^#]*)')  # type: Any


class Outgoing(object):
    """One request; its headers are made when it leaves, for the path that it leaves to."""

    def __init__(self, method: str, url: str, body: "Optional[bytes]",
                 headers_for: "Callable[[str], Dict[str, Any]]", repeatable: bool = False,
                 signed_path: str = '') -> None:
        self.method = method
        self.url = url
        self.body = body
        self.headers_for = headers_for
        #: Whether the operation may reach the service twice.
        self.repeatable = repeatable
        #: The path as the service sees it: without what a gateway in front adds.
        self.path = signed_path or url[url.find('/', 8):]  # type: str

    def headers(self) -> "Dict[str, str]":
        """Return the headers as text, with the length of the body.

        :raises ValueError: a name or value that would break out of its line.
        :raises UnicodeEncodeError: (a ValueError) a value beyond latin-1.
        """
        headers = self.headers_for(self.path)
        problem = _problem_with(headers)
        if problem is not None:
            # No frame of the error may hold the signature.
            del headers
            raise problem
        if self.body is not None:
            headers['Content-Length'] = str(len(self.body))
        return headers


def _problem_with(headers: "Dict[str, Any]") -> "Optional[Exception]":
    """Turn the values into text; return what is wrong with the first that HTTP cannot carry."""
    for name, value in headers.items():
        if name not in _USUAL_NAMES and not _is_name(name):
            return ValueError('the header name {!r} is no text, or holds a blank, a line break or '
                              'the like; give letters, digits and hyphens'.format(name))
        if type(value) is not str:
            if value is None:
                return TypeError('the value of header `{}` is None; give text or leave it out'
                                 .format(name))
            value = headers[name] = _header_text(value)
        if '\n' in value or '\r' in value:
            return ValueError('the value of header `{}` holds a line break; remove it'
                              .format(name))
        try:
            value.encode('latin-1')
        except UnicodeEncodeError:
            return _not_latin(name, value)
    return None


def _is_name(name: "Any") -> bool:
    text = name.decode('latin-1') if isinstance(name, bytes) else name
    return isinstance(text, str) and bool(_NAME.match(text))


def _not_latin(name: str, value: str) -> UnicodeEncodeError:
    shown = MASK if name.lower() in SECRET_HEADERS else value
    return UnicodeEncodeError('latin-1', shown, 0, len(shown), 'the value of header `{}`{} has a '
                              'character that HTTP cannot carry; give latin-1'.format(
                                  name, ', or `appid`,' if name == 'Authorization' else ''))


def _header_text(value: "Any") -> str:
    return value.decode('latin-1') if isinstance(value, bytes) else str(value)


class Address(object):
    """A host as the user gave it, read once."""

    def __init__(self, host: "Any", called: str = 'host') -> None:
        if not isinstance(host, str):
            raise TypeError('`{}` is a {}; give text such as http://service.example.com'
                            .format(called, type(host).__name__))
        text = host if '://' in host else 'http://' + host
        try:
            parts = urlsplit(text)
            problem = _problem_of(parts, text)
            name = _name_on_the_wire(parts.netloc)
        except ValueError:
            parts, name, problem = urlsplit(''), '', 'is no URL'
        if problem:
            raise ValueError('`{}` {}; give for instance http://service.example.com'
                             .format(called, problem))
        #: Scheme, name and port, and the path in front of ``/api/v1``.
        path = escaped(parts.path)
        self.base = '{}://{}{}'.format(parts.scheme, name,
                                       path[:-1] if path.endswith('/') else path)  # type: str

    def url(self, path: str) -> str:
        """Return the URL of a path of the service."""
        return self.base + path


def escaped(text: str) -> str:
    """Return a path and query as urllib3 would send them, so that this is what is signed."""
    text = re.sub('%(?![0-9A-Fa-f]{2})', '%25', text)
    text = re.sub('%..', lambda escape: escape.group().upper(), text)
    path, mark, query = text.partition('?')
    return quote(path, _SAFE_IN_PATH) + mark + quote(query, _SAFE_IN_PATH + '?')


def complete(url: "Any") -> str:
    """Return an address that a user gave with its path, escaped and without a fragment.

    :raises ValueError: it leads to no service.
    """
    host, rest = _HOST_AND_REST.match(url).groups() if isinstance(url, str) else (url, '')
    return Address(host, 'url').base + escaped(rest if rest.startswith('/') else '/' + rest)


def _name_on_the_wire(name: str) -> str:
    return name if _is_ascii(name) else name.encode('idna').decode('ascii')


def _is_ascii(text: str) -> bool:
    return all(ord(character) < 128 for character in text)


def _problem_of(parts: "Any", text: str) -> "Optional[str]":
    if parts.scheme not in DEFAULT_PORTS:
        return 'has the scheme {!r}'.format(parts.scheme)
    if '@' in parts.netloc:
        return 'holds a user name or password'
    if parts.query or parts.fragment:
        return 'has a query or fragment'
    if _UNFIT_IN_URL.search(text):
        return 'holds a blank or control character'
    try:
        labels = (parts.hostname or '').rstrip('.').split('.')
        is_complete = parts.port != 0 and all(0 < len(label) < 64 for label in labels)
    except ValueError:
        is_complete = False
    return None if is_complete else 'is no URL with a name and a valid port'


def redirected(outgoing: "Outgoing", status: int, location: "Any") -> "Optional[Outgoing]":
    """Return the request to follow, None unless it stays with the same service.

    Same host, same port, same or safer scheme: photos and signature go nowhere else.
    """
    if status not in REDIRECTS or not location or _UNFIT_IN_URL.search(location):
        return None
    try:
        if urlsplit(location).scheme and not urlsplit(location).netloc:
            return None
        url = urljoin(outgoing.url, location).split('#')[0]
        old, new = urlsplit(outgoing.url), urlsplit(url)
        is_same = _is_same_service(old, new)
    except ValueError:
        return None
    if not is_same:
        return None
    path = escaped((new.path or '/') + ('?' + new.query if new.query else ''))
    prefix = old.path[:len(old.path) - len(outgoing.path.split('?')[0])]
    signed = path[len(prefix):] if prefix and path.startswith(prefix + '/') else path
    return Outgoing(outgoing.method, '{}://{}{}'.format(new.scheme, new.netloc, path),
                    outgoing.body, outgoing.headers_for, outgoing.repeatable, signed)


def _is_same_service(old: "Any", new: "Any") -> bool:
    if '@' in new.netloc or old.hostname != new.hostname:
        return False
    ports = (_port(old), _port(new))
    if old.scheme == new.scheme:
        return ports[0] == ports[1]
    return (old.scheme, new.scheme) == ('http', 'https') and ports == (80, 443)


def _port(parts: "Any") -> int:
    return parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


def encode_request(method: str, url: str, query: "Any", headers: "Any", body: "Any",
                   form: "Any") -> "Tuple[str, Dict[str, Any], Optional[bytes]]":
    """Return URL, headers and bytes of a generic request.

    :raises ValueError: unknown method, or a body and form fields together.
    """
    if str(method).upper() not in METHODS:
        raise ValueError('`method` is {!r}; must be one of {}'.format(method, ', '.join(METHODS)))
    if body is not None and form:
        raise ValueError('`body` and `post_params` were both given; a request has one of them')
    url = complete(url)
    if query:
        url += ('&' if '?' in url else '?') + urlencode(query)
    final = dict(headers or {})
    if 'Content-Type' not in final:
        final['Content-Type'] = 'application/json'
    if method.upper() not in WITH_BODY:
        return url, final, None
    return url, final, _encode_body(final, body, form)


def _encode_body(headers: "Dict[str, Any]", body: "Any", form: "Any") -> bytes:
    kind = headers['Content-Type']
    if kind == 'application/x-www-form-urlencoded':
        return urlencode(form or [] if body is None else body).encode('ascii')
    if kind == 'multipart/form-data':
        from urllib3.filepost import encode_multipart_formdata
        data, headers['Content-Type'] = encode_multipart_formdata(form or [])
        return data
    if isinstance(body, bytes):
        return body
    if _JSON_TYPE.search(kind):
        return json.dumps({} if body is None else body, allow_nan=False).encode('ascii')
    if isinstance(body, str):
        return body.encode('utf-8')
    raise ValueError('a body of type {} cannot be sent as {}; give bytes or text'
                     .format(type(body).__name__, kind))
