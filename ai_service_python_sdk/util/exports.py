"""What a package exports: each name is loaded when it is first used, all at once before 3.7."""
import sys
from contextlib import suppress
from importlib import import_module

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from types import ModuleType
    from typing import List, Sequence


def export(package: str, where: str, whole: "Sequence[str]" = ()) -> None:
    """Let a package offer names of its modules (PEP 562), and nothing else in ``dir()``.

    :param package: its ``__name__``.
    :param where: words ``module.Name``, the module relative to the package.
    :param whole: modules whose own exports (classes, all of them) are exported too.
    """
    exports = _Exports(sys.modules[package], where, whole)
    vars(sys.modules[package]).update(__getattr__=exports.get, __dir__=exports.offered)
    if sys.version_info < (3, 7):
        for name in exports.names() + ['__all__']:
            exports.get(name)


class _Exports(object):
    """The exports of one package."""

    def __init__(self, package: "ModuleType", where: str, whole: "Sequence[str]") -> None:
        self._package, self._whole = package, whole
        # Not `__package__`, which a module in a zip has not yet on Python 3.6.
        name = package.__name__
        self._base = name if hasattr(package, '__path__') else name.rpartition('.')[0]
        homes = (word.rpartition('.') for word in where.split())
        self._where = dict((name, '.' + home) for home, _, name in homes)

    def get(self, name: str) -> object:
        """Load one name and keep it in the package."""
        value = self.names() if name == '__all__' else self._found(name)
        return vars(self._package).setdefault(name, value)

    def names(self) -> "List[str]":
        """Return what ``import *`` brings."""
        # From the last: errors come before what imports them where all is loaded at once.
        listed = [name for module in reversed(self._whole)
                  for name in self._module(module).__all__]
        return sorted(listed + list(self._where))

    def offered(self) -> "List[str]":
        """Return the exported names, the loaded submodules, and what every module has."""
        kind = type(self._package)
        return sorted(set(self.get('__all__')).union(  # type: ignore[call-overload]
            name for name, value in vars(self._package).items()
            if name.startswith('__') or isinstance(value, kind)))

    def _found(self, name: str) -> object:
        if name in self._where:
            return getattr(self._module(self._where[name]), name)
        # The import of a submodule asks here first; classes alone begin with a capital.
        for home in self._whole if name[:1].isupper() else ():
            with suppress(AttributeError):
                return getattr(self._module(home), name)
        raise AttributeError('module {!r} has no attribute {!r}'.format(
            self._package.__name__, name))

    def _module(self, home: str) -> "ModuleType":
        return import_module(home, self._base)
