"""The answer to a check of photos: one result per photo."""
from ...util.view import answered, as_float, views
from .check_result import CheckResult
from .model import typed_answer
from .response import Response

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List, Optional


@typed_answer
class AIGCImageCheckResponse(Response):
    """Results of a check; a photo that fails does not make the call fail."""

    check_results = answered('check_results', views(CheckResult), 'One result per photo, in the '
                             'order of the service.')  # type: List[CheckResult]
    cost_time = answered('cost_time', as_float,
                         'Seconds that the service spent.')  # type: Optional[float]

    @property
    def passed(self) -> bool:
        """Whether there are results and every photo fits."""
        results = self.check_results
        return bool(results) and all([result.passed for result in results])

    @property
    def failures(self) -> "List[CheckResult]":
        """The results of the photos that do not fit."""
        return [result for result in self.check_results if not result.passed]
