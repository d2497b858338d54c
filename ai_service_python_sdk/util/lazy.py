"""Names of a package that are loaded when they are used (PEP 562), at once before Python 3.7."""
import sys
from importlib import import_module

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple


def lazy(package: str, where: "Dict[str, str]"
         ) -> "Tuple[Callable[[str], Any], Callable[[], List[str]]]":
    """Return a package's ``__getattr__`` and ``__dir__``.

    :param package: its ``__name__``.
    :param where: exported name to the module that has it, relative to the package.
    """
    def get(name: str) -> "Any":
        if name not in where:
            raise AttributeError('module {!r} has no attribute {!r}'.format(package, name))
        value = getattr(import_module(where[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> "List[str]":
        return sorted(set(vars(sys.modules[package])) | set(where))

    return get, names


def load_all(package: str, where: "Dict[str, str]") -> None:
    """Load every exported name, where a module cannot do it by itself."""
    if sys.version_info < (3, 7):
        module = sys.modules[package]
        for name, home in where.items():
            setattr(module, name, getattr(import_module(home, package), name))
