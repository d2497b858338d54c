"""A parser whose own words are in the user's language too, and show on any terminal."""
import argparse

from ..util.language import choose
from .output import write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional

#: What argparse says, in Chinese; the order matters.
_CHINESE = (
    ('the following arguments are required: ', '缺少参数：'),
    ('unrecognized arguments: ', '无法识别的参数：'),
    ('expected at least one argument', '至少需要一个值'), ('expected one argument', '需要一个值'),
    ('invalid choice: ', '无效的值：'), ('choose from ', '可选：'), ('argument ', '参数 '),
)


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: "Any", actions: "Any", groups: "Any",
                  prefix: "Optional[str]" = None) -> None:
        argparse.HelpFormatter.add_usage(self, usage, actions, groups,
                                         choose('usage: ', '用法：') if prefix is None else prefix)


class UsageError(ValueError):
    """What was typed makes no sense."""


class Parser(argparse.ArgumentParser):
    """Its words go into the group ``words``, its options into ``options`` or a group of their own.

    :param options: passed on to argparse.
    """

    def __init__(self, **options: "Any") -> None:
        argparse.ArgumentParser.__init__(self, formatter_class=_Formatter, add_help=False,
                                         **options)
        self.words = self.add_argument_group(
            choose('arguments', '参数'))  # type: argparse._ArgumentGroup
        self.options = self.add_argument_group(
            choose('options', '选项'))  # type: argparse._ArgumentGroup
        self.options.add_argument('-h', '--help', action='help', help=choose(
            'show this help and exit', '显示帮助并退出'))

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong with what was typed.

        :raises UsageError: always.
        """
        for english, chinese in _CHINESE:
            message = message.replace(english, choose(english, chinese))
        raise UsageError('{}\n{}'.format(message, self.format_usage().rstrip()))

    def _print_message(self, message: str, file: "Any" = None) -> None:
        if message:
            write(file, message.rstrip('\n'))
