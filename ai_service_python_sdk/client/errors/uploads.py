"""What an upload raises: a photo could not be put into a bucket of OSS, or not be discarded."""
import re

from ...util.kept import clean
from ...util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional

#: Words in what OSS says to what to do; the first that fits.
_REMEDIES = (
    ('region|endpoint', 'set OSS_REGION to the region of the bucket'),
    ('NoSuchBucket', 'create the bucket, or correct its name'),
    ('UserDisable', 'the account is locked: pay what is open'),
    ('quota|capacity|exceed', 'make room in the bucket, or raise its quota'),
    ('Skewed', 'set the clock of this computer'),
    (r'\(403', 'look at OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET; the key needs '
               'oss:PutObject, PutObjectAcl, GetObject and DeleteObject'),
    ('', 'look at the network, OSS_REGION and OSS_ENDPOINT, then run it again'))


class UploadError(Exception):
    """A photo could not be put, or not be discarded; ``str()`` says why and what to do.

    :ivar uploaded_url: what may be there all the same; None if surely nothing is.
    """

    def __init__(self, message: str, uploaded_url: "Optional[str]" = None) -> None:
        Exception.__init__(self, message)
        self.uploaded_url = uploaded_url


def error_of_oss(error: "Any", place: object, url: "Optional[str]") -> UploadError:
    """Translate an error of the SDK of OSS: say what OSS says, and what to do.

    :param place: the bucket, as the message names it.
    :param url: what the call was about; unless OSS has refused the call it may be there.
    """
    while hasattr(error, 'unwrap'):
        error = error.unwrap()
    status = getattr(error, 'status_code', 0)
    # requests shows a header that it does not send, such as a session token.
    said, known = re.sub('(?s)(header value).*', r'\1', str(error)), ''
    if status:
        said = known = '{0.code} ({0.status_code}): {0.message} [{0.request_id}]'.format(error)
    remedy = next(remedy for words, remedy in _REMEDIES if re.search(words, known, re.IGNORECASE))
    message = translate('{}: {}; {}', place, clean(said), translate(remedy))
    return UploadError(message, None if 400 <= status < 500 else url)
