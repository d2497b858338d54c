"""Doubles that a test has put in the place of another library's classes, and their answers."""
import contextlib

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any

_GENUINE = ('http.', 'requests.', 'urllib3.')


def check_genuine(*kinds: "Any") -> None:
    """Refuse to go on where a test has put a double in the place of a class.

    :raises ImportError: it has; nothing is kept of this import then.
    """
    for kind in kinds:
        if not isinstance(kind, type) or not kind.__module__.startswith(_GENUINE):
            raise ImportError('{!r} is a double; make the first call of the process outside of '
                              'that patch'.format(kind))


def read_before(response: "Any") -> bytes:
    """Return the body that a session, hook or tool of the user's has read, or of a double."""
    for owner, name in ((response.raw, 'data'), (response, 'content')):
        # Read and closed, or made of bytes, so that there is no stream.
        with contextlib.suppress(ValueError):
            found = getattr(owner, name)  # type: bytes
            if found:
                return found
    return b''
