"""Modules that are imported when one of their names is first used."""
import os
import threading
from functools import lru_cache
from importlib import import_module

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any

#: Held while something is loaded or made once, see :func:`hold_forks`.
unforked = threading.RLock()  # type: Any


@lru_cache(maxsize=None)
def hold_forks() -> None:
    """Let a fork wait while another thread holds :data:`unforked`: its child would have the lock
    and not the thread that lets it go."""
    # Registered after that of logging, so taken before it: what is loaded may need logging's lock.
    import_module('logging')
    if hasattr(os, 'register_at_fork'):  # Python 3.7 and newer
        os.register_at_fork(before=unforked.acquire, after_in_parent=unforked.release,
                            after_in_child=unforked.release)


class Later(object):
    """Stands for a module; each name that was asked for once is found as fast as in the module.

    An import statement inside a function takes a microsecond in each call, longer than
    most of them run; at the top it would load what only a call needs with the package.

    :param importer: ``__name__`` of the module that imports; :param name: as it would write it.
    """

    def __init__(self, importer: str, name: str) -> None:
        # Not `__package__`, which a module in a zip has not yet on Python 3.6.
        self._place = name, importer.rpartition('.')[0]

    def __getattr__(self, name: str) -> "Any":
        hold_forks()
        with unforked:
            value = getattr(import_module(*self._place), name)
        setattr(self, name, value)
        return value
