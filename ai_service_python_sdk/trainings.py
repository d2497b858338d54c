"""Trainings of a studio: started once, waited for, looked at, and written down when they end."""
from copy import copy
from functools import partial

from .client.api.ai_service_job_api import AiServiceJobApi
from .client.errors.jobs import error_of_job
from .client.errors.service import check_answer
from .client.exceptions import ApiException, JobFailedError, ResponseError
from .client.models.job import JobState
from .client.paid import FAILED, SUCCEEDED, Paid
from .progress import Bar, usual_seconds
from .results import TrainedModel
from .uploads import clean

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from .client.job_waiter import JobWaiter
    from .client.models.job import Job
    from .ledger import Ledger
    from .payments import Payments
    from .uploads import Uploaded

#: The most trainings in :attr:`.PortraitStudio.trainings`; older ones are dropped.
TRAININGS_KEPT = 1000


class Trainings(object):
    """Trainings over one client.

    :param uploads: where photos of this computer get URLs, or None.
    :ivar uploaded: uploaded photos of the trainings that go on, by the job's id.
    """

    def __init__(self, jobs: AiServiceJobApi, payments: "Payments", uploads: "Any") -> None:
        self._jobs, self._payments, self._uploads = jobs, payments, uploads
        self.uploaded = {}  # type: Dict[Any, Uploaded]

    def start(self, train: "Callable[..., Any]", uploaded: "Uploaded", over: "Any",
              key: "Optional[str]", **how: "Any") -> "Tuple[TrainedModel, bool]":
        """Start a training, or find the one of its key; return it and whether it has succeeded.

        :param train: takes the URLs of the photos and the options of the call.
        :param over: as for :class:`.Paid`.
        :param how: ``person`` and ``again``, as for :meth:`.Ledger.begin`.
        """
        response, paid = None, self._payments.before('train', key, uploaded.photos, **how)
        try:
            if paid is None:
                response, paid = self._payments.make(
                    partial(train, uploaded.put()), over=over, key=key, **how)
        except BaseException as error:
            if getattr(error, 'is_in_doubt', False):
                # The training may have begun, and then needs the photos.
                uploaded.lend(getattr(error, 'job_id', None))
            raise
        found = response or paid.row
        if response is not None and uploaded.names and found.job_id is not None:
            self.uploaded[found.job_id] = uploaded
            uploaded.lend(found.job_id)
        model_id = (found.model_id or '').strip()  # TrainedModel refuses blanks around it
        if not model_id:
            try:
                raise ResponseError(why='the answer {} names no model (job {})'.format(
                    found.request_id, found.job_id))
            except ResponseError as error:  # a name of its own would make a circle of it
                error.job_id = found.job_id
                raise
        model = TrainedModel(model_id, found.job_id)
        return model, getattr(found, 'state', None) == SUCCEEDED

    def wait(self, model: TrainedModel, waiter: "JobWaiter", progress: bool) -> None:
        """Wait until a training has succeeded; see :meth:`.PortraitStudio.wait`."""
        states = []  # type: List[Any]
        bar = Bar(waiter.sleep, usual_seconds(self._payments.ledger)) if progress else None
        callbacks = [bar and bar.progress, waiter.on_progress,
                     lambda job: states.append(job.state)]  # type: List[Any]
        waiter = copy(waiter)
        waiter.on_progress = lambda job: [call(job) for call in callbacks if call]
        waiter.sleep = bar.sleep if bar else waiter.sleep
        try:
            waiter.wait_for_async_job(model.job_id, model.model_id)  # type: ignore[arg-type]
        except JobFailedError as error:
            self.ended(model, FAILED, error.message)
            raise
        finally:
            if bar:
                bar.close(JobState.SUCCEEDED in states)
        # A training that was not seen under way may have ended long ago.
        self.ended(model, SUCCEEDED, is_fresh=len(states) > 1)

    def look(self, model: TrainedModel) -> "Job":
        """Look at a training once; see :meth:`.PortraitStudio.look`."""
        try:
            response = self._jobs.get_async_job(model.job_id)  # type: ignore[arg-type]
            check_answer(response)
        except ApiException as error:
            error.job_id, error.model_id = model.job_id, model.model_id
            raise
        job = response.job
        if job.state == JobState.FAILED:
            self.ended(model, FAILED, job.message)
            raise error_of_job(model.job_id, job.message, model.model_id)
        if job.state == JobState.SUCCEEDED:
            self.ended(model, SUCCEEDED)
        return job

    def ended(self, model: TrainedModel, state: str, message: "Optional[str]" = None,
              is_fresh: bool = False) -> None:
        """Write down how a training ended, and the time it took if it ended just now; discard its
        photos."""
        def work(ledger: "Ledger") -> None:
            row = ledger.look_up(model.job_id) if is_fresh else None
            ledger.finished(model.job_id, state, message, row.age if row else None)
            if uploaded is None and self._uploads is not None:
                clean(ledger, self._uploads, job_id=model.job_id)
        uploaded = self.uploaded.pop(model.job_id, None)
        if uploaded is not None:
            uploaded.discard()
        Paid(self._payments.ledger).write(work, repr(model))
