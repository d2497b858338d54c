"""What a package exports: each name is loaded when it is first used, all at once before 3.7."""
import sys
from contextlib import suppress
from importlib import import_module
from itertools import chain

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, List, Sequence


def export(package: str, where: str, whole: "Sequence[str]" = ()) -> None:
    """Let a package offer names of its modules (PEP 562), and nothing else in ``dir()``.

    :param package: its ``__name__``.
    :param where: words ``module.Name``, the module relative to the package.
    :param whole: modules whose own exports (classes, all of them) are exported too.
    """
    module = sys.modules[package]
    # Not `__package__`, which a module in a zip has not yet on Python 3.6.
    base = package if hasattr(module, '__path__') else package.rpartition('.')[0]
    homes = dict((name, '.' + home) for home, _, name in (
        word.rpartition('.') for word in where.split()))

    def found(name: str) -> "Any":
        if name == '__all__':
            # From the last: errors come before what imports them where all is loaded at once.
            listed = [import_module(home, base).__all__ for home in reversed(whole)]
            return sorted(chain(homes, *listed))
        if name in homes:
            return getattr(import_module(homes[name], base), name)
        # Classes alone begin with a capital; modules are there without an import, as where all
        # is loaded at once.
        for home in whole if name[:1].isupper() else ():
            if hasattr(import_module(home, base), name):
                return getattr(import_module(home, base), name)
        if base == package and name[:1].islower():
            with suppress(ImportError):
                return import_module('.' + name, base)
        raise AttributeError('module {!r} has no attribute {!r}'.format(package, name))

    def get(name: str) -> "Any":
        return vars(module).setdefault(name, found(name))

    def offered() -> "List[str]":
        """Return the exported names, the loaded submodules, and what every module has."""
        return sorted(set(get('__all__')).union(
            name for name, value in vars(module).items()
            if name.startswith('__') or isinstance(value, type(module))))

    vars(module).update(__getattr__=get, __dir__=offered)
    if sys.version_info < (3, 7):
        for name in ['__all__'] + found('__all__'):
            get(name)
