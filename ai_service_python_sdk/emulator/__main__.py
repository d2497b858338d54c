"""``python -m ai_service_python_sdk.emulator``: the emulator at a prompt."""
import argparse
import signal
import sys
import threading

from ..util.language import choose
from .emulator import DEFAULT_TRAINING_SECONDS, DEMO_APP_ID, DEMO_TOKEN, Emulator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

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
    add('--files', metavar='FOLDER', help=choose(
        'pictures to serve at /files/NAME', '图片目录，以 /files/NAME 提供访问'))
    add('--store', metavar='FILE', help=choose(
        'SQLite file that keeps jobs and people', '保存任务与人物的 SQLite 文件'))
    add('--models', metavar='FOLDER', help=choose(
        'face models, instead of those of the extra', '人脸模型目录'))
    add('--training-seconds', type=float, default=DEFAULT_TRAINING_SECONDS, metavar='N',
        help=choose('how long a training takes', '训练时长（秒）'))
    add('--strict', action='store_true', help=choose(
        'want 5 to 20 photos for a training', '训练严格要求 5~20 张照片'))
    add('--quota', type=int, metavar='N', help=choose(
        'calls until the quota is used up', '额度（调用次数）'))
    add('--allow-host', action='append', default=[], metavar='HOST', help=choose(
        'host besides this computer that photos may come from; * for any',
        '除本机外允许下载照片的主机，* 表示任意'))
    add('--deployed', action='append', default=[], metavar='NAME', help=choose(
        'a model_name to know', '已部署的 model_name'))
    add('--control', action='store_true', help=choose(
        'take faults at /control/faults', '通过 /control/faults 注入故障'))
    add('--app-id', default=DEMO_APP_ID, metavar='ID', help=choose(
        'who may call', '允许调用的 AppId'))
    add('--token', default=DEMO_TOKEN, help=choose(
        'the secret; a demo token if left out', '密钥；默认为演示 Token'))
    return parser


def main(argv: "Optional[Sequence[str]]" = None,
         name: str = MODULE) -> int:
    """Run until interrupted; return the exit code.

    :param name: of the command, for its help.
    """
    options = make_parser(name).parse_args(argv)
    emulator = Emulator(options.files, options.training_seconds, options.strict, options.host,
                        options.port, options.app_id, options.token, options.store,
                        options.models, options.allow_host, options.quota, options.deployed,
                        options.control)
    stopped = threading.Event()

    def stop(*args: "Any") -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        emulator.start()
    except (ImportError, ValueError, OSError) as error:
        sys.stderr.write('{}\n'.format(error))
        return 1
    shown = options.token if options.token == DEMO_TOKEN else '(as given)'
    print('host {}\napp id {}\ntoken {}'.format(emulator.host, emulator.app_id, shown), flush=True)
    # In steps: a wait without a limit is not woken by signals everywhere.
    while not stopped.wait(0.1):
        pass
    emulator.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
