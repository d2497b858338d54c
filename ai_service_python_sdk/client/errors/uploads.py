"""What an upload raises: a photo could not be put into a bucket of OSS, or not be discarded."""
import re

from ...util.kept import clean
from ...util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional

#: Words in what OSS says to what to do, in English and Chinese; the first that fits.
_REMEDIES = (
    ('region|endpoint', 'set OSS_REGION to the region of the bucket', '请将 OSS_REGION 设为存储空间所在地域'),
    ('NoSuchBucket', 'create the bucket, or correct its name', '请创建该存储空间或更正其名称'),
    ('UserDisable', 'the account is locked: pay what is open', '账号已被停用，请检查是否欠费'),
    ('quota|capacity|exceed', 'make room in the bucket, or raise its quota', '请清理存储空间或提高其额度'),
    ('Skewed', 'set the clock of this computer', '请校准本机时间'),
    ('403', 'look at OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET; the key needs oss:PutObject, '
     'PutObjectAcl, GetObject and DeleteObject', '请检查 OSS_ACCESS_KEY_ID 和 OSS_ACCESS_KEY_SECRET；'
     '该密钥需要 oss:PutObject、PutObjectAcl、GetObject、DeleteObject 权限'),
    ('', 'look at the network and OSS_ENDPOINT, then run it again', '请检查网络和 OSS_ENDPOINT 后重试'))


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
    said, known = str(error), ''
    if status:
        said = known = '{0.code} ({0.status_code}): {0.message} [{0.request_id}]'.format(error)
    remedy = next(found[1:] for found in _REMEDIES if re.search(found[0], known, re.IGNORECASE))
    message = choose('{}: {}; {}', '{}：{}；{}').format(place, clean(said), choose(*remedy))
    return UploadError(message, None if 400 <= status < 500 else url)
