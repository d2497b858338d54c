"""A host as the user gave it, how a path is escaped, and where a redirect may lead."""
import re
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urljoin, urlsplit

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from urllib.parse import SplitResult

#: Redirects that keep method and body. Not 303: it asks for a GET, which is another operation.
REDIRECTS = (301, 302, 307, 308)
DEFAULT_PORTS = {'http': 80, 'https': 443}
PROXY_SCHEMES = ('http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h')
#: The highest port there is.
HIGHEST_PORT = 65535
#: Addresses whose reading is remembered.
REMEMBERED = 256
NOT_TEXT = '`{}` is a {}; give text such as http://service.example.com'

_DIGITS = re.compile('[0-9]+\\Z')
_UNFIT_IN_URL = re.compile(r'[\s\x00-\x20\x7f\\]')
_SAFE_IN_PATH = "!$%&'()*+,/:;=@~"
#: Scheme, name and port of a URL, and the rest without the fragment.
_HOST_AND_REST = re.compile('((?:[^:/?#]*://)?[^/?#]*)([^#]*)')  # type: Any


@lru_cache(maxsize=REMEMBERED)
def base_of(host: str, called: str = 'host') -> str:
    """Return scheme, name and port of a host as the user gave it, and the path in front.

    :raises ValueError: it cannot be called.
    """
    text = host if '://' in host else 'http://' + host
    try:
        parts = urlsplit(text)
        name = parts.netloc if _is_ascii(parts.netloc) else (
            parts.netloc.encode('idna').decode('ascii'))
        problem = _problem_of(parts, text)
        path = escaped(parts.path)
        base = '{}://{}{}'.format(parts.scheme, name, path[:-1] if path.endswith('/') else path)
    except ValueError:
        base, problem = '', 'cannot be read as a URL'
    if problem:
        raise ValueError('`{}` {}; give for instance http://service.example.com'
                         .format(called, problem))
    return base


def is_of_this_computer(host: str) -> bool:
    """Whether a host is a loopback address: an emulator's, or a test's."""
    with suppress(ValueError):
        name = urlsplit(base_of(host)).hostname or ''
        return name == 'localhost' or is_loopback(name)
    return False


def is_loopback(address: str) -> bool:
    """Whether an IP address leads to this very computer; no name is looked up."""
    with suppress(ValueError):
        return ip_address(address.split('%')[0]).is_loopback
    return False


def escaped(text: str) -> str:
    """Return a path and query as urllib3 would send them, so that this is what is signed."""
    text = re.sub('%(?![0-9A-Fa-f]{2})', '%25', text)
    text = re.sub('%..', lambda escape: escape.group().upper(), text)
    path, mark, query = text.partition('?')
    return quote(path, _SAFE_IN_PATH) + mark + quote(query, _SAFE_IN_PATH + '?')


def complete(url: "Any") -> str:
    """Return an address that a user gave with its path, escaped and without a fragment.

    :raises ValueError: it does not lead to a service; :raises TypeError: it is not text.
    """
    if not isinstance(url, str):
        raise TypeError(NOT_TEXT.format('url', type(url).__name__))
    return _completed(url)


@lru_cache(maxsize=REMEMBERED)
def _completed(url: str) -> str:
    host, rest = _HOST_AND_REST.match(url).groups()
    return base_of(host, 'url') + escaped(rest if rest.startswith('/') else '/' + rest)


def _is_ascii(text: str) -> bool:
    return all(ord(character) < 128 for character in text)


def _problem_of(parts: "SplitResult", text: str) -> "Optional[str]":
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
        is_complete = is_port(parts) and all(0 < len(label) < 64 for label in labels)
    except ValueError:
        is_complete = False
    return None if is_complete else 'lacks a name, or its port is not from 1 to 65535'


def is_port(parts: "SplitResult") -> bool:
    """Whether the port of a split URL, if it names one, can be connected to."""
    # Not by `parts.port`: that of older Pythons takes any number, 1_0 and Arabic digits too.
    name = parts.netloc.rpartition('@')[2]
    port = name.rpartition(']')[2].partition(':')[2]
    return not port or bool(_DIGITS.match(port)) and 0 < int(port) <= HIGHEST_PORT


def redirect_target(url: str, path: str, status: int,
                    location: "Optional[str]") -> "Optional[Tuple[str, str]]":
    """Return (URL, path to sign) to follow, None unless it stays with the same service.

    Same host, same port, same or safer scheme: photos and signature go nowhere else.

    :param url: where the request went; :param path: its path as the service sees it.
    """
    if status not in REDIRECTS or not location or _UNFIT_IN_URL.search(location):
        return None
    try:
        if urlsplit(location).scheme and not urlsplit(location).netloc:
            return None
        old, new = urlsplit(url), urlsplit(urljoin(url, location).split('#')[0])
        if not _is_same_service(old, new):
            return None
    except ValueError:
        return None
    moved = escaped((new.path or '/') + ('?' + new.query if new.query else ''))
    prefix = old.path[:len(old.path) - len(path.split('?')[0])]
    signed = moved[len(prefix):] if prefix and moved.startswith(prefix + '/') else moved
    return '{}://{}{}'.format(new.scheme, new.netloc, moved), signed


def _is_same_service(old: "SplitResult", new: "SplitResult") -> bool:
    if '@' in new.netloc or old.hostname != new.hostname:
        return False
    ports = tuple(parts.port or DEFAULT_PORTS.get(parts.scheme, 0) for parts in (old, new))
    if old.scheme == new.scheme:
        return ports[0] == ports[1]
    return (old.scheme, new.scheme) == ('http', 'https') and ports == (80, 443)


def hide_redirect(response: "Any", **kwargs: "Any") -> None:
    """Keep the user's own session from preparing the next request, even of a broken address."""
    response.headers.pop('Location', None)


def count_addresses(host: str, port: int, is_socks: bool) -> int:
    """Return how many addresses urllib3 will try, each of them for the whole time-out."""
    import socket
    if is_socks:
        return 1  # the proxy looks the name up itself
    try:
        return len(socket.getaddrinfo(host.strip('[]'), port, 0, socket.SOCK_STREAM)) or 1
    except (OSError, UnicodeError):
        return 1  # urllib3 has to say why there are none


def proxy_address(proxy: str) -> str:
    """Return the address of a proxy with its scheme, which is http unless it is given.

    :raises ValueError: it cannot be called; it is not shown, for its password.
    """
    address = proxy if '://' in proxy else 'http://' + proxy
    try:
        parts = urlsplit(address)
        if parts.hostname and is_port(parts) and parts.scheme in PROXY_SCHEMES:
            return address
    except ValueError:
        pass
    raise ValueError('`proxy` cannot be called; give an address such as '
                     'http://proxy.example.com:3128')
