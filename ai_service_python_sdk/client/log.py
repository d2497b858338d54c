"""The SDK's logger, and what ``configuration.debug`` does to it; loaded with the transport."""
import logging
import threading

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional

#: Name of the logger that the SDK writes to.
NAME = 'ai_service_python_sdk'

log = logging.getLogger(NAME)  # type: logging.Logger
# A library prints nothing of its own accord where an application has set up no logging.
log.addHandler(logging.NullHandler())

# A finaliser may run in the middle of the block that it would wait for.
_lock = threading.RLock()
_level_before = [log.level]
_talks_under_way = [0]


class DebugTalk(object):
    """Lets the logger speak at DEBUG while there is one of these, then as the user had set it.

    It ends by :meth:`end`, or when whoever holds it is forgotten.
    """

    def __init__(self) -> None:
        self._is_on = True
        with _lock:
            _talks_under_way[0] += 1
            if _talks_under_way[0] == 1:
                _level_before[0] = log.level
                log.setLevel(logging.DEBUG)

    def end(self) -> None:
        """Say that this one needs no more DEBUG; a second time changes nothing."""
        with _lock:
            if self._is_on:
                self._is_on = False
                _talks_under_way[0] -= 1
                if not _talks_under_way[0]:
                    log.setLevel(_level_before[0])

    def __del__(self) -> None:
        try:
            self.end()
        except Exception:  # at the end of the interpreter the names of this module may be gone
            pass


def add_stream_handler(formatter: logging.Formatter) -> "Optional[logging.Handler]":
    """Print what is logged if the application has set up nothing that would; return the handler.
    """
    if is_heard():
        return None
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    log.addHandler(handler)
    return handler


def is_heard() -> bool:
    """Whether a handler that does something takes what is logged at WARNING."""
    logger = log  # type: Optional[logging.Logger]
    while logger and log.isEnabledFor(logging.WARNING):
        if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False
