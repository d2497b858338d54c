"""The language of messages to people: Chinese or English, by setting, environment or locale."""
import os

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional

#: Environment variable that names the language.
VARIABLE = 'AI_SERVICE_LANG'
#: The languages there are.
LANGUAGES = ('zh', 'en')

_chosen = []  # type: list[str]


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


def choose(en: str, zh: str, lang: "Optional[str]" = None) -> str:
    """Return one of two texts, in ``lang`` (``zh`` or ``en``), else in :func:`language`."""
    return zh if (lang or language()) == 'zh' else en
