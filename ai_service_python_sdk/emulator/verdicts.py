"""What a photo of a person is worth: its code, and why, in words that say what to do about it."""
from . import contract, poses
from .faces import SAME_PERSON
from .photos import PhotoError, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
    from .faces import FaceEngine
    from .photos import Photo, Photos


class Verdict(object):
    """What is said of one photo.

    :param code: 1 to 6; :param message: the service's own words for it.
    :param is_frontal: whether the face looks at the camera.
    :param reason: numbers and remedy, in words of the emulator. With code 1 it is what the
        service may refuse though it passed here, or ``''``.
    """

    def __init__(self, code: int, message: str, is_frontal: bool = False,
                 reason: str = '') -> None:
        self.code = code
        self.message = message
        self.is_frontal = is_frontal
        self.reason = reason

    def __repr__(self) -> str:
        return 'Verdict({}, {!r})'.format(self.code, self.reason or self.message)


class Look(object):
    """A photo's verdict, and what is kept of it to train with; None unless its code is 1."""

    def __init__(self, verdict: Verdict, crop: "Any" = None, face: "Any" = None) -> None:
        self.verdict = verdict
        self.crop = crop
        self.face = face


def verdict_of(code: int, reason: str = '', is_frontal: bool = False) -> Verdict:
    """Return the verdict with the service's message for a code."""
    return Verdict(code, contract.PHOTO_MESSAGES[code], is_frontal, reason)


class Judge(object):
    """Looks at photos one after the other; of each only a small crop is kept.

    :param strict: whether the formats are those that the guide names, and no others.
    """

    def __init__(self, engine: "FaceEngine", photos: "Photos", strict: bool = False) -> None:
        self._engine = engine
        self._photos = photos
        self._strict = strict

    def look_at(self, urls: "Sequence[str]",
                scripted: "Callable[[str], Optional[Verdict]]" = lambda url: None
                ) -> "List[Look]":
        """Return a look for each photo.

        :param scripted: gives the verdict for a URL that is not to be looked at, else None.
        """
        looks = []
        for url in urls:
            verdict = scripted(url)
            looks.append(Look(verdict) if verdict else self._look_at_one(url))
        self._find_strangers(urls, looks)
        return looks

    def _look_at_one(self, url: str) -> Look:
        try:
            photo = self._photos.picture(url)
            # One decoded picture at a time, however many threads look at photos.
            with self._engine.lock:
                return self._judged(photo)
        except PhotoError as error:
            return Look(verdict_of(2, str(error)))

    def _judged(self, photo: "Photo") -> Look:
        doubt = _doubt(photo)
        if doubt and self._strict:
            return Look(verdict_of(2, doubt))
        picture = photo.pixels(contract.MOST_WORKING_PIXELS)
        if min(photo.size) <= contract.LEAST_SIDE:
            return Look(verdict_of(4, '{} x {} px; both sides must exceed {}'.format(
                photo.size[0], photo.size[1], contract.LEAST_SIDE)))
        faces = self._engine.faces(picture)
        if len(faces) != 1:
            return Look(self._not_one(picture, len(faces)))
        face, scale = faces[0], max(photo.size) / float(max(picture.shape[:2]))
        crop = self._engine.crop(picture, face)
        problem = _too_small(face.eye_distance * scale) or _turned(
            self._engine.turn(crop.pixels)) or _blurred(crop.figures['sharpness'])
        if problem:
            return Look(verdict_of(5, problem))
        return Look(verdict_of(1, doubt and doubt + ': the service may refuse it', face.frontal),
                    crop, face)

    def _not_one(self, picture: "Any", count: int) -> Verdict:
        problem = '' if count else _turned(self._engine.turn(picture))
        if problem:
            return verdict_of(5, problem)
        return verdict_of(3, '{} faces; show one person alone'.format(count) if count else
                          'no face found; show one face, upright, eyes and mouth uncovered')

    def _find_strangers(self, urls: "Sequence[str]", looks: "List[Look]") -> None:
        """Give code 6 to photos of someone else than the one that is most like all others.

        Of two photos of two people nobody can say who is the stranger: it is the second.
        """
        likeness = self._engine.likeness
        faces = dict((index, look.face.embedding) for index, look in enumerate(looks) if look.face)
        if not faces:
            return
        middle = max(faces, key=lambda one: (
            round(sum(likeness(faces[one], faces[other]) for other in faces), 9), -one))
        for index in faces:
            cosine = likeness(faces[index], faces[middle])
            if cosine < SAME_PERSON:
                reason = ('likeness to {} is {:.2f}, from {} on it is one person; leave it out'
                          .format(name_of(urls[middle]), cosine, SAME_PERSON))
                looks[index] = Look(verdict_of(6, reason, looks[index].face.frontal))


def _doubt(photo: "Photo") -> str:
    if photo.format in contract.PROMISED_FORMATS:
        return ''
    return '{} file; the guide names .jpg, .jpeg and .png'.format(photo.format)


def _too_small(eye_distance: float) -> str:
    if eye_distance >= contract.LEAST_EYE_DISTANCE:
        return ''
    return 'the eyes are {:.0f} px apart, at least {} are needed; take it from nearer'.format(
        eye_distance, contract.LEAST_EYE_DISTANCE)


def _turned(degrees: int) -> str:
    return 'turned by about {} degrees; save it upright'.format(degrees) if degrees else ''


def _blurred(sharpness: float) -> str:
    if sharpness >= contract.LEAST_SHARPNESS:
        return ''
    return 'blurred: sharpness of the face {:.3f}, at least {} is needed; take a sharper one'.format(
        sharpness, contract.LEAST_SHARPNESS)


def memory_of(engine: "FaceEngine", looks: "Sequence[Look]") -> bytes:
    """Return what is kept of a person whose photos were looked at."""
    return engine.packed(poses.best([look.crop for look in looks if look.crop]))
