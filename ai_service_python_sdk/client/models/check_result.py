"""What the service says of one photo."""
from ...util.view import View, as_bool, as_int, as_text, viewed

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional

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
