"""``python -m ai_service_python_sdk.emulator``: the emulator at a prompt."""
import argparse
import json
import logging
import signal
import sys
import threading

from ..util.language import choose
from .emulator import DEFAULT_TRAINING_SECONDS, DEMO_APP_ID, DEMO_TOKEN, Emulator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence

_log = logging.getLogger('ai_service_python_sdk.emulator')
DEFAULT_PORT = 8765
#: How this file is run without the command line.
MODULE = 'python -m ai_service_python_sdk.emulator'


def make_parser(name: str = MODULE) -> "argparse.ArgumentParser":
    """Make the parser, whose texts are in the language of :func:`.language`."""
    parser = argparse.ArgumentParser(prog=name, description=choose(
        'A local service that works as AI Portrait does; every picture is marked as emulated.',
        '在本机模拟 AI 写真服务；生成的图片均带有模拟标记。'))
    add = parser.add_argument
    add('--host', default='127.0.0.1', help=choose('address to listen at', '监听地址'))
    add('--port', type=int, default=DEFAULT_PORT, help=choose(
        '%(default)s; 0 for any free one', '端口，默认 %(default)s；0 表示任意空闲端口'))
    add('--name', action='append', default=[], dest='names', help=choose(
        'name by which it may be called besides those of this computer', '除本机外允许的主机名'))
    add('--files', metavar='FOLDER', help=choose(
        'pictures to serve at /files/NAME', '图片目录，以 /files/NAME 提供访问'))
    add('--store', metavar='FILE', help=choose(
        'SQLite file that keeps jobs and people', '保存任务与人物的 SQLite 文件'))
    add('--models', metavar='FOLDER', help=choose(
        'face models, instead of those of the extra', '人脸模型目录'))
    add('--strict', action='store_true', help=choose(
        'want what the guide says: 5 to 20 photos, JPEG or PNG',
        '严格按文档要求：5~20 张照片，JPEG 或 PNG'))
    add('--quota', type=int, metavar='N', help=choose(
        'calls until the quota is used up', '额度（调用次数）'))
    add('--allow-host', action='append', default=[], dest='allow_hosts', metavar='HOST',
        help=choose('host besides this computer that photos may come from; * for any',
                    '除本机外允许下载照片的主机，* 表示任意'))
    add('--deployed', action='append', default=[], metavar='NAME', help=choose(
        'a model_name to know', '已部署的 model_name'))
    add('--no-mark', dest='mark', action='store_false', help=choose(
        'leave out the "emulated" in a corner of each picture', '不在图片角落显示 emulated 标记'))
    add('--app-id', default=DEMO_APP_ID, metavar='ID', help=choose(
        'who may call', '允许调用的 AppId'))
    add('--token', default=DEMO_TOKEN, help=choose(
        'the secret; a demo token if left out', '密钥；默认为演示 Token'))
    add('--control-key', metavar='KEY', help=choose(
        'what steers it over HTTP; a random one if left out', 'HTTP 控制密钥；默认随机生成'))
    _add_training(parser)
    _add_logging(parser)
    return parser


def _add_training(parser: "argparse.ArgumentParser") -> None:
    add = parser.add_argument
    add('--training', metavar='TIME', help=choose(
        'how long a training takes: seconds, "after 3 looks" or held',
        '训练时长：秒数、"after 3 looks" 或 held'))
    add('--training-seconds', type=float, default=DEFAULT_TRAINING_SECONDS, metavar='N',
        help=choose('the same, in seconds', '训练时长（秒）'))
    add('--initial-share', type=float, default=0.0, metavar='N', help=choose(
        'share of it in state 0; %(default)g', '状态 0 所占比例，默认 %(default)g'))


def _add_logging(parser: "argparse.ArgumentParser") -> None:
    add = parser.add_argument
    add('--quiet', action='store_true', help=choose(
        'log warnings only, not each call and refused photo', '只记录警告，不记录每次调用与未通过的照片'))
    add('--log-json', action='store_true', help=choose(
        'log in lines of JSON', '以 JSON 行输出日志'))


class _Lines(logging.Formatter):
    """A log line as JSON."""

    def format(self, record: "logging.LogRecord") -> str:
        """Return the line."""
        line = {'time': record.created, 'level': record.levelname, 'text': record.getMessage()}
        line.update(getattr(record, 'emulated', {}))
        if record.exc_info:
            line['traceback'] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _logged(quiet: bool, as_json: bool) -> "logging.Handler":
    """Log to the standard error; return what does it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines() if as_json else logging.Formatter('%(asctime)s %(message)s',
                                                                    '%H:%M:%S'))
    handler.setLevel(logging.WARNING if quiet else logging.INFO)
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    return handler


def main(argv: "Optional[Sequence[str]]" = None,
         name: str = MODULE) -> int:
    """Run until interrupted; return the exit code.

    :param name: of the command, for its help.
    """
    options = vars(make_parser(name).parse_args(argv))
    handler = _logged(options.pop('quiet'), options.pop('log_json'))
    try:
        return _run(options)
    finally:
        _log.removeHandler(handler)


def _run(options: "Dict[str, Any]") -> int:
    stopped = threading.Event()

    def stop(*args: "Any") -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        emulator = Emulator(**options).start()
    except (ImportError, ValueError, OSError) as error:
        sys.stderr.write('{}\n'.format(error))
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
