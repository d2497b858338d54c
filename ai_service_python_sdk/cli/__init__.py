"""The command line ``ai-portrait``: the user's job at a prompt."""
import os
import signal
import sys
from contextlib import suppress

from ..util.language import LANGUAGES, set_language
from . import exits
from .output import Output

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List, Optional, Sequence

__all__ = ['main']


def main(argv: "Optional[Sequence[str]]" = None) -> int:
    """Run one command; return its exit code (see :mod:`.exits`)."""
    _fill_closed_streams()
    if argv is None:
        _end_as_by_ctrl_c()
    words = _choose_language(list(sys.argv[1:] if argv is None else argv))
    from .arguments import make_parser
    output = Output('--json' in words, ' '.join(words[:1]))
    try:
        output.options = options = make_parser().parse_args(words)
        return output.finish(options.run(options, output))
    except (Exception, KeyboardInterrupt) as error:
        return output.finish(output.report(error))


def _end_as_by_ctrl_c() -> None:
    """Let SIGTERM and a closed terminal end this as Ctrl-C does, which names what is paid for."""
    for name in ('SIGTERM', 'SIGHUP'):
        number = getattr(signal, name, None)  # Windows has fewer
        with suppress(ValueError):  # not in the main thread
            if number and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, signal.default_int_handler)


def _fill_closed_streams() -> None:
    """Open the closed ones of the standard streams: else the next file would get their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _choose_language(words: "List[str]") -> "List[str]":
    """Apply ``--lang`` and take it out, wherever it stands: the parser's help depends on it."""
    for place, word in enumerate(words):
        name, equals, value = word.partition('=')
        end = place + (1 if equals else 2)
        if name == '--lang' and (value or ''.join(words[place + 1:end])) in LANGUAGES:
            set_language(value or words[place + 1])
            return words[:place] + _choose_language(words[end:])
    return words
