"""The answers to job queries: one job, or the jobs of a batch."""
from ...util.view import answered, views
from .job import Job
from .model import typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List


@typed_answer
class AsyncJobResponse(Response):
    """The state of one job."""

    job = answered('job', Job, 'The job; where the answer lacks it, one whose fields are all '
                   'None.')  # type: Job


@typed_answer
class AsyncBatchJobResponse(Response):
    """The states of the jobs of a batch."""

    jobs = answered('jobs', views(Job), 'The jobs of the batch.')  # type: List[Job]
