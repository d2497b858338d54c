"""What is wrong with photos, by the codes of a check (service reference 4.1)."""
from ...util.language import choose
from .base import ApiException

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

#: Code to ((meaning, Chinese), (what to do, Chinese)).
PHOTO_HINTS = {
    1: (('The photo fits.', '照片符合要求。'), ('', '')),
    2: (('The photo could not be downloaded or decoded.', '照片无法下载或解码。'),
        ('Make its URL reachable from the internet; send .jpg, .jpeg or .png.',
         '请确保 URL 可从公网访问，格式为 .jpg、.jpeg 或 .png。')),
    3: (('The photo does not show exactly one face.', '照片中的人脸数量不是 1。'),
        ('Use a photo of this person alone.', '请使用只有本人的单人照片。')),
    4: (('The face detection failed.', '人脸检测失败。'),
        ('Try again, else use another photo.', '请重试，或更换照片。')),
    5: (('No face could be recognised.', '未能识别人脸。'),
        ('Use a photo with a clear, uncovered face.', '请使用人脸清晰、无遮挡的照片。')),
    6: (('The photo shows another person than the rest.', '照片与其他照片不是同一个人。'),
        ('Remove the photos of other people.', '请移除其他人的照片。')),
}  # type: Dict[int, Tuple[Tuple[str, str], Tuple[str, str]]]
_UNKNOWN = (('The photo does not fit.', '照片不符合要求。'),
            ('Use another photo.', '请更换照片。'))


def photo_meaning(code: "Optional[int]") -> str:
    """Say what a photo code means, in the language of :func:`.language`."""
    return choose(*PHOTO_HINTS.get(code or 0, _UNKNOWN)[0])


def photo_hint(code: "Optional[int]") -> str:
    """Say what to do about a photo code."""
    return choose(*PHOTO_HINTS.get(code or 0, _UNKNOWN)[1])


class ImageCheckError(ApiException):
    """Photos do not fit a training.

    :param failures: the check results that failed, each with ``url``, ``code`` and ``message``.
    """

    hint_en = 'Replace or remove the photos named, then check again.'
    hint_zh = '请更换或移除上述照片后重新检查。'

    def __init__(self, failures: "Sequence[Any]", request_id: "Optional[str]" = None) -> None:
        ApiException.__init__(self, reason='{} photo(s) do not fit'.format(len(failures)))
        self.failures = list(failures)  # type: List[Any]
        self._envelope = {'request_id': request_id}

    def __str__(self) -> str:
        lines = ['{} (code {}): {} {}'.format(failure.url, failure.code,
                                              photo_meaning(failure.code),
                                              photo_hint(failure.code))
                 for failure in self.failures]
        return ApiException.__str__(self) + '\n'.join(lines) + '\n'
