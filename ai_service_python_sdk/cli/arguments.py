"""What can be typed after ``ai-portrait``, and a parser that speaks the user's language."""
import argparse

from .._version import __version__
from ..client.job_waiter import DEFAULT_TIMEOUT
from ..util.language import LANGUAGES, choose
from . import commands, records
from .connection import DEFAULT_CREDENTIALS
from .doctor import doctor
from .output import write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn, Optional, Sequence

#: Seconds of a training of the emulator that a command starts.
EMULATED_TRAINING = 3.0
DEFAULT_OUT = 'portrait.jpg'
#: What argparse says, in Chinese; the order matters.
_CHINESE = (
    ('the following arguments are required: ', '缺少参数：'),
    ('unrecognized arguments: ', '无法识别的参数：'),
    ('expected at least one argument', '至少需要一个值'), ('expected one argument', '需要一个值'),
    ('invalid choice: ', '无效的值：'), ('choose from ', '可选：'), ('argument ', '参数 '),
)
_ONE_TRAINING = ('name, job id, model id, or a file of train --save',
                 '名称、任务 id、模型 id 或 train --save 的文件')
_USUAL = ('%(default)s if left out', '默认 %(default)s')


class UsageError(ValueError):
    """What was typed makes no sense."""


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: "Any", actions: "Any", groups: "Any",
                  prefix: "Optional[str]" = None) -> None:
        argparse.HelpFormatter.add_usage(self, usage, actions, groups,
                                         choose('usage: ', '用法：') if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Takes its texts in both languages: ``word`` and ``option`` add arguments, as a group does.

    :param options: passed on to argparse.
    """

    def __init__(self, **options: "Any") -> None:
        argparse.ArgumentParser.__init__(self, formatter_class=_Formatter, add_help=False,
                                         **options)
        self.word = self.group('arguments', '参数')
        self.option = self.group('options', '选项')
        self.option('-h --help', 'show this help and exit', '显示帮助并退出', action='help')
        # Only for the help and for other values: a language that exists was taken out before.
        self.option('--lang', 'language of messages', '消息语言', choices=LANGUAGES)

    def group(self, english: str, chinese: str) -> "Callable[..., None]":
        """Make a group; return a function that adds to it: names, help in English and Chinese."""
        place = self.add_argument_group(choose(english, chinese))

        def add(names: str, english: str, chinese: str, **how: "Any") -> None:
            place.add_argument(*names.split(), help=choose(english, chinese), **how)
        return add

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


def parse(words: "Sequence[str]") -> "argparse.Namespace":
    """Read the words of a command line; ends the program with code 2 if they make no sense."""
    return make_parser().parse_args(list(words))


def make_parser() -> "argparse.ArgumentParser":
    """Make the parser, whose texts are in the language of :func:`.language`."""
    parser = Parser(
        prog='ai-portrait', description=choose(
            'The AI Portrait service of Alibaba Cloud PAI: check, train, wait, create.',
            '阿里云人工智能平台 PAI 的 AI 写真服务：核验照片、模型训练、训练结果查询、写真制作。'),
        epilog=choose('Exit codes: 0 done, 1 other, 2 usage, 3 photos, 4 credentials, 5 quota, '
                      '6 input refused, 7 failed, 8 not in time, 9 unreachable, 10 paid before, '
                      '11 ledger, 130 Ctrl-C.',
                      '退出码：0 成功，1 其他，2 用法，3 照片不合格，4 凭证，5 额度，6 输入被拒绝，'
                      '7 处理失败，8 超时未完成，9 无法连接，10 此前已付费，11 账本，130 Ctrl-C。'))
    parser.option('--version', "show the package's version and exit", '显示版本并退出',
                  action='version', version=__version__)
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND',
                                       title=choose('commands', '命令'))
    subparsers.required = True
    for name, run, parts, english, chinese in _COMMANDS:
        text = choose(english, chinese)
        command = subparsers.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        for add in parts + (_common,):
            add(command)
    subparsers.add_parser('emulator', help=choose(
        'a local service; see ai-portrait emulator --help',
        '本地模拟服务，参见 ai-portrait emulator --help'))
    return parser


def _common(parser: Parser) -> None:
    parser.option('--json', 'one JSON document', '输出一个 JSON 文档', action='store_true')
    add = parser.group('who calls', '调用凭证')
    add('--host', 'instead of AI_SERVICE_HOST', '代替 AI_SERVICE_HOST')
    add('--app-id', 'instead of AI_SERVICE_APP_ID', '代替 AI_SERVICE_APP_ID', metavar='ID')
    add('--token', 'instead of AI_SERVICE_TOKEN; others can see options, so prefer that or the '
        'file', '代替 AI_SERVICE_TOKEN；命令行选项可能被他人看到，建议使用环境变量或文件')
    add('--credentials', 'INI file with host, app_id, token; {} if there'.format(
        DEFAULT_CREDENTIALS), '凭证文件（INI），默认 ' + DEFAULT_CREDENTIALS, metavar='FILE')
    add = parser.group('without an account', '无需账号')
    add('--emulator', 'use a local emulator; photos may be files', '使用本地模拟器，照片可为本地文件',
        action='store_true')
    add('--training-seconds', 'of the emulator; %(default)g if left out',
        '模拟器训练时长（秒），默认 %(default)g', type=_seconds, default=EMULATED_TRAINING, metavar='N')
    add('--store', 'where the emulator keeps its jobs', '模拟器数据目录', metavar='FOLDER')


def _photos(parser: Parser, count: str = '+') -> None:
    parser.word('photos', 'URL; with --emulator also a file, a folder or a pattern',
                'URL；使用 --emulator 时可为文件、文件夹或通配符', nargs=count, metavar='PHOTO')


def _people(parser: Parser) -> None:
    _photos(parser, '*')
    parser.option('--person', 'photos of one of several persons; repeat it',
                  '多人写真：每人一组照片，可重复', nargs='+', action='append', metavar='PHOTO')
    parser.option('--no-template-check', 'train without a look at the template before',
                  '训练前不核验模板', dest='check_template', action='store_false')


def _training(parser: Parser) -> None:
    add = parser.option
    add('--name', 'what to call the person from now on; for several persons one each, in their '
        'order', '为人物命名，供以后使用；多人时按顺序每人一个', action='append', metavar='NAME')
    add('--save', 'keep the ids of a single person in a file as soon as there are any',
        '将单人模型的 id 保存到文件', metavar='FILE')
    add('--again', 'pay also for photos that were trained before', '照片此前训练过时仍再次付费训练',
        action='store_true')
    add('--any-count', 'let fewer than 5 or more than 20 photos through',
        '允许少于 5 张或多于 20 张照片', action='store_true')
    _wait(parser)


def _no_wait(parser: Parser) -> None:
    parser.option('--no-wait', 'print the ids and leave', '输出 id 后立即退出', dest='wait',
                  action='store_false')


def _trainings(parser: Parser) -> None:
    parser.set_defaults(wait=True)
    parser.word('trainings', _ONE_TRAINING[0] + '; the newest that goes on if left out',
                _ONE_TRAINING[1] + '；默认为最近一次未结束的训练', nargs='*', metavar='TRAINING')


def _training_of_before(parser: Parser) -> None:
    parser.word('trainings', *_ONE_TRAINING, nargs=1, metavar='TRAINING')
    parser.option('--wait', 'until it ends', '等待直至结束', action='store_true')


def _wait(parser: Parser) -> None:
    _ledger(parser)
    parser.option('--timeout', 'how long to wait; %(default)g if left out',
                  '最长等待时间（秒），默认 %(default)g', type=_seconds, default=DEFAULT_TIMEOUT,
                  metavar='SECONDS')
    parser.option('--interval', 'between two looks, at the start', '初始查询间隔（秒）', type=_seconds,
                  metavar='SECONDS')


def _models(parser: Parser) -> None:
    parser.word('models', 'name, model id, or a file of train --save; one for each face',
                '名称、模型 id 或 train --save 的文件，每张人脸一个', nargs='+', metavar='MODEL')
    _ledger(parser)


def _picture(parser: Parser) -> None:
    add = parser.option
    add('--template', 'the picture to put them into; with --emulator also a file',
        '模板图片；使用 --emulator 时可为文件', required=True, metavar='URL')
    add('--out', 'where the portrait goes; %(default)s if left out', '写真的保存路径，默认 %(default)s',
        default=DEFAULT_OUT, metavar='FILE')
    add('--set', 'a parameter, such as lora_weights=0.9', '写真制作参数，例如 lora_weights=0.9',
        action='append', default=[], metavar='NAME=VALUE')
    add('--any-parameter', 'let parameters through that the guide does not name',
        '允许指南中没有的参数', action='store_true')


def _force(parser: Parser) -> None:
    parser.option('--force', 'replace a file that holds something else', '覆盖内容不同的已有文件',
                  action='store_true')


def _ledger(parser: Parser) -> None:
    _ledger_file(parser)('--no-ledger', 'keep none: nothing is remembered', '不使用账本：不留任何记录',
                         action='store_true')


def _ledger_file(parser: Parser) -> "Callable[..., None]":
    add = parser.group('the ledger of what is paid for', '付费账本')
    add('--ledger', 'where it is; in your data folder if left out', '账本文件，默认位于用户数据目录',
        metavar='FILE')
    return add


def _request(parser: Parser) -> None:
    parser.option('--method', *_USUAL, default='POST')
    parser.option('--path', *_USUAL, default='/api/v1/aigc_images/check')
    parser.option('--body', 'the exact text', '请求体原文', default='')
    parser.option('--body-file', 'the exact bytes', '请求体文件', metavar='FILE')


#: Name, what runs it, what it takes, and what it is for.
_COMMANDS = (
    ('check', commands.check, (_photos,),
     'check whether photos fit a training', '核验照片是否符合训练要求'),
    ('train', commands.train, (_photos, _training, _no_wait, _force),
     'train a model from 5 to 20 photos of a person', '用 5~20 张单人照片训练模型'),
    ('wait', commands.job, (_trainings, _wait), 'wait until trainings end', '等待模型训练结束'),
    ('job', commands.job, (_training_of_before, _wait),
     'look at a job, or wait for it', '查询或等待任务'),
    ('create', commands.create, (_models, _picture, _force),
     'put one or several persons into a template', '用模板制作单人或多人写真'),
    ('run', commands.run, (_people, _training, _picture, _force),
     'the whole: check, train, wait, create', '完整流程：核验、训练、等待、制作'),
    ('models', records.models, (_ledger_file,),
     'list the models: names, ids, states, ages', '列出模型：名称、id、状态、时间'),
    ('history', records.history, (_ledger_file,),
     'list what was paid for, or may have been', '列出已付费或可能已付费的调用'),
    ('doctor', doctor, (),
     'say what is configured, reachable and accepted', '检查配置、网络与签名'),
    ('sign', commands.sign, (_request,), 'explain a signature step by step', '逐步说明签名过程'),
)  # type: Any


def _seconds(text: str) -> float:
    """Read a number of seconds now, since a wait begins when the training is paid for."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float('inf'):
        raise argparse.ArgumentTypeError(choose(
            '{!r} is not a number of seconds from 0 up', '{!r} 不是有效的秒数').format(text))
    return value
