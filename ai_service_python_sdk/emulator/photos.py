"""Photos from URLs: fetched under limits, from this computer unless allowed, then judged."""
import io
import ipaddress
import os
import re
import socket
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from six.moves.urllib.parse import quote, unquote, urljoin, urlsplit

from . import contract
from .timed import Arriving, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Tuple
    from .faces import FaceEngine

#: What no name of a file may hold; Windows has two separators and names of drives.
_UNSAFE = '/\0' + ('\\:' if os.name == 'nt' else '')


class PhotoError(Exception):
    """A photo that cannot be had; the text says why."""


class Photo(object):
    """A picture file of which the head has been read, and no more.

    :raises PhotoError: not a picture file, or a decompression bomb.
    """

    def __init__(self, engine: "Any", data: bytes) -> None:
        self._engine, self._data = engine, data
        #: As Pillow names it; width and height in pixels, before EXIF turns them.
        found, size = _head_of(data)
        self.format = found  # type: str
        self.size = size  # type: Tuple[int, int]
        self._area = self.size[0] * self.size[1]
        if self._area > contract.MOST_PHOTO_PIXELS:
            raise PhotoError('{} x {} px; at most {} megapixels are decoded, make it smaller'
                             .format(self.size[0], self.size[1],
                                     contract.MOST_PHOTO_PIXELS // 1000000))

    def pixels(self, most: "Optional[int]" = None) -> "Any":
        """Decode it.

        :param most: pixels from which it is decoded at a half, a quarter, ... of its size.
        :raises PhotoError: it cannot be decoded.
        """
        reduction = 1
        while most and self._area > most * reduction ** 2 and reduction < 8:
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
        if not isinstance(url, str):
            raise PhotoError('not a URL but another type; give text')
        try:
            return self.opened(self._fetch(url))
        except socket.timeout:
            raise PhotoError('it takes longer than {:g} s'.format(contract.FETCH_SECONDS))
        except (OSError, HTTPException) as error:
            raise PhotoError('it cannot be fetched: {}'.format(error))
        except ValueError as error:
            raise PhotoError('not a URL to fetch from: {}'.format(error))

    def opened(self, data: bytes) -> Photo:
        return Photo(self._engine, data)

    def _fetch(self, url: str) -> bytes:
        end = steady() + contract.FETCH_SECONDS
        for _ in range(contract.MOST_REDIRECTS + 1):
            status, location, data = self._get(url, max(0.001, end - steady()))
            if status == 200:
                return data
            if status not in (301, 302, 303, 307, 308) or location == url:
                raise PhotoError('the host answers {}; see that the URL is right and open'
                                 .format(status))
            url = location
        raise PhotoError('too many redirects')

    def _get(self, url: str, seconds: float) -> "Tuple[int, str, bytes]":
        parts = urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise PhotoError('not an http URL; give one that begins with http:// or https://')
        port = parts.port or (443 if parts.scheme == 'https' else 80)
        kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
        connection = kind(self._address(parts.hostname, port), port, timeout=seconds)
        try:
            connection.request('GET', _target(parts), headers={
                'Host': parts.netloc.split('@')[-1], 'User-Agent': contract.USER_AGENT})
            # Not its own reader, which would begin to count anew with each byte of the head.
            answer = HTTPResponse(connection.sock, method='GET')
            answer.fp.close()
            answer.fp = io.BufferedReader(Arriving(connection.sock, seconds))
            answer.begin()
            if answer.status != 200:
                return answer.status, urljoin(url, answer.getheader('Location') or ''), b''
            return 200, '', _read(answer)
        finally:
            connection.close()

    def _address(self, host: str, port: int) -> str:
        """Return where to connect to; what was checked is what is connected to."""
        if host.lower() in self._allowed or '*' in self._allowed:
            return host
        found = [host]
        # Names of elsewhere are not looked up: that would tell the network of them.
        if ('.' + host.lower()).endswith('.localhost'):
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, 0,
                                                                    socket.SOCK_STREAM)]
        if not found or not all(map(is_loopback, found)):
            raise PhotoError('{0} is not this computer; start with --allow-host {0}'.format(host))
        return next((ip for ip in found if ':' not in ip), found[0])


class Verdict(object):
    """What is said of one photo.

    :param code: 1 to 6.
    :param reason: numbers and remedy, in words of the emulator. With code 1 it is what the
        service may refuse though it passed here, or ``''``.
    :param is_frontal: whether the face looks at the camera.
    :param crop: what is kept of it to train with; None unless the code is 1.
    """

    def __init__(self, code: int, reason: str = '', is_frontal: bool = False,
                 crop: "Any" = None, face: "Any" = None) -> None:
        self.code = code
        #: The service's own words.
        self.message = contract.PHOTO_MESSAGES[code]  # type: str
        self.reason = reason  # type: str
        self.is_frontal = is_frontal  # type: bool
        self.crop = crop  # type: Any
        self.face = face  # type: Any

    def __repr__(self) -> str:
        return 'Verdict({}, {!r})'.format(self.code, self.reason or self.message)


class _Refused(Exception):
    """Code and reason of a photo that does not fit."""


class Judge(object):
    """Looks at photos one after the other; of each only a small crop is kept.

    :param strict: whether the formats are those that the guide names, and no others.
    """

    def __init__(self, engine: "FaceEngine", photos: Photos, strict: bool = False) -> None:
        self._engine, self._photos, self._strict = engine, photos, strict

    def look_at(self, urls: "Sequence[str]", scripted: "Callable[[str], Optional[Verdict]]"
                = lambda url: None) -> "List[Verdict]":
        """Return a verdict for each photo.

        :param scripted: gives the verdict for a URL that is not to be looked at, else None.
        """
        verdicts = [scripted(url) or self._look_at_one(url) for url in urls]
        self._find_strangers(urls, verdicts)
        return verdicts

    def _look_at_one(self, url: str) -> Verdict:
        try:
            photo = self._photos.picture(url)
            # One decoded picture at a time, however many threads look at photos.
            with self._engine.lock:
                return self._judged(photo)
        except PhotoError as error:
            return Verdict(2, str(error))
        except _Refused as refused:
            return Verdict(*refused.args)

    def _judged(self, photo: Photo) -> Verdict:
        doubt = ''
        if photo.format not in contract.PROMISED_FORMATS:
            doubt = '{} file; the guide names .jpg, .jpeg and .png'.format(photo.format)
            if self._strict:
                raise _Refused(2, doubt)
            doubt += ': the service may refuse it'
        picture = photo.pixels(contract.MOST_WORKING_PIXELS)
        if min(photo.size) <= contract.LEAST_SIDE:
            raise _Refused(4, '{} x {} px; both sides must exceed {}'.format(
                photo.size[0], photo.size[1], contract.LEAST_SIDE))
        face = self._only_face(picture)
        apart = face.eye_distance * max(photo.size) / max(picture.shape[:2])
        if apart < contract.LEAST_EYE_DISTANCE:
            raise _Refused(5, 'the eyes are {:.0f} px apart, at least {} are needed; take it from '
                              'nearer'.format(apart, contract.LEAST_EYE_DISTANCE))
        crop = self._engine.crop(picture, face)
        self._refuse_turned(crop.pixels)
        if crop.figures['sharpness'] < contract.LEAST_SHARPNESS:
            raise _Refused(5, 'blurred: sharpness of the face {:.3f}, at least {} is needed; take '
                              'a sharper one'.format(crop.figures['sharpness'],
                                                     contract.LEAST_SHARPNESS))
        return Verdict(1, doubt, face.frontal, crop, face)

    def _only_face(self, picture: "Any") -> "Any":
        faces = self._engine.faces(picture)
        if not faces:
            self._refuse_turned(picture)
            raise _Refused(3, 'no face found; show one, upright, eyes and mouth uncovered')
        if len(faces) > 1:
            raise _Refused(3, '{} faces; show one person alone'.format(len(faces)))
        return faces[0]

    def _refuse_turned(self, picture: "Any") -> None:
        degrees = self._engine.turn(picture)
        if degrees:
            raise _Refused(5, 'turned by about {} degrees; save it upright'.format(degrees))

    def _find_strangers(self, urls: "Sequence[str]", verdicts: "List[Verdict]") -> None:
        """Give code 6 to photos of someone else than the one that is most like all others.

        Of two photos of two people nobody can say who is the stranger: it is the second.
        """
        likeness = self._engine.likeness
        faces = dict((index, verdict.face.embedding)
                     for index, verdict in enumerate(verdicts) if verdict.face)
        if not faces:
            return
        middle = max(faces, key=lambda one: (
            round(sum(likeness(faces[one], faces[other]) for other in faces), 9), -one))
        for index in faces:
            cosine = likeness(faces[index], faces[middle])
            if cosine < contract.SAME_PERSON:
                reason = ('likeness to {} is {:.2f}, from {} on it is one person; leave it out'
                          .format(name_of(urls[middle]), cosine, contract.SAME_PERSON))
                verdicts[index] = Verdict(6, reason, verdicts[index].is_frontal)


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.split('%')[0]).is_loopback
    except ValueError:
        return False


def _target(parts: "Any") -> str:
    """Return path and query as they may stand in a request: what is raw is escaped."""
    target = (parts.path or '/') + ('?' + parts.query if parts.query else '')
    return quote(target.encode('utf-8'), safe="%/:=&?~+!$,;'@()*[]")


def _read(answer: "Any") -> bytes:
    data = bytearray()
    part = answer.read1(65536)
    while part:
        data += part
        if len(data) > contract.MOST_PHOTO_BYTES:
            raise PhotoError('it is larger than {} bytes; make it smaller'
                             .format(contract.MOST_PHOTO_BYTES))
        part = answer.read1(65536)
    if answer.length:
        raise PhotoError('it was cut off')
    return bytes(data)


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
