"""What a package exports: each name is loaded when it is first used, all at once before 3.7."""
import sys
from importlib import import_module

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Dict, List, Sequence


def export(package: str, where: "Dict[str, str]", whole: "Sequence[str]" = ()) -> None:
    """Let a package offer names of its modules (PEP 562), and nothing else in ``dir()``.

    :param package: its ``__name__``.
    :param where: exported name to the module that has it, relative to the package.
    :param whole: modules whose own exports (classes, all of them) are exported too.
    """
    _Exports(sys.modules[package], where, whole).install()


class _Exports(object):
    """The exports of one package."""

    def __init__(self, package: "ModuleType", where: "Dict[str, str]",
                 whole: "Sequence[str]") -> None:
        self._package, self._where, self._whole = package, where, whole

    def install(self) -> None:
        """Give the package its ``__getattr__`` and ``__dir__``; load all where that is in vain."""
        self._package.__dict__.update(__getattr__=self.get, __dir__=self.offered)
        if sys.version_info < (3, 7):
            for name in self.names():
                self.get(name)
            self.get('__all__')

    def get(self, name: str) -> object:
        """Load one name and keep it in the package."""
        value = self.names() if name == '__all__' else self._found(name)
        return self._package.__dict__.setdefault(name, value)

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
        for module in self._whole if name[:1].isupper() else ():
            if name in self._module(module).__all__:
                return getattr(self._module(module), name)
        raise AttributeError('module {!r} has no attribute {!r}'.format(
            self._package.__name__, name))

    def _module(self, home: str) -> "ModuleType":
        return import_module(home, self._package.__package__)
