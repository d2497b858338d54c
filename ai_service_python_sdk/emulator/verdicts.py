"""What a photo of a person is worth: its code, and why, in words that say what to do about it."""
from . import contract, poses
from .faces import SAME_PERSON
from .photos import PhotoError, name_of

TYPE_CHECKING = bool()
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


class _Refused(Exception):
    """Code and reason of a photo that does not fit."""


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
        except _Refused as refused:
            return Look(verdict_of(*refused.args))

    def _judged(self, photo: "Photo") -> Look:
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
        return Look(verdict_of(1, doubt, face.frontal), crop, face)

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


def memory_of(engine: "FaceEngine", looks: "Sequence[Look]") -> bytes:
    """Return what is kept of a person whose photos were looked at."""
    return engine.packed(poses.best([look.crop for look in looks if look.crop]))
