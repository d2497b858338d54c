"""``python -m ai_service_python_sdk.emulator``: the emulator at a prompt."""
import argparse
import errno
import json
import logging
import os
import signal
import sqlite3
import sys
import threading

from ..client.paid import say
from ..util.language import choose
from .emulator import DEMO_APP_ID, DEMO_TOKEN, Emulator

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Tuple

_log = logging.getLogger('ai_service_python_sdk.emulator')
DEFAULT_PORT = 8765
#: How this file is run without the command line.
MODULE = 'python -m ai_service_python_sdk.emulator'
_FLAG, _FOLDER = {'action': 'store_true'}, {'metavar': 'FOLDER'}

#: Names of each option, its help in English and Chinese, and what else argparse is told of it.
_OPTIONS = (
    ('host', 'address to listen at', '监听地址', {'default': '127.0.0.1'}),
    ('port', '%(default)s; 0 for any free one', '端口，默认 %(default)s；0 表示任意空闲端口',
     {'type': int, 'default': DEFAULT_PORT}),
    ('name', 'name by which it may be called besides those of this computer', '除本机外允许的主机名',
     {'action': 'append', 'default': [], 'dest': 'names'}),
    ('files', 'pictures to serve at /files/NAME', '图片目录，以 /files/NAME 提供访问', _FOLDER),
    ('store', 'SQLite file that keeps jobs and people', '保存任务与人物的 SQLite 文件',
     {'metavar': 'FILE'}),
    ('models', 'face models, instead of those of the extra', '人脸模型目录', _FOLDER),
    ('training training-seconds', 'how long a training takes: seconds, "after 3 looks" or held',
     '训练时长：秒数、"after 3 looks" 或 held', {'metavar': 'TIME'}),
    ('initial-share', 'share of it in state 0; %(default)g', '状态 0 所占比例，默认 %(default)g',
     {'type': float, 'default': 0.0, 'metavar': 'N'}),
    ('strict', 'want 5 to 20 photos, JPEG or PNG, as the guide says',
     '严格按文档要求：5~20 张照片，JPEG 或 PNG', _FLAG),
    ('no-mark', 'leave out the visible mark in a corner of portraits', '写真角上不加可见标记',
     {'dest': 'mark', 'action': 'store_false'}),
    ('quota', 'calls until the quota is used up', '额度（调用次数）', {'type': int, 'metavar': 'N'}),
    ('allow-host', 'host besides this computer that photos may come from; * for any',
     '除本机外允许下载照片的主机，* 表示任意',
     {'action': 'append', 'default': [], 'dest': 'allow_hosts', 'metavar': 'HOST'}),
    ('deployed', 'a model_name to know', '已部署的 model_name',
     {'action': 'append', 'default': [], 'metavar': 'NAME'}),
    ('app-id', 'who may call', '允许调用的 AppId', {'default': DEMO_APP_ID, 'metavar': 'ID'}),
    ('token', 'the secret; a demo token if left out', '密钥；默认为演示 Token',
     {'default': DEMO_TOKEN}),
    ('control-key', 'what steers it over HTTP; a random one if left out',
     'HTTP 控制密钥；默认随机生成', {'metavar': 'KEY'}),
    ('quiet', 'log warnings only, not each call and refused photo',
     '只记录警告，不记录每次调用与未通过的照片', _FLAG),
    ('log-json', 'log in lines of JSON', '以 JSON 行输出日志', _FLAG),
)  # type: Tuple[Tuple[str, str, str, Dict[str, Any]], ...]


def make_parser(name: str = MODULE) -> "argparse.ArgumentParser":
    """Make the parser, whose texts are in the language of :func:`.language`."""
    parser = argparse.ArgumentParser(prog=name, description=choose(
        'A local service that works as AI Portrait does; every picture is marked as emulated.',
        '在本机模拟 AI 写真服务；生成的图片均带有模拟标记。'))
    for names, english, chinese, settings in _OPTIONS:
        parser.add_argument(*['--' + name for name in names.split()],
                            help=choose(english, chinese), **settings)
    return parser


class _Lines(logging.Formatter):
    """A log line as JSON."""

    def format(self, record: "logging.LogRecord") -> str:
        line = {'time': record.created, 'level': record.levelname, 'text': record.getMessage()}
        line.update(getattr(record, 'emulated', {}))
        if record.exc_info:
            line['traceback'] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def main(argv: "Optional[Sequence[str]]" = None, name: str = MODULE) -> int:
    """Run until interrupted; return the exit code.

    :param name: of the command, for its help.
    """
    options = vars(make_parser(name).parse_args(argv))
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines() if options.pop('log_json') else logging.Formatter(
        '%(asctime)s %(message)s', '%H:%M:%S'))
    handler.setLevel(logging.WARNING if options.pop('quiet') else logging.INFO)
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    try:
        return _run(options)
    finally:
        _log.removeHandler(handler)


def _run(options: "Dict[str, Any]") -> int:
    if options['files'] and not os.path.isdir(options['files']):
        say(choose('--files: there is no folder {}', '--files：文件夹不存在：{}').format(options['files']))
        return 1
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *args: stopped.set())
    try:
        emulator = Emulator(**options).start()
    except (ImportError, ValueError, OverflowError, OSError, sqlite3.Error) as error:
        is_taken = getattr(error, 'errno', None) == errno.EADDRINUSE
        say(choose('port {} is taken; give another one with --port, 0 for any free one, and set '
                   'AI_SERVICE_HOST to the host that is printed',
                   '端口 {} 已被占用；请用 --port 指定其他端口（0 表示任意空闲端口），并将 AI_SERVICE_HOST '
                   '设为输出的 host').format(options['port']) if is_taken else str(error))
        return 1
    shown = emulator.token if emulator.token == DEMO_TOKEN else '(as given)'
    key = '(as given)' if options['control_key'] else emulator.control_key
    print('host {}\napp id {}\ntoken {}\npage {}/\ncontrol key {}'.format(
        emulator.host, emulator.app_id, shown, emulator.host, key), flush=True)
    # In steps: a wait without a limit is not woken by signals everywhere.
    while not stopped.wait(0.1):
        pass
    emulator.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
