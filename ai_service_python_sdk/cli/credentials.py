"""Who calls: host, app id and token, from options, the environment or a file."""
import configparser
import os
import stat

from ..client.api_client import (
    APP_ID_VARIABLE, HOST_VARIABLE, TOKEN_VARIABLE, ApiClient)
from ..util.files import in_home
from ..util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Dict, List, Optional, Tuple

#: The file with credentials that is read if it is there.
DEFAULT_CREDENTIALS = os.path.join('~', '.ai-portrait.ini')
#: Its section.
SECTION = 'ai-portrait'
_NAMES = (('host', HOST_VARIABLE), ('app_id', APP_ID_VARIABLE), ('token', TOKEN_VARIABLE))


def credentials_found(options: "Namespace") -> "Dict[str, Tuple[str, str]]":
    """Return host, app_id and token, each with where it was found, in the order of search.

    :raises ValueError: the file can be read by others, or holds no such section.
    """
    kept = _from_file(options.credentials)
    found = {}  # type: Dict[str, Tuple[str, str]]
    for name, variable in _NAMES:
        places = [(getattr(options, name, None), '--' + name.replace('_', '-')),
                  (os.environ.get(variable), variable),
                  (kept.get(name), options.credentials or DEFAULT_CREDENTIALS)]
        for value, place in places:
            if value:
                found.setdefault(name, (value, place))
    return found


def client_of(options: "Namespace") -> ApiClient:
    """Return a client of the service.

    :raises ValueError: credentials are missing; the message names where they can be given.
    """
    found = credentials_found(options)
    missing = [(name, variable) for name, variable in _NAMES if name not in found]
    if missing:
        raise ValueError(choose(
            'give {}: as an option, in the environment ({}), or in {}; or use --emulator',
            '缺少 {}：请通过命令行选项、环境变量（{}）或 {} 提供，或使用 --emulator').format(
                ', '.join('--' + name.replace('_', '-') for name, _ in missing),
                ', '.join(variable for _, variable in missing),
                options.credentials or DEFAULT_CREDENTIALS))
    host, app_id, token = [found[name][0] for name, _ in _NAMES]
    return ApiClient(host, app_id, token)


def same_way(options: "Namespace") -> "List[str]":
    """Return the options that lead another command to the same jobs; never the token."""
    words = ['--emulator'] if options.emulator else []
    wanted = ('store',) if options.emulator else ('host', 'app_id', 'credentials')
    for name in wanted + ('ledger',):
        if getattr(options, name, None):
            words += ['--' + name.replace('_', '-'), getattr(options, name)]
    return words + (['--no-ledger'] if getattr(options, 'no_ledger', False) else [])


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
        raise ValueError(choose('{0} can be read by others; make it yours alone: chmod 600 {0}',
                                '{0} 可被其他用户读取，请执行：chmod 600 {0}').format(name))
    parser = configparser.RawConfigParser()
    try:
        parser.read([name], encoding='utf-8-sig')
    except (configparser.Error, UnicodeDecodeError):
        # Its message would show the line, and with it perhaps the token.
        raise ValueError(choose('{} is not an INI file', '{} 不是 INI 文件').format(name))
    if not parser.has_section(SECTION):
        raise ValueError(choose('{} has no section [{}]', '{} 缺少 [{}] 段').format(name, SECTION))
    return dict(parser.items(SECTION))
