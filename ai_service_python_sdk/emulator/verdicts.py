"""What a photo of a person is worth: its code, and why, in words that say what to do about it."""
from six.moves.urllib.parse import unquote, urlsplit

from . import contract
from .faces import SAME_PERSON
from .photos import PhotoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
    from .faces import FaceEngine
    from .photos import Photos


def name_of(url: str) -> str:
    """Return what a photo is called in logs: its query may be a secret."""
    return unquote(urlsplit(url).path.rsplit('/', 1)[-1]) or url


class Verdict(object):
    """What is said of one photo: ``message`` is the service's, ``reason`` the emulator's."""

    def __init__(self, code: int, message: str, is_frontal: bool = False,
                 reason: str = '') -> None:
        self.code = code
        self.message = message
        self.is_frontal = is_frontal
        self.reason = reason


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
    """Looks at photos one after the other; of each only a small crop is kept."""

    def __init__(self, engine: "FaceEngine", photos: "Photos", strict: bool = False) -> None:
        self._engine = engine
        self._photos = photos

    def look_at(self, urls: "Sequence[str]",
                scripted: "Callable[[str], Optional[Verdict]]" = lambda url: None
                ) -> "List[Look]":
        """Return a look for each photo; ``scripted`` gives the verdict, or None to look."""
        looks = []
        for url in urls:
            verdict = scripted(url)
            looks.append(Look(verdict) if verdict else self._look_at_one(url))
        self._find_strangers(looks)
        return looks

    def _look_at_one(self, url: str) -> Look:
        try:
            picture = self._photos.picture(url)
        except PhotoError as error:
            return Look(verdict_of(2, str(error)))
        height, width = picture.shape[:2]
        if min(width, height) <= contract.LEAST_SIDE:
            return Look(verdict_of(4, '{} x {} px; both sides must exceed {}'.format(
                width, height, contract.LEAST_SIDE)))
        faces = self._engine.faces(picture)
        if len(faces) != 1:
            return Look(verdict_of(3, '{} faces; show one person'.format(len(faces) or 'no')))
        if faces[0].eye_distance < contract.LEAST_EYE_DISTANCE:
            return Look(verdict_of(5, 'the eyes are {:.0f} px apart; take it from nearer'.format(
                faces[0].eye_distance)))
        crop = self._engine.portrait_memory(picture, faces[0])
        return Look(verdict_of(1, '', faces[0].frontal), crop, faces[0])

    def _find_strangers(self, looks: "List[Look]") -> None:
        likeness = self._engine.likeness
        faces = dict((index, look.face.embedding) for index, look in enumerate(looks) if look.face)
        if not faces:
            return
        middle = max(faces, key=lambda one: (
            round(sum(likeness(faces[one], faces[other]) for other in faces), 9), -one))
        for index in faces:
            cosine = likeness(faces[index], faces[middle])
            if cosine < SAME_PERSON:
                looks[index] = Look(verdict_of(6, 'likeness to the others is {:.2f}; leave it out'
                                               .format(cosine), looks[index].face.frontal))


def memory_of(engine: "FaceEngine", looks: "Sequence[Look]") -> bytes:
    """Return what is kept of a person whose photos were looked at."""
    best = max((look for look in looks if look.verdict.is_frontal),
               key=lambda look: look.face.eye_distance)
    memory = best.crop  # type: bytes
    return memory
