"""What can be typed after ``ai-portrait``."""
import argparse

from .._version import __version__
from ..client.job_waiter import DEFAULT_TIMEOUT
from ..util.language import choose
from ..ledger import LISTED
from . import commands, records
from .credentials import DEFAULT_CREDENTIALS
from .doctor import doctor
from .parser import Parser

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

#: Seconds of a training of the emulator that a command starts.
EMULATED_TRAINING = 3.0
DEFAULT_OUT = 'portrait.jpg'


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
    parser.options.add_argument('--version', action='version', version=__version__, help=choose(
        "show the package's version and exit", '显示版本并退出'))
    _lang(parser)
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND',
                                       title=choose('commands', '命令'))
    subparsers.required = True
    _add_portrait_commands(subparsers)
    _add_other_commands(subparsers)
    return parser


def _add_portrait_commands(subparsers: "Any") -> None:
    _photos(_command(subparsers, 'check', commands.check, choose(
        'check whether photos fit a training', '核验照片是否符合训练要求')))
    train = _command(subparsers, 'train', commands.train, choose(
        'train a model from 5 to 20 photos of a person', '用 5~20 张单人照片训练模型'))
    _photos(train)
    _training(train)
    train.options.add_argument('--no-wait', dest='wait', action='store_false', help=choose(
        'print the ids and leave', '输出 id 后立即退出'))
    what = choose('name, job id, model id, or a file of train --save',
                  '名称、任务 id、模型 id 或 train --save 的文件')
    wait = _command(subparsers, 'wait', commands.job, choose(
        'wait until trainings end', '等待模型训练结束'))
    wait.set_defaults(wait=True)
    wait.words.add_argument('trainings', nargs='*', metavar='TRAINING', help=what + choose(
        '; the newest that goes on if left out', '；默认为最近一次未结束的训练'))
    _wait(wait)
    job = _command(subparsers, 'job', commands.job, choose(
        'look at a job, or wait for it', '查询或等待任务'))
    job.words.add_argument('trainings', nargs=1, metavar='TRAINING', help=what)
    job.options.add_argument('--wait', action='store_true', help=choose(
        'until it ends', '等待直至结束'))
    _wait(job)
    create = _command(subparsers, 'create', commands.create, choose(
        'put one or several persons into a template', '用模板制作单人或多人写真'))
    create.words.add_argument('models', nargs='+', metavar='MODEL', help=choose(
        'name, model id, or a file of train --save; one for each face',
        '名称、模型 id 或 train --save 的文件，每张人脸一个'))
    _picture(create)
    _ledger(create)
    _add_run(subparsers)


def _add_run(subparsers: "Any") -> None:
    run = _command(subparsers, 'run', commands.run, choose(
        'the whole: check, train, wait, create', '完整流程：核验、训练、等待、制作'))
    _photos(run, '*')
    run.options.add_argument('--person', nargs='+', action='append', metavar='PHOTO', help=choose(
        'photos of one of several persons; repeat it', '多人写真：每人一组照片，可重复'))
    _training(run)
    run.options.add_argument('--no-template-check', dest='check_template', action='store_false',
                             help=choose('train without a look at the template before',
                                         '训练前不核验模板'))
    _picture(run)


def _add_other_commands(subparsers: "Any") -> None:
    subparsers.add_parser('emulator', help=choose(
        'a local service; see ai-portrait emulator --help',
        '本地模拟服务，参见 ai-portrait emulator --help'))
    for name, lists, text in (
            ('models', records.models, ('list the models: names, ids, states, ages',
                                        '列出模型：名称、id、状态、时间')),
            ('history', records.history, ('list what was paid for, or may have been',
                                          '列出已付费或可能已付费的调用'))):
        parser = _command(subparsers, name, lists, choose(*text))
        _ledger_file(parser)
        parser.options.add_argument(
            '--limit', type=_count, default=LISTED, metavar='N', help=choose(
                'how many, the newest first; %(default)s if left out',
                '最多列出多少条，最新的在前，默认 %(default)s'))
    _command(subparsers, 'doctor', doctor, choose(
        'say what is configured, reachable and accepted', '检查配置、网络与签名'))
    sign = _command(subparsers, 'sign', commands.sign, choose(
        'explain a signature step by step', '逐步说明签名过程'))
    add = sign.options.add_argument
    add('--method', default='POST', help=choose('%(default)s if left out', '默认 %(default)s'))
    add('--path', default='/api/v1/aigc_images/check', help=choose(
        '%(default)s if left out', '默认 %(default)s'))
    add('--body', default='', help=choose('the exact text', '请求体原文'))
    add('--body-file', metavar='FILE', help=choose('the exact bytes', '请求体文件'))


def _command(subparsers: "Any", name: str, run: "Callable[..., int]", text: str) -> Parser:
    parser = subparsers.add_parser(name, help=text, description=text)  # type: Parser
    parser.set_defaults(run=run)
    parser.options.add_argument('--json', action='store_true', help=choose(
        'one JSON document', '输出一个 JSON 文档'))
    _lang(parser)
    add = parser.add_argument_group(choose('who calls', '调用凭证')).add_argument
    add('--host', help=choose('instead of AI_SERVICE_HOST', '代替 AI_SERVICE_HOST'))
    add('--app-id', metavar='ID', help=choose(
        'instead of AI_SERVICE_APP_ID', '代替 AI_SERVICE_APP_ID'))
    add('--token', help=choose(
        'instead of AI_SERVICE_TOKEN; others can see options, so prefer that or the file',
        '代替 AI_SERVICE_TOKEN；命令行选项可能被他人看到，建议使用环境变量或文件'))
    add('--credentials', metavar='FILE', help=choose(
        'INI file with host, app_id, token; {} if there', '凭证文件（INI），默认 {}').format(
            DEFAULT_CREDENTIALS))
    add = parser.add_argument_group(choose('without an account', '无需账号')).add_argument
    add('--emulator', action='store_true', help=choose(
        'use a local emulator; photos may be files', '使用本地模拟器，照片可为本地文件'))
    add('--training-seconds', type=_seconds, default=EMULATED_TRAINING, metavar='N', help=choose(
        'of the emulator; %(default)g if left out', '模拟器训练时长（秒），默认 %(default)g'))
    add('--store', metavar='FOLDER', help=choose(
        'where the emulator keeps its jobs', '模拟器数据目录'))
    return parser


def _lang(parser: Parser) -> None:
    # Only for the help and for other values: a language that exists was taken out before.
    parser.options.add_argument('--lang', choices=['zh', 'en'], help=choose(
        'language of messages', '消息语言'))


def _photos(parser: Parser, count: str = '+') -> None:
    parser.words.add_argument('photos', nargs=count, metavar='PHOTO', help=choose(
        'URL; with --emulator also a file, a folder or a pattern',
        'URL；使用 --emulator 时可为文件、文件夹或通配符'))


def _training(parser: Parser) -> None:
    add = parser.options.add_argument
    add('--name', action='append', metavar='NAME', help=choose(
        'what to call the person from now on; for several persons one each, in their order',
        '为人物命名，供以后使用；多人时按顺序每人一个'))
    add('--save', metavar='FILE', help=choose(
        'keep the ids of a single person in a file as soon as there are any',
        '将单人模型的 id 保存到文件'))
    add('--again', action='store_true', help=choose(
        'pay also for photos that were trained before', '照片此前训练过时仍再次付费训练'))
    add('--any-count', action='store_true', help=choose(
        'let fewer than 5 or more than 20 photos through', '允许少于 5 张或多于 20 张照片'))
    _wait(parser)
    _force(parser)


def _force(parser: Parser) -> None:
    if '--force' not in parser._option_string_actions:
        parser.options.add_argument('--force', action='store_true', help=choose(
            'replace a file that holds something else', '覆盖内容不同的已有文件'))


def _ledger_file(parser: Parser) -> "Any":
    group = parser.add_argument_group(choose('the ledger of what is paid for', '付费账本'))
    group.add_argument('--ledger', metavar='FILE', help=choose(
        'where it is; in your data folder if left out', '账本文件，默认位于用户数据目录'))
    return group


def _ledger(parser: Parser) -> None:
    _ledger_file(parser).add_argument('--no-ledger', action='store_true', help=choose(
        'keep none: nothing is remembered', '不使用账本：不留任何记录'))


def _wait(parser: Parser) -> None:
    _ledger(parser)
    add = parser.options.add_argument
    add('--timeout', type=_seconds, default=DEFAULT_TIMEOUT, metavar='SECONDS', help=choose(
        'how long to wait; %(default)g if left out', '最长等待时间（秒），默认 %(default)g'))
    add('--interval', type=_seconds, metavar='SECONDS', help=choose(
        'between two looks, at the start', '初始查询间隔（秒）'))


def _picture(parser: Parser) -> None:
    add = parser.options.add_argument
    add('--template', required=True, metavar='URL', help=choose(
        'the picture to put them into; with --emulator also a file',
        '模板图片；使用 --emulator 时可为文件'))
    add('--out', default=DEFAULT_OUT, metavar='FILE', help=choose(
        'where the portrait goes; %(default)s if left out', '写真的保存路径，默认 %(default)s'))
    add('--set', action='append', default=[], metavar='NAME=VALUE', help=choose(
        'a parameter, such as lora_weights=0.9', '写真制作参数，例如 lora_weights=0.9'))
    add('--any-parameter', action='store_true', help=choose(
        'let parameters through that the guide does not name', '允许指南中没有的参数'))
    _force(parser)


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


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(choose(
            '{!r} is not a whole number from 1 up', '{!r} 不是从 1 起的整数').format(text))
    return int(text)
