"""Exit codes by cause; documented, so that scripts can rely on them."""
from ..client import exceptions
from ..client.errors.base import ApiException
from ..uploads import UploadError

OK = 0
OTHER = 1  #: a cause without a code of its own
USAGE = 2  #: wrong arguments, a missing file, missing credentials, a failed upload
PHOTOS = 3  #: photos that do not fit
CREDENTIALS = 4  #: the service does not accept the caller: app id, token, permission
QUOTA = 5  #: the account's calls are used up, or come too fast
INPUT = 6  #: the service refuses what was sent
FAILED = 7  #: the service failed at its work: a training with state 3, a failed creation
LATE = 8  #: a job that did not end in time; it goes on
UNREACHABLE = 9  #: the service could not be reached, or a proxy or gateway answered for it
PAID_BEFORE = 10  #: the ledger has the same already, paid for or in doubt; see ``--again``
LEDGER = 11  #: the ledger cannot be used; nothing was sent
INTERRUPTED = 130  #: Ctrl-C, or the end of the terminal or of the computer's session

#: Errors in the use of a command, in its files or its set-up.
USUAL = (ValueError, TypeError, LookupError, OSError, ImportError, UploadError)
#: The first class that fits gives the code.
CODES = (
    (exceptions.InDoubtError, PAID_BEFORE), (exceptions.LedgerError, LEDGER),
    (exceptions.ImageCheckError, PHOTOS), (exceptions.JobTimeoutError, LATE),
    (exceptions.JobFailedError, FAILED), (exceptions.QuotaExceededError, QUOTA),
    (exceptions.ThrottledError, QUOTA), (exceptions.AppIdNotFoundError, CREDENTIALS),
    (exceptions.UnauthorizedError, CREDENTIALS), (exceptions.ForbiddenError, CREDENTIALS),
    (exceptions.BadRequestError, INPUT), (exceptions.NotFoundError, INPUT),
    (exceptions.InvalidInputError, INPUT), (exceptions.FaceCountError, INPUT),
    (exceptions.ProcessingError, FAILED), (exceptions.JobStateError, FAILED),
    (exceptions.ServiceError, UNREACHABLE), (exceptions.ResponseError, UNREACHABLE),
)


def code_of(error: BaseException) -> int:
    """Return the exit code of an error."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    for kind, code in CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, ApiException):
        # Status 0 is a failure below HTTP; an error with a doubt is an answer of a gateway.
        return UNREACHABLE if error.status == 0 or error.is_in_doubt else OTHER
    return USAGE if isinstance(error, USUAL) else OTHER
