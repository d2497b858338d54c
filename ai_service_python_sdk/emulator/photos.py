"""Photos from URLs: fetched under limits, from this computer unless allowed, then measured."""
import io
import ipaddress
import os
import re
import socket
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from six.moves.urllib.parse import quote, unquote, urljoin, urlsplit

from . import contract

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

#: What no name of a file may hold; Windows has two separators and names of drives.
_UNSAFE = '/\0' + ('\\:' if os.name == 'nt' else '')


class PhotoError(Exception):
    """A photo that cannot be had; the text says why."""


class Photo(object):
    """A picture file of which the head has been read, and no more.

    :raises PhotoError: not a picture file, or a decompression bomb.
    """

    def __init__(self, engine: "Any", data: bytes) -> None:
        self._engine = engine
        self._data = data
        #: As Pillow names it; width and height in pixels, before EXIF turns them.
        self.format, self.size = _head_of(data)
        if self.size[0] * self.size[1] > contract.MOST_PHOTO_PIXELS:
            raise PhotoError('{} x {} px; at most {} megapixels are decoded, make it smaller'
                             .format(self.size[0], self.size[1],
                                     contract.MOST_PHOTO_PIXELS // 1000000))

    def pixels(self, most: "Optional[int]" = None) -> "Any":
        """Decode it.

        :param most: pixels from which it is decoded at a half, a quarter, ... of its size.
        :raises PhotoError: it cannot be decoded.
        """
        reduction = 1
        while most and self.size[0] * self.size[1] > most * reduction ** 2 and reduction < 8:
            reduction *= 2
        pixels = self._engine.decode(self._data, reduction)
        if pixels is None:
            raise PhotoError('{} file that cannot be decoded; save it as .jpg or .png'
                             .format(self.format))
        return pixels


class Photos(object):
    """Fetches pictures.

    :param engine: the face engine, which decodes.
    :param allow_hosts: names of hosts besides loopback; ``*`` for any.
    """

    def __init__(self, engine: "Any", allow_hosts: "Sequence[str]" = ()) -> None:
        self._engine = engine
        self._allowed = frozenset(host.lower() for host in allow_hosts)

    def picture(self, url: "Any") -> Photo:
        """Return the picture at a URL.

        :raises PhotoError: not a URL, not allowed, not reachable, too large, not a picture.
        """
        return self.opened(self._fetch(url))

    def opened(self, data: bytes) -> Photo:
        """Return the picture in a file's bytes.

        :raises PhotoError: see :class:`Photo`.
        """
        return Photo(self._engine, data)

    def _fetch(self, url: "Any") -> bytes:
        if not isinstance(url, str):
            raise PhotoError('not a URL but another type; give text')
        with _Limit(contract.FETCH_SECONDS) as limit:
            for _ in range(contract.MOST_REDIRECTS + 1):
                try:
                    status, location, data = self._get(url, limit)
                except ValueError as error:
                    raise PhotoError('not a URL to fetch from: {}'.format(error))
                except (OSError, HTTPException) as error:
                    raise PhotoError(limit.problem or 'it cannot be fetched: {}'.format(error))
                if status == 200:
                    return data
                if status not in (301, 302, 303, 307, 308) or location == url:
                    raise PhotoError('the host answers {}; see that the URL is right and open'
                                     .format(status))
                url = location
        raise PhotoError('too many redirects')

    def _get(self, url: str, limit: "_Limit") -> "Tuple[int, str, bytes]":
        parts = urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise PhotoError('not an http URL; give one that begins with http:// or https://')
        port = parts.port or (443 if parts.scheme == 'https' else 80)
        address = self._address(parts.hostname, port)
        kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
        connection = kind(address, port, timeout=contract.FETCH_SECONDS)
        try:
            connection.connect()
            limit.watch(connection.sock)
            connection.request('GET', _target(parts), headers={
                'Host': parts.netloc.split('@')[-1], 'User-Agent': contract.USER_AGENT})
            answer = connection.getresponse()
            if answer.status != 200:
                return answer.status, urljoin(url, answer.getheader('Location') or ''), b''
            return 200, '', _read(answer, limit)
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
            raise PhotoError('{0} is not this computer; start with --allow-host {0}'
                             .format(host))
        return next((ip for ip in found if ':' not in ip), found[0])


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


class _Limit(object):
    """Ends a fetch when its time is over, also in the middle of a head that drips."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sock = None  # type: Any
        #: What to say once the time is over; '' before.
        self.problem = ''
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, sock: "Any") -> None:
        """End this connection when the time is over, or now if it is."""
        self._sock = sock
        if self.problem:
            self._end()

    def _end(self) -> None:
        self.problem = 'it takes longer than {:g} s'.format(self._seconds)
        try:
            # Not the method of a TLS socket, which lets go of what the reader is using.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except (OSError, TypeError):
            pass

    def __enter__(self) -> "_Limit":
        self._timer.start()
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self._timer.cancel()


def _target(parts: "Any") -> str:
    """Return path and query as they may stand in a request: what is raw is escaped."""
    target = (parts.path or '/') + ('?' + parts.query if parts.query else '')
    return quote(target.encode('utf-8'), safe="%/:=&?~+!$,;'@()*[]")


def _read(answer: "Any", limit: _Limit) -> bytes:
    """Read a body under a limit of bytes."""
    parts, size = [], 0
    while True:
        part = answer.read1(65536)
        if not part:
            break
        size += len(part)
        if size > contract.MOST_PHOTO_BYTES:
            raise PhotoError('it is larger than {} bytes; make it smaller'
                             .format(contract.MOST_PHOTO_BYTES))
        parts.append(part)
    if limit.problem or answer.length:
        raise PhotoError(limit.problem or 'it was cut off')
    return b''.join(parts)


def _head_of(data: bytes) -> "Tuple[str, Tuple[int, int]]":
    """Return format, width and height as a picture's head states them; nothing is decoded."""
    from PIL import Image
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            return str(picture.format), (int(width), int(height))
    except Exception:
        # Pillow raises whatever a broken head leads to: OSError, SyntaxError, struct.error, ...
        raise PhotoError('not a picture file; save it as .jpg or .png')


def name_of(url: str) -> str:
    """Return what a log may say of a photo: the file's name, without a query that may sign it."""
    place = re.sub('^[a-z]+://([^/]*@)?', '', url.split('?')[0].split('#')[0])
    return unquote(place.rstrip('/').rsplit('/', 1)[-1])


def file_in(folder: "Optional[str]", name: str) -> "Optional[str]":
    """Return the path of a plain file right in a folder, None for anything else."""
    name = unquote(name)
    if not folder or name in ('', '.', '..') or any(sign in name for sign in _UNSAFE):
        return None
    path = os.path.realpath(os.path.join(folder, name))
    is_inside = os.path.dirname(path) == os.path.realpath(folder)
    return path if is_inside and os.path.isfile(path) else None
