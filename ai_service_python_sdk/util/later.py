"""Modules that are imported when one of their names is first used."""
from importlib import import_module

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any


class Later(object):
    """Stands for a module; each name that was asked for once is found as fast as in the module.

    An import statement inside a function takes a microsecond in each call, more than the most of
    what the function does; at the top it would load what only a call needs with the package.

    :param package: ``__package__`` or ``__name__`` of whoever imports; :param name: the module,
        relative to it.
    """

    def __init__(self, package: str, name: str) -> None:
        self._place = name, package

    def __getattr__(self, name: str) -> "Any":
        value = getattr(import_module(*self._place), name)
        setattr(self, name, value)
        return value
