"""An answer that has been read, by the name and with the methods of the old SDK."""
import io

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional


class RESTResponse(io.IOBase):
    """An answer that has been read."""

    #: The decoded envelope, once somebody has decoded it for an error.
    envelope = None  # type: Optional[Dict[str, Any]]

    def __init__(self, resp: "Any", data: "Optional[bytes]" = None) -> None:
        #: The answer of urllib3 underneath.
        self.urllib3_response = resp
        #: HTTP status.
        self.status = resp.status  # type: int
        #: HTTP reason phrase.
        self.reason = resp.reason  # type: str
        #: The body; None when it was larger than ``configuration.last_response_limit``.
        self.data = resp.data if data is None else data  # type: Optional[bytes]

    def getheaders(self) -> "Mapping[str, str]":
        """Return all headers; names are found in any case."""
        headers = self.urllib3_response.headers  # type: Mapping[str, str]
        return headers

    def getheader(self, name: str, default: "Optional[str]" = None) -> "Optional[str]":
        """Return one header, or the default."""
        return self.getheaders().get(name, default)
