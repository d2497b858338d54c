"""The answer to a check of photos: one result per photo."""
from .response import Response, typed_answer
from .view import View, as_bool, as_float, as_int, as_text, viewed, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

#: ``code`` of a photo that fits.
FITS = 1


class CheckResult(View):
    """What the service says of one photo (service reference 2.4, 4.1)."""

    code = viewed('code', as_int, '1 fits; 2 to 6 say why not.')  # type: Optional[int]
    message = viewed('message', as_text, 'The reason in English.')  # type: Optional[str]
    url = viewed('url', as_text, "The photo's URL as given.")  # type: Optional[str]
    frontal = viewed('frontal', as_bool, 'Face seen from the front.')  # type: Optional[bool]

    @property
    def passed(self) -> bool:
        """Whether the photo fits."""
        return self.code == FITS


@typed_answer
class AIGCImageCheckResponse(Response):
    """Results of a check; a photo that fails does not make the call fail."""

    @property
    def check_results(self) -> "List[CheckResult]":
        """One result per photo, in the order of the service."""
        return views(self._field('check_results'), CheckResult)

    @property
    def passed(self) -> bool:
        """Whether there are results and every photo fits."""
        return bool(self.check_results) and not self.failures

    @property
    def failures(self) -> "List[CheckResult]":
        """The results of the photos that do not fit."""
        return [result for result in self.check_results if not result.passed]

    @property
    def cost_time(self) -> "Optional[float]":
        """Seconds that the service spent."""
        return as_float(self._field('cost_time'))
