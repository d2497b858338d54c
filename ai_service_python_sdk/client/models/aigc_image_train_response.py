"""The answer to a training: the two ids to keep."""
from ...util.view import answered, as_int, as_text
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
    job_id = answered('job_id', as_int, 'The job to poll.')  # type: Optional[int]
    model_id = answered('model_id', as_text, 'The model to create portraits with once the job has '
                        'succeeded.')  # type: Optional[str]
