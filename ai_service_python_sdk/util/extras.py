"""Modules that only an extra of this package brings: loaded on use, or named with their remedy."""
import importlib

from .language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any


def imported(module: str, extra: str) -> "Any":
    """Return a module.

    :raises ImportError: it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(translate('{0} cannot be used ({1}); install the extra {2}: {3}', module,
                                    error, extra, how_to_install(extra))) from error


def how_to_install(extra: str) -> str:
    """Return the command for it: on the package index the name is the older SDK's."""
    return translate('in a clone of this project, pip install ".[{}]"', extra)
