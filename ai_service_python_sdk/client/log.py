"""The SDK's logger, what its lines hold, and whether a handler would show them."""
import logging
import re

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional

DEBUG = logging.DEBUG
#: Name of the logger that the SDK writes to.
NAME = 'ai_service_python_sdk'
_REQUEST_ID = re.compile(br'"request_id"\s*:\s*"([\w-]{1,64})"')

log = logging.getLogger(NAME)  # type: logging.Logger
# A library prints nothing of its own accord where an application has set up no logging.
log.addHandler(logging.NullHandler())


def debug(text: str, *args: object) -> None:
    """Log at DEBUG, whatever level the logger has: ``configuration.debug`` asks for it."""
    log.handle(log.makeRecord(NAME, DEBUG, __file__, 0, text, args, None))


def request_id_in(answer: bytes) -> str:
    """Return the request id that an answer names, which may be cut off; a hyphen for none."""
    found = _REQUEST_ID.search(answer)
    return found.group(1).decode('ascii') if found else '-'


def is_heard() -> bool:
    """Whether a handler that does something takes what is logged at WARNING."""
    logger = log  # type: Optional[logging.Logger]
    while logger and not log.disabled and log.isEnabledFor(logging.WARNING):
        if any(not isinstance(handler, logging.NullHandler) and handler.level <= logging.WARNING
               for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False
