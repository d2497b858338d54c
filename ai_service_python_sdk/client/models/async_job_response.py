"""The answers to job queries: one job, or the jobs of a batch."""
from ...util.view import answered, views
from .job import Job
from .model import optional, typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from typing_extensions import TypedDict
    JobData = TypedDict('JobData', {'id': int, 'app_id': str, 'state': int, 'message': str,
                                    'create_time': str, 'Result': str, 'type': str})
    AsyncJobData = TypedDict('AsyncJobData', {'job': JobData})
    BatchData = TypedDict('BatchData', {'jobs': List[Dict[str, Any]]})


@typed_answer
class AsyncJobResponse(Response):
    """The state of one job."""

    data = optional('data', 'object')  # type: AsyncJobData
    job = answered('job', Job, 'The job; where the answer lacks it, one whose fields are all '
                   'None.')  # type: Job


@typed_answer
class AsyncBatchJobResponse(Response):
    """The states of the jobs of a batch."""

    data = optional('data', 'object')  # type: BatchData
    jobs = answered('jobs', views(Job), 'The jobs of the batch.')  # type: List[Job]
