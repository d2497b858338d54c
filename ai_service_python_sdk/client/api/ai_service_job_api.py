"""Jobs: ask for one or for a batch, and wait for them."""
from ..job_waiter import DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT, JobWaiter
from ..models.async_job_response import AsyncBatchJobResponse, AsyncJobResponse
from ..operation import GET, POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, Optional, Union
    from typing_extensions import Unpack
    from ..job_waiter import FinishedJob, Progress
    from ..typed_methods import CallOptions
    JobId = Union[int, str]

# Also a query by POST: it only reads (service reference 2, row 5).
ASYNC_JOB = Operation(POST, '/api/v1/async_jobs/{job_id}', AsyncJobResponse, repeatable=True,
                      accept='text/plain')
BATCH_JOB = Operation(GET, '/api/v1/batch_jobs/{batch_id}', AsyncBatchJobResponse,
                      repeatable=True, accept='text/plain')


class AiServiceJobApi(Family):
    """Queries of jobs over one client."""

    def get_async_job(self, job_id: "JobId", **kwargs: "Unpack[CallOptions]") -> AsyncJobResponse:
        """Return the state of one job.

        :param job_id: ``job_id`` of a training's or video's answer.
        :raises ValueError: the id is None, empty, or no segment of a path.
        :raises ApiException: the service refused, or could not be reached.
        """
        return self.get_async_job_with_http_info(  # type: ignore[no-any-return]
            job_id, **dict(kwargs, _return_http_data_only=True))

    def get_async_job_with_http_info(self, job_id: "JobId", **kwargs: "Any") -> "Any":
        """Return (answer, status, headers) of :meth:`get_async_job`."""
        return ASYNC_JOB.query(self.api_client, 'get_async_job', 'job_id', job_id, kwargs)

    def get_async_job_with_id(self, job_id: "JobId", **options: "Unpack[CallOptions]"
                              ) -> AsyncJobResponse:
        """Return the state of one job; another name of :meth:`get_async_job`."""
        return self.get_async_job(job_id, **options)

    def get_batch_job(self, batch_id: "JobId", **kwargs: "Unpack[CallOptions]"
                      ) -> AsyncBatchJobResponse:
        """Return the states of the jobs of a batch.

        :param batch_id: ``batch_id`` of a batch video's answer.
        """
        return self.get_batch_job_with_http_info(  # type: ignore[no-any-return]
            batch_id, **dict(kwargs, _return_http_data_only=True))

    def get_batch_job_with_http_info(self, batch_id: "JobId", **kwargs: "Any") -> "Any":
        """Return (answer, status, headers) of :meth:`get_batch_job`."""
        return BATCH_JOB.query(self.api_client, 'get_batch_job', 'batch_id', batch_id, kwargs)

    def get_batch_job_with_id(self, batch_id: "JobId", **options: "Unpack[CallOptions]"
                              ) -> AsyncBatchJobResponse:
        """Return the states of a batch; another name of :meth:`get_batch_job`."""
        return self.get_batch_job(batch_id, **options)

    def wait_for_async_job(self, job_id: "JobId", model_id: "Optional[str]" = None,
                           timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                           on_progress: "Optional[Progress]" = None,
                           **waiting: "Any") -> AsyncJobResponse:
        """Wait until a job has succeeded; see :class:`.JobWaiter` for arguments and errors.

        :param timeout: seconds; None for no limit.
        :param waiting: more arguments of :class:`.JobWaiter`, such as ``interval``.
        """
        waiter = JobWaiter(self, timeout, on_progress=on_progress, **waiting)
        return waiter.wait_for_async_job(job_id, model_id)

    def wait_for_async_jobs(self, job_ids: "Iterable[JobId]",
                            timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                            on_progress: "Optional[Progress]" = None,
                            concurrency: int = DEFAULT_CONCURRENCY,
                            **waiting: "Any") -> "Iterator[FinishedJob]":
        """Yield jobs as they end, whichever way, asking for ``concurrency`` at a time."""
        waiter = JobWaiter(self, timeout, on_progress=on_progress, **waiting)
        return waiter.wait_for_async_jobs(job_ids, concurrency)

    def wait_for_batch_job(self, batch_id: "JobId",
                           timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                           on_progress: "Optional[Progress]" = None,
                           **waiting: "Any") -> AsyncBatchJobResponse:
        """Wait until every job of a batch has ended, also those that failed."""
        waiter = JobWaiter(self, timeout, on_progress=on_progress, **waiting)
        return waiter.wait_for_batch_job(batch_id)
