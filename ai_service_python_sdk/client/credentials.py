"""Who calls: host, app id and token, from the environment or a file that is the user's alone."""
import configparser
import os
import stat

from ..util.files import in_home
from ..util.language import translate
from .api_client import VARIABLES

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple

#: The file that is read if it is there, and its section.
DEFAULT_CREDENTIALS = os.path.join('~', '.ai-portrait.ini')
SECTION = 'ai-portrait'


def kept_credentials(path: "Optional[str]" = None) -> "Dict[str, Tuple[str, str]]":
    """Return what of host, app_id and token is kept, each with where; the environment wins.

    :param path: of an INI file; None for :data:`DEFAULT_CREDENTIALS`, which need not be there.
    :raises ValueError: the file can be read by others, or holds no such section.
    """
    kept = _from_file(path)
    found = dict((name, (kept[name], path or DEFAULT_CREDENTIALS))
                 for name in VARIABLES if kept.get(name))
    found.update((name, (os.environ[variable], variable))
                 for name, variable in VARIABLES.items() if os.environ.get(variable))
    return found


def _from_file(path: "Optional[str]") -> "Dict[str, str]":
    try:
        name = in_home(path or DEFAULT_CREDENTIALS)
    except ValueError:
        if path:
            raise
        return {}
    if not path and not os.path.exists(name):
        return {}
    if os.name == 'posix' and stat.S_IMODE(os.stat(name).st_mode) & 0o077:
        raise ValueError(translate('{0} can be read by others; make it yours alone: chmod 600 {0}',
                                   name))
    parser = configparser.RawConfigParser()
    try:
        parser.read([name], encoding='utf-8-sig')
        return dict(parser.items(SECTION))
    except configparser.NoSectionError:
        raise ValueError(translate('{} has no section [{}]', name, SECTION))
    except (configparser.Error, UnicodeDecodeError):
        # Its message would show the line, and with it perhaps the token.
        raise ValueError(translate('{} is not an INI file', name))
