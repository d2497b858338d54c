"""The answers to video analyses: the id to poll."""
from ...util.view import as_int
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

    @property
    def job_id(self) -> "Optional[int]":
        """The job to poll."""
        return as_int(self._field('job_id'))


@typed_answer
class AsyncVideoBatchJobResponse(Response):
    """A batch that has begun; poll it with ``get_batch_job``."""

    data = optional('data', 'object')  # type: VideoBatchData

    @property
    def batch_id(self) -> "Optional[int]":
        """The batch to poll."""
        return as_int(self._field('batch_id'))
