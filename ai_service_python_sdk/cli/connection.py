"""Whom a command talks to: the service with credentials, or the emulator with local files."""
import configparser
import glob
import hashlib
import os
import sqlite3
import stat
import uuid

from six.moves.urllib.parse import urlsplit

from ..client.api_client import (
    APP_ID_VARIABLE, HOST_VARIABLE, TOKEN_VARIABLE, ApiClient)
from ..util.files import in_home, user_folder, write_whole
from ..util.language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from .output import Output

#: The file with credentials that is read if it is there.
DEFAULT_CREDENTIALS = os.path.join('~', '.ai-portrait.ini')
#: Its section.
SECTION = 'ai-portrait'
_NAMES = (('host', HOST_VARIABLE), ('app_id', APP_ID_VARIABLE), ('token', TOKEN_VARIABLE))
#: Characters of a photo's name that the emulator keeps.
LONGEST_NAME = 40
#: Seconds between two looks at a job of the emulator.
EMULATOR_INTERVAL = 0.3
#: Seconds that a training of the service takes: the guide's sample took 26 minutes.
TYPICAL_TRAINING = 1560.0


def credentials(options: "Namespace") -> "Dict[str, str]":
    """Return host, app_id and token: from options, else the environment, else the file.

    :raises ValueError: the file can be read by others, or holds no such section.
    """
    return dict((name, value) for name, (value, _) in credentials_found(options).items())


def credentials_found(options: "Namespace") -> "Dict[str, Tuple[str, str]]":
    """Return the same, each with where it was found."""
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


class Connection(object):
    """A client, and how photos get URLs; a context manager.

    :raises ValueError: credentials are missing; the message names where they can be given.
    """

    def __init__(self, options: "Namespace", output: "Output") -> None:
        self._emulator = None  # type: Any
        self._folder = None  # type: Optional[str]
        self._lent = []  # type: List[str]
        self._mark = uuid.uuid4().hex[:8]
        self._output = output
        #: Whether the emulator's photos are still wanted by a job that goes on.
        self.keeps_photos = False
        #: URL to what the user called it.
        self.names = {}  # type: Dict[str, str]
        #: Seconds that a training takes, roughly.
        self.typical = TYPICAL_TRAINING  # type: float
        #: Arguments of waits.
        self.waiting = {}  # type: Dict[str, Any]
        if options.emulator:
            self.client = self._start_emulator(options)  # type: ApiClient
        else:
            self.client = _client_of(options)
        output.same_way = _same_way(options)
        if getattr(options, 'interval', None) is not None:
            self.waiting['interval'] = options.interval

    def urls(self, given: "Sequence[str]") -> "List[str]":
        """Return the URLs of photos: given as such, or with the emulator as files and globs.

        :raises ValueError: a file does not exist, or is given without the emulator.
        """
        return [self._url(name) for word in given for name in self._expand(word)]

    def _expand(self, word: str) -> "List[str]":
        is_pattern = self._emulator is not None and glob.has_magic(word)
        if _is_url(word) or not is_pattern or os.path.exists(word):
            return [word]
        found = sorted(glob.glob(word))
        if not found:
            raise ValueError(choose('no file is called {}', '没有匹配的文件：{}').format(word))
        return found

    def _url(self, name: str) -> str:
        if _is_url(name):
            url = name
        elif self._emulator is None:
            raise ValueError(choose(
                '{} is not a URL; the service fetches photos itself: put it where the internet '
                'can reach it (such as OSS) and give its URL, or use --emulator',
                '{} 不是 URL；照片由服务端下载，请上传至公网可访问的位置（如 OSS）后传入 URL，或使用 --emulator'
            ).format(name))
        else:
            url = self._emulator.url(self._lend(name))
        self.names[url] = name
        return url

    def _lend(self, path: str) -> str:
        """Copy a file to where the emulator serves it; return its name there."""
        if not os.path.isfile(path):
            raise ValueError(choose('the file {} does not exist', '文件不存在：{}').format(path))
        with open(path, 'rb') as stream:
            data = stream.read()
        # A name of this command alone, since it is removed in the end; short and of characters
        # that every file system and every URL takes.
        base = os.path.basename(path)[-LONGEST_NAME:].encode('utf-8', 'replace').decode('utf-8')
        name = '{}_{}_{}'.format(hashlib.sha256(data).hexdigest()[:12], self._mark, base)
        folder = str(self._folder)
        if not os.path.exists(os.path.join(folder, name)):
            write_whole(data, os.path.join(folder, name))
        self._lent.append(os.path.join(folder, name))
        return name

    def _start_emulator(self, options: "Namespace") -> ApiClient:
        from ..emulator import Emulator
        home = options.store or os.path.join(user_folder('cache'), 'emulator')
        self._folder = os.path.join(home, 'files')
        os.makedirs(self._folder, 0o700, exist_ok=True)
        self.typical = options.training_seconds
        self.waiting = {'interval': EMULATOR_INTERVAL, 'longest_interval': EMULATOR_INTERVAL}
        hosts = [urlsplit(word).hostname or '' for word in _words_of(options) if _is_url(word)]

        def start(port: int) -> "Any":
            return Emulator(files=self._folder, training_seconds=options.training_seconds,
                            store=os.path.join(home, 'jobs.sqlite'), port=port,
                            allow_hosts=hosts).start()

        try:
            self._emulator = _on_the_same_port(start, os.path.join(home, 'port'))
        except sqlite3.Error as error:
            raise ValueError(choose('{} holds no jobs of the emulator ({}); give another --store',
                                    '{} 中没有可用的模拟器数据（{}），请更换 --store').format(home, error))
        return ApiClient(self._emulator.host, self._emulator.app_id, self._emulator.token)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.client.close()
        if self._emulator is not None:
            self._emulator.stop()
            if not self.keeps_photos and not self._output.unfinished():
                for path in set(self._lent):
                    os.remove(path)


def _on_the_same_port(start: "Callable[[int], Any]", kept: str) -> "Any":
    """Start where the last one was: a training that was interrupted asks for its photos there."""
    try:
        with open(kept) as stream:
            return start(int(stream.read()))
    except (OSError, ValueError, OverflowError):
        emulator = start(0)
        write_whole(str(emulator.port).encode('ascii'), kept)
        return emulator


def _client_of(options: "Namespace") -> ApiClient:
    found = credentials(options)
    missing = [(name, variable) for name, variable in _NAMES if name not in found]
    if missing:
        raise ValueError(choose(
            'give {}: as an option, in the environment ({}), or in {}; or use --emulator',
            '缺少 {}：请通过命令行选项、环境变量（{}）或 {} 提供，或使用 --emulator').format(
                ', '.join('--' + name.replace('_', '-') for name, _ in missing),
                ', '.join(variable for _, variable in missing),
                options.credentials or DEFAULT_CREDENTIALS))
    return ApiClient(found['host'], found['app_id'], found['token'])


def _same_way(options: "Namespace") -> "List[str]":
    """Return the options that lead another command to the same jobs; never the token."""
    if options.emulator:
        return ['--emulator'] + (['--store', options.store] if options.store else [])
    words = []  # type: List[str]
    for name in ('host', 'app_id', 'credentials'):
        if getattr(options, name, None):
            words += ['--' + name.replace('_', '-'), getattr(options, name)]
    return words


def _is_url(word: str) -> bool:
    return word.lower().startswith(('http://', 'https://'))


def _words_of(options: "Namespace") -> "List[str]":
    words = list(getattr(options, 'photos', None) or [])
    for person in getattr(options, 'person', None) or []:
        words += person
    return words + [word for word in [getattr(options, 'template', None)] if word]
