"""The command line ``ai-portrait``: the user's job at a prompt.

::

    __init__.py    main(): parse, run one command, turn its end into an exit code
    arguments.py   what can be typed          commands.py    what each command does
    connection.py  who calls, and where       records.py     what the ledger knows
    output.py      lines, JSON, the bar       exits.py       exit codes by cause
    doctor.py      what may be wrong with a set-up
"""
import os
import sys

from ..util.language import LANGUAGES, choose, set_language
from . import exits
from .output import Output, write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import List, Optional, Sequence

__all__ = ['main']


def main(argv: "Optional[Sequence[str]]" = None) -> int:
    """Run one command; return its exit code (see :mod:`.exits`)."""
    _fill_closed_streams()
    words = _choose_language(list(sys.argv[1:] if argv is None else argv))
    if words[:1] == ['emulator']:
        # Its options are its own; the rest of the command line needs no emulator to be there.
        return _emulator(words[1:])
    from .arguments import parse
    output = Output('--json' in words, ' '.join(words[:1]))
    try:
        options = parse(words)
        return output.finish(options.run(options, output))
    except (Exception, KeyboardInterrupt) as error:
        return output.finish(output.report(error))
    finally:
        output.close()


def _fill_closed_streams() -> None:
    """Open what was closed, or the next file would be taken for stdout or stderr."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _choose_language(words: "List[str]") -> "List[str]":
    """Take ``--lang`` out, wherever it stands, before a parser whose help is in that language."""
    for place, word in enumerate(words):
        name, equals, value = word.partition('=')
        end = place + (1 if equals else 2)
        if name == '--lang' and (value or ''.join(words[place + 1:end])) in LANGUAGES:
            set_language(value or words[place + 1])
            return words[:place] + _choose_language(words[end:])
    return words


def _emulator(words: "List[str]") -> int:
    try:
        from ..emulator.__main__ import main as emulator_main
    except ImportError as error:
        write(sys.stderr, choose('The emulator is not installed: {}', '未安装模拟器：{}').format(error))
        return exits.USAGE
    return exits.USAGE if emulator_main(words, 'ai-portrait emulator') else exits.OK
