"""What ends a wait for a job: it failed, took too long, is in an odd state, or was interrupted."""
from . import service  # noqa: F401  the classes of the service fill the table
from .base import ApiException, revived
from .table import class_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple, Type
    from .base import Fact, JobId, Pickled


class JobFailedError(ApiException):
    """A job ended with state 3; also of the documented class of its message, if there is one.

    :param job_id: the job; :param message: what the service says of it.
    :param model_id: the model that it was to train, if it was a training.
    """

    meaning_en = 'The job failed.'
    hint_en = 'Check what the job was given and start it again; if it repeats, report it.'
    opens_with_meaning = True

    def __init__(self, job_id: "JobId", message: "Optional[str]" = None,
                 model_id: "Optional[str]" = None) -> None:
        ApiException.__init__(self, reason='job {} failed'.format(job_id))
        self.job_id = job_id
        self.model_id = model_id
        self._envelope = {'message': message, 'code': 'error'}

    def facts(self) -> "List[Fact]":
        # Without the code: it is the same for all.
        return ApiException.facts(self)[1:]

    def __reduce__(self) -> "Pickled":
        return _revived_job, (self.message,) + self._kept()


class JobTimeoutError(ApiException):
    """A job did not end in time; it goes on, and can be waited for again by its id.

    :param job_id: the job; :param state: the state seen last.
    :param model_id: the model that it trains, if it is a training.
    :param seconds: how long it was waited for.
    """

    meaning_en = 'The job did not end in time.'
    hint_en = 'The job goes on. Wait again by its id, with a longer timeout (seconds).'
    opens_with_meaning = True

    def __init__(self, job_id: "JobId", state: "Optional[int]" = None,
                 model_id: "Optional[str]" = None, seconds: "Optional[float]" = None) -> None:
        reason = 'job {} did not end within {} s'.format(job_id, seconds)
        ApiException.__init__(self, reason=reason)
        self.job_id = job_id
        self.model_id = model_id
        #: The state that was seen last, None if the job was never seen.
        self.state = state

    def facts(self) -> "List[Fact]":
        return ApiException.facts(self) + [('last state', self.state)]


class JobStateError(ApiException):
    """A job's answer has a state that nobody documents, or holds no job at all."""

    meaning_en = 'The job is in a state that nobody documents.'
    hint_en = 'Look at the job again later by its id; if it repeats, report it.'
    opens_with_meaning = True

    def __init__(self, job_id: "JobId", state: object = None,
                 model_id: "Optional[str]" = None) -> None:
        reason = 'job {} has the unknown state {!r}'.format(job_id, state)
        ApiException.__init__(self, reason=reason)
        self.job_id = job_id
        self.model_id = model_id
        #: The state as the service gave it.
        self.state = state


class WaitInterrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a wait; the job goes on, and its ids are here."""

    def __init__(self, job_id: "JobId", model_id: "Optional[str]" = None) -> None:
        KeyboardInterrupt.__init__(self, job_id, model_id)
        self.job_id = job_id
        self.model_id = model_id

    def __str__(self) -> str:
        model = ' of model {}'.format(self.model_id) if self.model_id else ''
        return 'no longer waiting for job {}{}; it goes on: wait again by its id'.format(
            self.job_id, model)


def error_of_job(job_id: "JobId", message: "Optional[str]" = None,
                 model_id: "Optional[str]" = None) -> JobFailedError:
    """Return the error of a job with state 3, of the class that its message documents."""
    return _job_class(message)(job_id, message, model_id)


def _job_class(message: "Optional[str]") -> "Type[JobFailedError]":
    cause = class_of(None, 'error', message)
    if cause is ApiException:
        return JobFailedError
    texts = ('__doc__', 'meaning_en', 'hint_en')
    return type(cause.__name__, (JobFailedError, cause),
                dict((name, getattr(cause, name)) for name in texts))


def _revived_job(message: "Optional[str]", args: "Tuple[object, ...]",
                 attributes: "Dict[str, object]") -> JobFailedError:
    return revived(_job_class(message), args, attributes)
