"""The answer to a training: the two ids to keep."""
from ...util.view import as_int, as_text
from .model import optional, typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional
    from typing_extensions import TypedDict
    TrainData = TypedDict('TrainData', {'job_id': int, 'model_id': str})


@typed_answer
class AIGCImageTrainResponse(Response):
    """A training that has begun; keep both ids, the service has no list of them."""

    data = optional('data', 'object')  # type: TrainData

    @property
    def job_id(self) -> "Optional[int]":
        """The job to poll."""
        return as_int(self._field('job_id'))

    @property
    def model_id(self) -> "Optional[str]":
        """The model to create portraits with once the job has succeeded."""
        return as_text(self._field('model_id'))
