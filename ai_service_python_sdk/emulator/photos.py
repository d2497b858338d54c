"""Photos from URLs: fetched under limits, from this computer unless allowed, then measured."""
import io
import ipaddress
import os
import socket
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from six.moves.urllib.parse import unquote, urljoin, urlsplit

from . import contract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple


class PhotoError(Exception):
    """A photo that cannot be had; the text says why."""


class Photos(object):
    """Fetches and decodes.

    :param engine: the face engine, which decodes.
    :param allow_hosts: names of hosts besides loopback; ``*`` for any.
    """

    def __init__(self, engine: "Any", allow_hosts: "Sequence[str]" = ()) -> None:
        self._engine = engine
        self._allowed = frozenset(host.lower() for host in allow_hosts)

    def picture(self, url: "Any") -> "Any":
        """Return the pixels of the picture at a URL.

        :raises PhotoError: no URL, not allowed, not reachable, too large, or no picture.
        """
        return self.decoded(self._fetch(url))

    def decoded(self, data: bytes) -> "Any":
        """Return the pixels of a picture file, after a look at its size.

        :raises PhotoError: it is no picture, or a decompression bomb.
        """
        width, height = _size_of(data)
        if width * height > contract.MOST_PHOTO_PIXELS:
            raise PhotoError('{} x {} px are too many'.format(width, height))
        picture = self._engine.decode(data)
        if picture is None:
            raise PhotoError('it cannot be decoded')
        return picture

    def _fetch(self, url: "Any") -> bytes:
        if not isinstance(url, str):
            raise PhotoError('it is no URL')
        deadline = time.time() + contract.FETCH_SECONDS
        for _ in range(contract.MOST_REDIRECTS + 1):
            try:
                status, location, data = self._get(url, deadline)
            except (OSError, HTTPException, ValueError) as error:
                raise PhotoError('it cannot be fetched: {}'.format(error))
            if status == 200:
                return data
            if status not in (301, 302, 303, 307, 308) or not location:
                raise PhotoError('the host answers {}'.format(status))
            url = urljoin(url, location)
        raise PhotoError('too many redirects')

    def _get(self, url: str, deadline: float) -> "Tuple[int, Optional[str], bytes]":
        parts = urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise PhotoError('it is no http URL')
        port = parts.port or (443 if parts.scheme == 'https' else 80)
        address = self._address(parts.hostname, port)
        kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
        connection = kind(address, port, timeout=contract.FETCH_SECONDS)
        try:
            target = (parts.path or '/') + ('?' + parts.query if parts.query else '')
            connection.request('GET', target, headers={'Host': parts.netloc.split('@')[-1]})
            answer = connection.getresponse()
            if answer.status != 200:
                return answer.status, answer.getheader('Location'), b''
            return 200, None, _read(connection, answer, deadline)
        finally:
            connection.close()

    def _address(self, host: str, port: int) -> str:
        """Return where to connect to; what was checked is what is connected to."""
        if host.lower() in self._allowed or '*' in self._allowed:
            return host
        found = []  # type: List[str]
        # Names of elsewhere are not looked up: that would tell the network of them.
        if _is_address(host) or ('.' + host.lower()).endswith('.localhost'):
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, 0,
                                                                    socket.SOCK_STREAM)]
        if not found or not all(ipaddress.ip_address(ip.split('%')[0]).is_loopback
                                for ip in found):
            raise PhotoError('host {} is not this computer; allow it with --allow-host'
                             .format(host))
        return next((ip for ip in found if ':' not in ip), found[0])


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _read(connection: "Any", answer: "Any", deadline: float) -> bytes:
    """Read a body that may drip, under a limit of bytes and of time for the whole."""
    parts, size = [], 0
    sock = connection.sock
    while True:
        left = deadline - time.time()
        if left <= 0:
            raise PhotoError('it takes too long')
        if sock is not None:
            sock.settimeout(left)
        part = answer.read1(65536)
        if not part:
            break
        size += len(part)
        if size > contract.MOST_PHOTO_BYTES:
            raise PhotoError('it is larger than {} bytes'.format(contract.MOST_PHOTO_BYTES))
        parts.append(part)
    if answer.length:
        raise PhotoError('it was cut off')
    return b''.join(parts)


def _size_of(data: bytes) -> "Tuple[int, int]":
    """Return width and height as a picture's head states them; nothing is decoded."""
    from PIL import Image
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            return int(width), int(height)
    except Exception:
        # Pillow raises whatever a broken head leads to: OSError, SyntaxError, struct.error, ...
        raise PhotoError('it is no picture')


def file_in(folder: "Optional[str]", name: str) -> "Optional[str]":
    """Return the path of a plain file right in a folder, None for anything else."""
    name = unquote(name)
    if not folder or name in ('', '.', '..') or any(sign in name for sign in '/\\\0:'):
        return None
    path = os.path.realpath(os.path.join(folder, name))
    is_inside = os.path.dirname(path) == os.path.realpath(folder)
    return path if is_inside and os.path.isfile(path) else None
