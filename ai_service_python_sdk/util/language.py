"""The language of messages to people: Chinese or English, by setting, environment or locale.

The code has them in English; ``zh.json`` beside this file has the Chinese of each.
"""
import os
from contextlib import suppress

from .later import unforked

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

#: Environment variable that names the language.
VARIABLE = 'AI_SERVICE_LANG'
#: The languages there are.
LANGUAGES = ('zh', 'en')

_chosen = []  # type: list[str]
_chinese = {}  # type: Dict[str, str]


def set_language(language: "Optional[str]") -> None:
    """Choose ``zh`` or ``en`` for this process; None leaves it to environment and locale.

    :raises ValueError: the messages do not speak that language.
    """
    if language is not None and language not in LANGUAGES:
        raise ValueError('`language` is {!r}; must be one of {} or None'
                         .format(language, ', '.join(LANGUAGES)))
    _chosen[:] = [language] if language else []


def language() -> str:
    """Return ``zh`` or ``en``: as set, or as AI_SERVICE_LANG, LC_ALL, LC_MESSAGES, LANG say.

    Where they are all unset, as on Windows, the system's locale tells.
    """
    if _chosen:
        return _chosen[0]
    for name in (VARIABLE, 'LC_ALL', 'LC_MESSAGES', 'LANG'):
        value = os.environ.get(name)
        if value:
            return _language_of(value)
    import locale
    try:
        return _language_of(locale.getlocale()[0] or '')
    except ValueError:
        return 'en'


def _language_of(name: str) -> str:
    # Windows says "Chinese (Simplified)_China".
    return 'zh' if name.lower().startswith(('zh', 'chinese')) else 'en'


def translate(text: str, *values: object) -> str:
    """Return a message in :func:`language`, with its values filled in as ``str.format`` does.

    :param text: the English one, by which the Chinese one is found in ``zh.json``.
    """
    return in_language(language(), text, *values)


def in_language(lang: str, text: str, *values: object) -> str:
    """Do as :func:`translate` in ``zh`` or ``en``."""
    if lang == 'zh':
        text = _catalogue().get(text, text)
    return text.format(*values) if values else text


def _catalogue() -> "Dict[str, str]":
    # Not gettext: its catalogues are compiled, and a vendored copy has no step that does it.
    if not _chinese:
        # Messages stay English where the file cannot be read: a copy of the modules alone, too
        # many open files, a user who may not read it.
        with unforked, suppress(Exception):
            import json
            from pkgutil import get_data
            _chinese.update(json.loads((get_data(__name__, 'zh.json') or b'{}').decode('utf-8')))
    return _chinese


def chinese_of(name: str) -> "Any":
    """Declare an attribute that is the Chinese of another one, of a class and of its objects."""
    return _Chinese(name)


class _Chinese(object):
    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: "Any", kind: "Any" = None) -> str:
        return in_language('zh', getattr(kind if owner is None else owner, self._name))
