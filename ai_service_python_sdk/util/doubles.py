"""Doubles that a test has put in the place of another library's classes."""

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any


def check_genuine(*kinds: "Any") -> None:
    """Refuse to go on where a test has put a double in the place of a class.

    :raises ImportError: it has; nothing is kept of this import then.
    """
    for kind in kinds:
        if not isinstance(kind, type) or not kind.__module__.startswith(('http.', 'requests.')):
            raise ImportError('{!r} is a double; make the first call of the process outside of '
                              'that patch'.format(kind))
