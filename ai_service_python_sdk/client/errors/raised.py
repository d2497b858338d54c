"""What our own layers raise below an answer; :mod:`.connection` turns it into errors for users."""
from http.client import HTTPException

from urllib3.exceptions import HTTPError


class NoWayError(HTTPError):
    """There is no pool for the host: a proxy or certificate cannot be used; nothing was sent."""


class BadAnswer(HTTPException):
    """The answer breaks HTTP in a way that leaves its end in doubt, or is too large."""
