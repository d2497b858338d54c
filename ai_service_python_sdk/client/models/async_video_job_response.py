"""The answers to video analyses: the id to poll."""
from ...util.view import answered, as_int
from .model import optional, typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from typing_extensions import TypedDict
    VideoData = TypedDict('VideoData', {'job_id': int})
    VideoBatchData = TypedDict('VideoBatchData', {'batch_id': int})


@typed_answer
class AsyncVideoJobResponse(Response):
    """An analysis that has begun; poll it with ``get_async_job``."""

    data = optional('data', 'object')  # type: VideoData
    job_id = answered('job_id', as_int, 'The job to poll.')  # type: Optional[int]


@typed_answer
class AsyncVideoBatchJobResponse(Response):
    """A batch that has begun; poll it with ``get_batch_job``."""

    data = optional('data', 'object')  # type: VideoBatchData
    batch_id = answered('batch_id', as_int, 'The batch to poll.')  # type: Optional[int]
