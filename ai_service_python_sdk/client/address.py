"""A host as the user gave it, how a path is escaped, and where a redirect may lead."""
import re
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from ..util.here import is_here
from ..util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from urllib.parse import SplitResult

#: Redirects that keep method and body. Not 303: it asks for a GET, which is another operation.
REDIRECTS = (301, 302, 307, 308)
DEFAULT_PORTS = {'http': 80, 'https': 443}
#: Addresses whose reading is remembered.
REMEMBERED = 256

_UNFIT_IN_URL = re.compile(r'[\s\x00-\x20\x7f\\]')
_NAME_AND_PORT = r'([^][:/?#@]+|\[[0-9a-f:.]+(?:%25[\w.~-]+)?\])(?::([0-9]{1,5}))?'
_HOST = re.compile('(?:(https?)://)?' + _NAME_AND_PORT + r'(/[^?#]*)?\Z', re.IGNORECASE)
_PROXY = re.compile('(?:https?|socks4a?|socks5h?)://(?:[^/?#]*@)?' + _NAME_AND_PORT
                    + r'(?:[/?#].*)?\Z', re.IGNORECASE)
_SAFE_IN_PATH = "!$%&'()*+,/:;=@~"
#: Scheme, name and port of a URL, and the rest without the fragment.
_HOST_AND_REST = re.compile('((?:[^:/?#]*://)?[^/?#]*)([^#]*)')  # type: Any


def refuse(address: "Any", called: str) -> "Any":
    """:raises TypeError: always; an address has to be text."""
    raise TypeError('`{}` is a {}; give text such as http://service.example.com'
                    .format(called, type(address).__name__))


@lru_cache(maxsize=REMEMBERED)
def base_of(host: str, called: str = 'host') -> str:
    """Return the address of a host as the user gave it: scheme, name, port, a gateway's path.

    :raises ValueError: it cannot be called.
    """
    found = None if _UNFIT_IN_URL.search(host) else _HOST.match(host)
    try:
        if found and _is_complete(*found.group(2, 3)):
            scheme, name, port, path = found.groups(default='')
            path = escaped(path[:-1] if path.endswith('/') else path)
            return '{}://{}{}{}'.format(
                scheme.lower() or 'http', name.encode('idna').decode('ascii'),
                port and ':' + port, path)
    except UnicodeError:  # a part of the name that is empty, or too long
        pass
    raise ValueError(translate('`{}` cannot be called; give for instance '
                               'http://service.example.com', called))


def _is_complete(name: str, port: "Optional[str]") -> bool:
    with suppress(ValueError):
        if name.startswith('['):
            IPv6Address(name[1:-1].split('%')[0])
        return port is None or 0 < int(port) <= 65535
    return False


def is_of_this_computer(host: str) -> bool:
    """Whether a host is a loopback address: an emulator's, or a test's."""
    with suppress(ValueError):
        return is_here(urlsplit(base_of(host)).hostname or '')
    return False


def escaped(text: str) -> str:
    """Return a path and query as urllib3 would send them, so that this is what is signed."""
    text = re.sub('%(?![0-9A-Fa-f]{2})', '%25', text)
    text = re.sub('%..', lambda escape: escape.group().upper(), text)
    path, mark, query = text.partition('?')
    return quote(path, _SAFE_IN_PATH) + mark + quote(query, _SAFE_IN_PATH + '?')


def complete(url: str) -> str:
    """Return an address that a user gave with its path, escaped and without a fragment.

    :raises ValueError: it does not lead to a service; :raises TypeError: it is not text.
    """
    if not isinstance(url, str):
        refuse(url, 'url')
    host, rest = _HOST_AND_REST.match(url).groups()
    return base_of(host, 'url') + escaped(rest if rest.startswith('/') else '/' + rest)


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
    before, after = [(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme))
                     for parts in (old, new)]
    is_safer = before == ('http', old.hostname, 80) and after == ('https', old.hostname, 443)
    return '@' not in new.netloc and (after == before or is_safer)


def hide_redirect(response: "Any", **kwargs: "Any") -> None:
    """Hide a redirect from the user's own session, which would prepare a request for it."""
    response.headers.pop('Location', None)


def count_addresses(host: str, port: int, is_socks: bool) -> int:
    """Return how many addresses urllib3 will try, each of them for the whole time-out."""
    import socket
    if is_socks:
        return 1  # the proxy looks the name up itself
    try:
        return len(socket.getaddrinfo(host.strip('[]'), port, 0, socket.SOCK_STREAM)) or 1
    except (OSError, UnicodeError):
        return 1  # urllib3 raises for it, and says why


def proxy_address(proxy: str) -> str:
    """Return the address of a proxy with its scheme, which is http unless it is given.

    :raises ValueError: it cannot be called; it is not shown, for its password.
    """
    address = proxy if '://' in proxy else 'http://' + proxy
    found = _PROXY.match(address)
    if found and _is_complete(*found.group(1, 2)):
        return address
    raise ValueError(translate('`proxy` cannot be called; give an address such as '
                               'http://proxy.example.com:3128'))
