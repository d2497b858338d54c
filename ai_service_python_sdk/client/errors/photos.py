"""What is wrong with photos, by the codes of a check (service reference 4.1)."""
from ...util.language import in_language, language as chosen_language
from .base import ApiException, masked

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence
    from .base import Envelope
    from ..models.check_result import CheckResult

#: Code to meaning and what to do.
PHOTO_HINTS = {
    1: ('The photo fits.', ''),
    2: ('The photo could not be downloaded or decoded.',
        'Make its URL reachable from the internet; send .jpg, .jpeg or .png.'),
    3: ('The photo does not show exactly one face.', 'Use a photo of this person alone.'),
    4: ('The face detection failed.',
        'Both sides must be longer than 512 pixels. Try again, else use another photo.'),
    5: ('No face could be recognised.', 'Use a photo with a clear, uncovered face.'),
    6: ('The photo shows another person than the rest.', 'Remove the photos of other people.'),
}
_UNKNOWN = ('The photo does not fit.', 'Use another photo.')
#: Codes of a template that several persons cannot share: one face, or no picture.
UNFIT_FOR_SEVERAL = (1, 2)
#: The SDK's own code for photos that do not fit; the service has a code for each photo only.
PHOTOS_REJECTED = 'PHOTOS_REJECTED'


def photo_texts(code: "Optional[int]", language: "Optional[str]" = None) -> "Dict[str, str]":
    """Return ``reason`` and ``remedy`` of a photo code, in ``zh`` or ``en``, else as chosen."""
    reason, remedy = PHOTO_HINTS.get(code or 0, _UNKNOWN)
    lang = language or chosen_language()
    return {'reason': in_language(lang, reason), 'remedy': in_language(lang, remedy)}


class ImageCheckError(ApiException):
    """Photos do not fit a training.

    Its ``code`` is the SDK's own, since the check itself succeeded (status 200, code ``OK``).

    :param failures: the check results that failed, each with ``url``, ``code`` and ``message``.
    :param request_id: the serial number of the check.
    """

    meaning_en = 'Photos do not fit a training.'
    hint_en = 'Replace or remove the photos named, then check again.'
    opens_with_meaning = True

    def __init__(self, failures: "Sequence[CheckResult]",
                 request_id: "Optional[str]" = None) -> None:
        reason = '{} photo(s) do not fit'.format(len(failures))
        ApiException.__init__(self, 200, reason)
        #: The results of the photos that do not fit.
        self.failures = list(failures)  # type: List[CheckResult]
        self._envelope = {'request_id': request_id, 'code': PHOTOS_REJECTED, 'message': reason}

    def of_template(self, persons: int) -> None:
        """Say that it is the template which does not fit a portrait of so many persons."""
        self._say('meaning', lambda lang: (
            in_language(lang, 'The template does not show the faces of {} persons.', persons)
            if persons > 1 else
            in_language(lang, 'The template does not fit a portrait of one person.')))
        self._say('hint', lambda lang: in_language(
            lang, 'Nothing is paid yet. Give another template, or check_template=False.'))
        self.reason = self._envelope['message'] = 'the template does not fit'
        Exception.__init__(self, self.status, self.reason)  # what repr shows

    def photos(self, language: "Optional[str]" = None) -> "List[Envelope]":
        """Return for each photo its ``url``, ``code``, ``message``, ``reason`` and ``remedy``.

        :param language: ``zh`` or ``en`` for reason and remedy; None as chosen.
        """
        from ...util.redact import bare_name
        return [dict({'url': failure.url and masked(bare_name(failure.url)), 'code': failure.code,
                      'message': failure.message and masked(failure.message)},
                     **photo_texts(failure.code, language)) for failure in self.failures]

    def to_dict(self, language: "Optional[str]" = None) -> "Envelope":
        """Return what programs need; ``photos`` holds what :meth:`photos` returns."""
        return dict(ApiException.to_dict(self, language), photos=self.photos(language))

    def __str__(self) -> str:
        lines = ['{url} (code {code}): {reason} {remedy}'.format(**photo)
                 for photo in self.photos()]
        return ApiException.__str__(self) + '\n'.join(lines) + '\n'
