"""``python -m ai_service_python_sdk.emulator``: the emulator at a prompt."""
import argparse
import signal
import sys
import threading

from .emulator import DEFAULT_TRAINING_SECONDS, DEMO_APP_ID, DEMO_TOKEN, Emulator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

DEFAULT_PORT = 8765


def _parser() -> "argparse.ArgumentParser":
    parser = argparse.ArgumentParser(prog='python -m ai_service_python_sdk.emulator',
                                     description=__doc__)
    add = parser.add_argument
    add('--host', default='127.0.0.1', help='address to listen at')
    add('--port', type=int, default=DEFAULT_PORT, help='0 for any free one')
    add('--files', metavar='FOLDER', help='pictures to serve at /files/NAME')
    add('--store', metavar='FILE', help='SQLite file that keeps jobs and people')
    add('--models', metavar='FOLDER', help='face models, instead of those of the extra')
    add('--training-seconds', type=float, default=DEFAULT_TRAINING_SECONDS)
    add('--strict', action='store_true', help='want 5 to 20 photos for a training')
    add('--quota', type=int, help='calls until the quota is used up')
    add('--allow-host', action='append', default=[], metavar='HOST',
        help='host besides this computer that photos may come from; * for any')
    add('--deployed', action='append', default=[], metavar='NAME', help='a model_name to know')
    add('--control', action='store_true', help='take faults at /control/faults')
    add('--app-id', default=DEMO_APP_ID)
    add('--token', default=DEMO_TOKEN, help='the secret; a demo token if left out')
    return parser


def main(argv: "Optional[Sequence[str]]" = None) -> int:
    """Run until interrupted; return the exit code."""
    options = _parser().parse_args(argv)
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
