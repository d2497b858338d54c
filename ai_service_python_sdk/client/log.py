"""The SDK's logger, and what ``configuration.debug`` does to it; loaded with the transport."""
import logging

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional

#: Name of the logger that the SDK writes to.
NAME = 'ai_service_python_sdk'

log = logging.getLogger(NAME)  # type: logging.Logger
# A library prints nothing of its own accord where an application has set up no logging.
log.addHandler(logging.NullHandler())

_in_debug = set()  # type: set[int]
_level_before = [log.level]


def turn_debug(owner: int, is_on: bool) -> None:
    """Let the logger speak at DEBUG while any owner wants that, then as the user had set it."""
    was_on = bool(_in_debug)
    (_in_debug.add if is_on else _in_debug.discard)(owner)
    if _in_debug and not was_on:
        _level_before[0] = log.level
        log.setLevel(logging.DEBUG)
    elif was_on and not _in_debug:
        log.setLevel(_level_before[0])


def add_stream_handler(formatter: logging.Formatter) -> "Optional[logging.Handler]":
    """Print what is logged if the application has set up nothing that would; return the handler.
    """
    if _prints(log):
        return None
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    log.addHandler(handler)
    return handler


def _prints(logger: "Optional[logging.Logger]") -> bool:
    """Whether a logger, or one above it, has a handler that does something."""
    while logger:
        if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False
