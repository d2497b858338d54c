"""Photos: fetched by their URLs within limits and from allowed hosts only, then judged."""
import io
import os
import socket
from collections import namedtuple
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from six.moves.urllib.parse import quote, unquote, urljoin, urlsplit

from ..util.here import is_here
from ..util.redact import bare_url
from . import contract
from .timed import Arriving, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple
    from .faces import Crop, FaceEngine
    _Verdict = NamedTuple('_Verdict', [('code', int), ('reason', str), ('crop', Optional[Crop])])
else:
    _Verdict = namedtuple('_Verdict', 'code reason crop')

#: Code of a photo that is too small.
TOO_SMALL = 4
#: Characters that are not escaped in a URL.
_IN_URLS = "%/:=&?~+!$,;'@()*[]"


class PhotoError(Exception):
    """A photo cannot be fetched, or does not fit; the text says why.

    :param code: 2 to 6.
    """

    def __init__(self, reason: str, code: int = 2) -> None:
        Exception.__init__(self, reason)
        self.code = code


class Photo(object):
    """A picture file, of which only the head is read before :meth:`pixels`.

    :raises PhotoError: not a picture file, or too many pixels to decode.
    """

    def __init__(self, engine: "Any", data: bytes) -> None:
        from PIL import Image
        self._engine, self._data = engine, data
        try:
            with Image.open(io.BytesIO(data)) as picture:
                #: As Pillow names it; width and height in pixels, before EXIF turns them.
                self.format = str(picture.format)  # type: str
                self.size = picture.size  # type: Tuple[int, int]
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PhotoError('at most {} megapixels are decoded, make it smaller'.format(
                contract.MOST_PHOTO_PIXELS // 1000000))
        except Exception:
            # Pillow raises whatever a broken head leads to: OSError, SyntaxError, struct.error.
            raise PhotoError('not a picture file; save it as .jpg or .png')
        if self.size[0] * self.size[1] > contract.MOST_PHOTO_PIXELS:
            raise PhotoError('{} x {} px; at most {} megapixels are decoded, make it smaller'
                             .format(*self.size + (contract.MOST_PHOTO_PIXELS // 1000000,)))

    def pixels(self, most: int = contract.MOST_PHOTO_PIXELS,
               least: int = contract.LEAST_SIDE) -> "Any":
        """Decode it.

        :param most: pixels above which it is decoded at half of its size.
        :param least: px that both sides must exceed.
        :raises PhotoError: it cannot be decoded, or is too small.
        """
        pixels = self._engine.decode(self._data, self.size[0] * self.size[1] > most)
        if pixels is None:
            raise PhotoError('{} file that cannot be decoded; save it as .jpg or .png'
                             .format(self.format))
        if min(self.size) <= least:
            raise PhotoError('{} x {} px; both sides must exceed {}'.format(
                *self.size + (least,)), TOO_SMALL)
        return pixels


class Verdict(_Verdict):
    """The judgement on one photo.

    :ivar code: 1 to 6.
    :ivar reason: numbers and remedy, in words of the emulator. With code 1: why the service may
        refuse the photo all the same, or ``''``.
    :ivar crop: its face, to train with; None if the photo does not show exactly one.
    """


class Photos(object):
    """Fetches photos and judges them one after the other; only a small crop of each is kept.

    :param allow_hosts: names of hosts besides this computer; ``*`` for any.
    :param strict: whether only the formats that the guide names are taken.
    """

    def __init__(self, engine: "FaceEngine", allow_hosts: "Sequence[str]" = (),
                 strict: bool = False) -> None:
        self._engine, self._strict = engine, strict
        self._allowed = frozenset(host.lower() for host in allow_hosts)

    def picture(self, url: "Any") -> Photo:
        """Return the picture at a URL.

        :raises PhotoError: not a URL, not allowed, not reachable, too large, not a picture.
        """
        if not isinstance(url, str):
            raise PhotoError('not a URL but another type; give text')
        end = steady() + contract.FETCH_SECONDS
        try:
            for _ in range(contract.MOST_REDIRECTS + 1):
                location, data = self._get(url, end)
                if not location:
                    return Photo(self._engine, data)
                url = urljoin(url, location)
        except socket.timeout:
            raise PhotoError('it takes longer than {:g} s'.format(contract.FETCH_SECONDS))
        except (OSError, HTTPException) as error:
            raise PhotoError('it cannot be fetched: {}'.format(error))
        except ValueError as error:
            raise PhotoError('not a URL to fetch from: {}'.format(error))
        raise PhotoError('too many redirects')

    def _get(self, url: str, end: float) -> "Tuple[Optional[str], bytes]":
        """Return (location, b'') for a redirect, else (None, content)."""
        parts = urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise PhotoError('not an http URL; give one that begins with http:// or https://')
        if not is_here(parts.hostname) and not self._allowed & {parts.hostname, '*'}:
            raise PhotoError('{0} is not this computer; start with --allow-host {0}'.format(
                parts.hostname))
        kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=max(0.001, end - steady()))
        try:
            # Letters beyond ASCII and blanks are escaped, as a browser does.
            target = (parts.path or '/') + ('?' + parts.query if parts.query else '')
            connection.request('GET', quote(target.encode('utf-8'), safe=_IN_URLS),
                               headers={'User-Agent': contract.USER_AGENT})
            # Not connection.getresponse(): its time-out begins anew with each byte.
            arriving = Arriving(connection.sock, deadline=end)  # type: Any
            answer = HTTPResponse(arriving, method='GET')
            answer.begin()
            if answer.status in (301, 302, 303, 307, 308) and answer.getheader('Location'):
                return answer.getheader('Location'), b''
            if answer.status != 200:
                raise PhotoError('the host answers {}; see that the URL is right and open'
                                 .format(answer.status))
            data = answer.read(contract.MOST_PHOTO_BYTES + 1)
            if len(data) > contract.MOST_PHOTO_BYTES:
                raise PhotoError('it is larger than {} bytes; make it smaller'
                                 .format(contract.MOST_PHOTO_BYTES))
            if answer.length:
                raise PhotoError('it was cut off')
            return None, data
        finally:
            connection.close()

    def look_at(self, urls: "Sequence[str]",
                check: "Callable[[str], Any]" = lambda url: None) -> "List[Verdict]":
        """Return a verdict for each photo.

        :param check: called with each URL first; may raise PhotoError.
        """
        verdicts = []
        for url in urls:
            try:
                check(url)
                photo = self.picture(url)
                # One decoded picture at a time, however many threads look at photos.
                with self._engine.lock:
                    verdicts.append(self._judged(photo))
            except PhotoError as error:
                verdicts.append(Verdict(error.code, str(error), None))
        self._find_strangers(urls, verdicts)
        return verdicts

    def _judged(self, photo: Photo) -> Verdict:
        doubt = ''
        if photo.format not in contract.PROMISED_FORMATS:
            doubt = '{} file; the guide names .jpg, .jpeg and .png'.format(photo.format)
            if self._strict:
                raise PhotoError(doubt)
            doubt += ': the service may refuse it'
        picture = photo.pixels(contract.MOST_WORKING_PIXELS)
        faces = self._engine.faces(picture)
        if len(faces) > 1:
            raise PhotoError('{} faces; show one person alone'.format(len(faces)), 3)
        crop = self._engine.crop(picture, faces[0]) if faces else None
        apart = faces[0].eye_distance * max(photo.size) / max(picture.shape) if faces else 0
        if crop and apart < contract.LEAST_EYE_DISTANCE:
            raise PhotoError('the eyes are {:.0f} px apart, at least {} are needed; take it from '
                             'nearer'.format(apart, contract.LEAST_EYE_DISTANCE), 5)
        degrees = self._engine.turn(crop.pixels if crop else picture)
        if degrees:
            raise PhotoError('turned by about {} degrees; save it upright'.format(degrees), 5)
        if crop is None:
            raise PhotoError('no face found; show one, upright, eyes and mouth uncovered', 3)
        if crop.sharpness < contract.LEAST_SHARPNESS:
            raise PhotoError('blurred: sharpness of the face {:.3f}, at least {} is needed; take '
                             'a sharper one'.format(crop.sharpness, contract.LEAST_SHARPNESS), 5)
        return Verdict(1, doubt, crop)

    def _find_strangers(self, urls: "Sequence[str]", verdicts: "List[Verdict]") -> None:
        """Give code 6 to photos that do not show the person of the photo most like all others.

        Of two photos of two people the second gets it.
        """
        faces = dict((index, verdict.crop.face.embedding)
                     for index, verdict in enumerate(verdicts) if verdict.crop)
        if not faces:
            return
        middle = max(faces, key=lambda one: (
            round(sum(faces[one].dot(other) for other in faces.values()), 9), -one))
        for index, face in faces.items():
            cosine = face.dot(faces[middle])
            if cosine < contract.SAME_PERSON:
                reason = ('likeness to {} is {:.2f}, from {} on it is one person; leave it out'
                          .format(name_of(urls[middle]), cosine, contract.SAME_PERSON))
                verdicts[index] = Verdict(6, reason, verdicts[index].crop)


def name_of(url: str) -> str:
    """Return the file name of a photo, as a log may show it: without a query that may sign it."""
    return unquote(bare_url(url).rstrip('/').rpartition('/')[2])


def file_in(folder: "Optional[str]", name: str) -> "Optional[str]":
    """Return the path of a regular file directly in a folder; None for anything else or a link."""
    name = unquote(name)
    with suppress(OSError):  # the folder may be gone by now
        if folder and name in os.listdir(folder):
            path = os.path.join(folder, name)
            return path if os.path.isfile(path) and not os.path.islink(path) else None
    return None
