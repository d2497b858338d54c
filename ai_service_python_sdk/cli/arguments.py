"""What can be typed after ``ai-portrait``, and a parser that speaks the user's language."""
import argparse
import sys

from .._version import __version__
from ..client.job_waiter import DEFAULT_TIMEOUT
from ..portrait import DEFAULT_CONCURRENCY, DEFAULT_TRAININGS
from ..util.language import LANGUAGES, choose
from . import commands, records
from .batch import batch
from .doctor import doctor
from .emulator import serve
from .output import write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional


#: What argparse is to know of an argument.
_SWITCH, _FILE, _FOLDER = {'action': 'store_true'}, {'metavar': 'FILE'}, {'metavar': 'FOLDER'}
_SECONDS = {'type': float, 'metavar': 'SECONDS'}
_LIST = {'action': 'append', 'default': []}
_ANY_COUNT = ('--any-count', ('let fewer than 5 or more than 20 photos through',
                              '允许少于 5 张或多于 20 张照片'), _SWITCH)
_PHOTO = ('URL; with --upload or --emulator also a file, a folder or a pattern',
          'URL；使用 --upload 或 --emulator 时可为文件、文件夹或通配符')
_ONE = ('name, job id, model id, or a file of train --save',
        '名称、任务 id、模型 id 或 train --save 的文件')
_USUAL = ('%(default)s if left out', '默认 %(default)s')
_WORDS, _OPTIONS = ('arguments', '参数'), ('options', '选项')
#: Bundles whose arguments stand in a group of their own.
_GROUPS = {'caller': ('who calls', '调用凭证'), 'emulator': ('without an account', '无需账号'),
           'ledger': ('the ledger of what is paid for', '付费账本'),
           'upload': ('photos of this computer', '本机照片')}
#: What commands take, in bundles: names, help in both languages, what argparse is to know.
_ARGUMENTS = {
    'help': (
        ('-h --help', ('show this help and exit', '显示帮助并退出'), {'action': 'help'}),
        ('--lang', ('language of messages', '消息语言'), {'choices': LANGUAGES})),
    'version': (('--version', ("show the package's version and exit", '显示版本并退出'),
                 {'action': 'version', 'version': __version__}),),
    'photos': (('photos', _PHOTO, {'nargs': '+', 'metavar': 'PHOTO'}),),
    'people': (
        ('photos', _PHOTO, {'nargs': '*', 'metavar': 'PHOTO'}),
        ('--person', ('photos of one of several persons; repeat it', '多人写真：每人一组照片，可重复'),
         {'nargs': '+', 'action': 'append', 'metavar': 'PHOTO'}),
        ('--no-template-check', ('train without a look at the template before', '训练前不核验模板'),
         _SWITCH)),
    'training': (
        ('--name', ('what to call the person from now on; for several persons one each, in their '
                    'order', '为人物命名，供以后使用；多人时按顺序每人一个'),
         {'action': 'append', 'metavar': 'NAME'}),
        ('--save', ('keep the ids of a single person in a file as soon as there are any',
                    '将单人模型的 id 保存到文件'), _FILE),
        ('--no-check', ('train without a look at the photos before', '训练前不核验照片'), _SWITCH),
        ('--again', ('pay also for photos that were trained before', '照片此前训练过时仍再次付费训练'), _SWITCH),
        _ANY_COUNT),
    'no-wait': (('--no-wait', ('print the ids and leave', '输出 id 后立即退出'), _SWITCH),),
    'trainings': (('trainings', (_ONE[0] + '; the newest that goes on if left out',
                                 _ONE[1] + '；默认为最近一次未结束的训练'),
                   {'nargs': '*', 'metavar': 'TRAINING'}),),
    'one-training': (
        ('trainings', _ONE, {'nargs': 1, 'metavar': 'TRAINING'}),
        ('--wait', ('until it ends', '等待直至结束'), _SWITCH)),
    'wait': (
        ('--timeout', ('how long to wait; %(default)g if left out', '最长等待时间（秒），默认 %(default)g'),
         dict(_SECONDS, default=DEFAULT_TIMEOUT)),
        ('--interval', ('between two looks, at the start', '初始查询间隔（秒）'), _SECONDS)),
    'models': (('models', ('name, model id, or a file of train --save; one for each face',
                           '名称、模型 id 或 train --save 的文件，每张人脸一个'),
                {'nargs': '+', 'metavar': 'MODEL'}),
               ('--again', ('pay also if the same creation is in doubt',
                            '相同的写真制作结果未知时仍再次付费制作'), _SWITCH)),
    'picture': (
        ('--template', ('the picture to put them into; with --upload or --emulator also a file',
                        '模板图片；使用 --upload 或 --emulator 时可为文件'),
         {'required': True, 'metavar': 'URL'}),
        ('--out', ('where the portrait goes; portrait.jpg, or the next free name, if left out',
                   '写真的保存路径，默认 portrait.jpg；已存在时依次使用 portrait-2.jpg 等'), _FILE),
        ('--set', ('a parameter, such as lora_weights=0.9', '写真制作参数，例如 lora_weights=0.9'),
         dict(_LIST, metavar='NAME=VALUE')),
        ('--any-parameter', ('let parameters through that the guide does not name',
                             '允许指南中没有的参数'), _SWITCH)),
    'orders': (
        ('orders', ('CSV or JSON Lines: person, photos, template, out, key, parameters',
                    'CSV 或 JSON Lines：人物、照片、模板、文件名、订单号、参数'), {'metavar': 'FILE'}),
        ('--out', ('folder for portraits, report and contact sheet; %(default)s if left out',
                   '写真、报告和一览页的文件夹，默认 %(default)s'),
         dict(_FOLDER, default='portraits')),
        ('--yes', ('pay without asking', '不询问，直接付费执行'), _SWITCH),
        ('--dry-run', ('print the plan and leave', '只输出计划'), _SWITCH),
        ('--again-unsettled', ('send again what left and was never answered; it may be paid twice',
                               '重新发送结果未知的调用，可能重复计费'), _SWITCH),
        ('--concurrency', ('portraits made at the same time; %(default)d if left out',
                           '同时制作的写真数，默认 %(default)d'),
         {'type': int, 'default': DEFAULT_CONCURRENCY, 'metavar': 'N'}),
        ('--trainings', ('people checked or sent to be trained at the same time; %(default)d if '
                         'left out', '同时核验或提交训练的人数，默认 %(default)d'),
         {'type': int, 'default': DEFAULT_TRAININGS, 'metavar': 'N'}),
        _ANY_COUNT,
        ('--no-template-check', ('train without a look at the templates before', '训练前不核验模板'),
         _SWITCH)),
    'force': (('--force', ('replace a file that holds something else', '覆盖内容不同的已有文件'), _SWITCH),),
    'ledger': (
        ('--ledger', ('where it is; in your data folder if left out',
                      '账本文件，默认位于用户数据目录'), _FILE),
        ('--no-ledger', ('keep none: nothing is remembered', '不使用账本：不留任何记录'), _SWITCH)),
    'upload': (
        ('--upload', ('put photos of this computer there, instead of AI_SERVICE_UPLOAD',
                      '将本机照片上传到该位置，代替 AI_SERVICE_UPLOAD'),
         {'metavar': 'oss://BUCKET/PREFIX'}),
        ('--keep-uploads', ('leave them there', '不删除已上传的照片'), _SWITCH)),
    'forget': (('--forget', ('let a call in doubt go again; nothing else is done',
                             '允许一次结果未知的调用重新发送，不做其他操作'), {'type': int, 'metavar': 'ROW'}),),
    'limit': (('--limit', ('how many, the newest first; %(default)d if left out, 0 for all',
                           '最多列出的条数（最新在前），默认 %(default)d，0 表示全部'),
               {'type': int, 'default': 1000, 'metavar': 'N'}),),
    'clean': (('--clean', ('remove those that no training needs', '删除模型训练不再需要的照片'),
               _SWITCH),),
    'request': (
        ('--method', _USUAL, {'default': 'POST'}),
        ('--path', _USUAL, {'default': '/api/v1/aigc_images/check'}),
        ('--body', ('the exact text', '请求体原文'), {'default': ''})),
    'json': (('--json', ('one JSON document', '输出一个 JSON 文档'), _SWITCH),),
    'caller': (
        ('--host', ('instead of AI_SERVICE_HOST', '代替 AI_SERVICE_HOST'), {}),
        ('--app-id', ('instead of AI_SERVICE_APP_ID', '代替 AI_SERVICE_APP_ID'), {'metavar': 'ID'}),
        ('--token', ('instead of AI_SERVICE_TOKEN; others can see options, so prefer that or the '
                     'file', '代替 AI_SERVICE_TOKEN；命令行选项可能被他人看到，建议使用环境变量或文件'), {}),
        ('--credentials', ('INI file with host, app_id, token; ~/.ai-portrait.ini if there',
                           '凭证文件（INI），默认 ~/.ai-portrait.ini'), _FILE)),
    'emulator': (
        ('--emulator', ('use a local emulator; photos may be files', '使用本地模拟器，照片可为本地文件'),
         _SWITCH),
        ('--training-seconds', ('of the emulator; %(default)g if left out',
                                '模拟器训练时长（秒），默认 %(default)g'),
         {'type': float, 'default': 3.0, 'metavar': 'N'}),
        ('--store', ('where the emulator keeps its jobs', '模拟器数据目录'), _FOLDER)),
    'service': (
        ('--host', ('address to listen at', '监听地址'), {'default': '127.0.0.1'}),
        ('--port', ('%(default)s; 0 for any free one', '端口，默认 %(default)s；0 表示任意空闲端口'),
         {'type': int, 'default': 8765}),
        ('--name', ('name by which it may be called besides those of this computer',
                    '除本机外允许的主机名'), dict(_LIST, dest='names')),
        ('--files', ('pictures to serve at /files/NAME', '图片目录，以 /files/NAME 提供访问'), _FOLDER),
        ('--store', ('SQLite file that keeps jobs and people', '保存任务与人物的 SQLite 文件'), _FILE),
        ('--models', ('face models, instead of those of the extra', '人脸模型目录'), _FOLDER),
        ('--training --training-seconds', (
            'how long a training takes: seconds, "after 3 looks" or held',
            '训练时长：秒数、"after 3 looks" 或 held'), {'metavar': 'TIME'}),
        ('--initial-share', ('share of it in state 0; %(default)g', '状态 0 所占比例，默认 %(default)g'),
         {'type': float, 'default': 0.0, 'metavar': 'N'}),
        ('--strict', ('want 5 to 20 photos, JPEG or PNG, as the guide says',
                      '严格按文档要求：5~20 张照片，JPEG 或 PNG'), _SWITCH),
        ('--no-mark', ('leave out the visible mark in a corner of portraits', '写真角上不加可见标记'),
         {'dest': 'mark', 'action': 'store_false'}),
        ('--quota', ('calls until the quota is used up', '额度（调用次数）'),
         {'type': int, 'metavar': 'N'}),
        ('--allow-host', ('host besides this computer that photos may come from; * for any',
                          '除本机外允许下载照片的主机，* 表示任意'),
         dict(_LIST, dest='allow_hosts', metavar='HOST')),
        ('--deployed', ('a model_name to know', '已部署的 model_name'), dict(_LIST, metavar='NAME')),
        ('--app-id', ('who may call; a demo id if left out', '允许调用的 AppId；默认为演示 AppId'),
         {'metavar': 'ID'}),
        ('--token', ('the secret; a demo token if left out', '密钥；默认为演示 Token'), {}),
        ('--control-key', ('what steers it over HTTP; a random one if left out',
                           'HTTP 控制密钥；默认随机生成'), {'metavar': 'KEY'}),
        ('--quiet', ('log warnings only, not each call and refused photo',
                     '只记录警告，不记录每次调用与未通过的照片'), _SWITCH),
        ('--log-json', ('log in lines of JSON', '以 JSON 行输出日志'), _SWITCH)),
}  # type: Any
#: Bundles of every command that makes calls, or knows of them.
_SHARED = ('json', 'caller', 'emulator', 'ledger', 'upload')
#: Name, what runs it, the bundles that it takes, and what it is for.
_COMMANDS = (
    ('check', commands.check, ('photos',),
     ('check whether photos fit a training', '核验照片是否符合训练要求')),
    ('train', commands.train, ('photos', 'training', 'no-wait', 'force', 'wait'),
     ('check 5 to 20 photos of a person and train a model', '核验 5~20 张单人照片并训练模型')),
    ('wait', commands.job, ('trainings', 'wait'), ('wait until trainings end', '等待模型训练结束')),
    ('job', commands.job, ('one-training', 'wait'),
     ('look at a job, or wait for it', '查询或等待任务')),
    ('create', commands.create, ('models', 'picture', 'force'),
     ('put one or several persons into a template', '用模板制作单人或多人写真')),
    ('run', commands.run, ('people', 'training', 'picture', 'force', 'wait'),
     ('the whole: check, train, wait, create', '完整流程：核验、训练、等待、制作')),
    ('batch', batch, ('orders', 'wait', 'force'),
     ('make the portraits of many orders; run again, it goes on', '批量执行订单；再次运行即可继续')),
    ('models', records.models, ('limit',),
     ('list the models: names, ids, states, ages', '列出模型：名称、id、状态、时间')),
    ('history', records.history, ('limit', 'forget'),
     ('list what was paid for, or may have been', '列出已付费或可能已付费的调用')),
    ('uploads', records.uploads, ('clean',),
     ('list the uploaded photos that are still there', '列出已上传且尚未删除的照片')),
    ('doctor', doctor, (),
     ('say what is configured, reachable and accepted', '检查配置、网络与签名')),
    ('sign', commands.sign, ('request',), ('explain a signature step by step', '逐步说明签名过程')),
    ('emulator', serve, ('service',),
     ('a local service that works as AI Portrait does; every picture is marked as emulated',
      '在本机模拟 AI 写真服务；生成的图片均带有模拟标记')),
)  # type: Any
#: What argparse says, in Chinese; the order matters.
_CHINESE = (
    ('the following arguments are required: ', '缺少参数：'),
    ('unrecognized arguments: ', '无法识别的参数：'),
    ('expected at least one argument', '至少需要一个值'), ('expected one argument', '需要一个值'),
    ('invalid choice: ', '无效的值：'), ('choose from ', '可选：'),
    ('ignored explicit argument ', '不接受值：'), ('invalid int value: ', '不是整数：'),
    ('invalid float value: ', '不是数字：'), ('argument ', '参数 '),
)


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: "Any", actions: "Any", groups: "Any",
                  prefix: "Optional[str]" = None) -> None:
        argparse.HelpFormatter.add_usage(self, usage, actions, groups,
                                         choose('usage: ', '用法：') if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Takes bundles of arguments, and speaks the user's language on any terminal.

    :param options: passed on to argparse.
    """

    def __init__(self, **options: "Any") -> None:
        if sys.version_info >= (3, 5):
            options['allow_abbrev'] = False  # `--again` of a hint is not `--again-unsettled`
        argparse.ArgumentParser.__init__(self, formatter_class=_Formatter, add_help=False,
                                         **options)
        self._places = dict((title, self.add_argument_group(choose(*title)))
                            for title in (_WORDS, _OPTIONS))
        self.take('help')

    def take(self, bundle: str) -> None:
        """Add the arguments of a bundle."""
        for names, text, how in _ARGUMENTS[bundle]:
            title = _GROUPS.get(bundle, _OPTIONS if names.startswith('-') else _WORDS)
            if title not in self._places:
                self._places[title] = self.add_argument_group(choose(*title))
            self._places[title].add_argument(*names.split(), help=choose(*text), **how)

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong with what was typed.

        :raises ValueError: always.
        """
        for english, chinese in _CHINESE:
            message = message.replace(english, choose(english, chinese))
        raise ValueError('{}\n{}'.format(message, self.format_usage().rstrip()))

    def _print_message(self, message: str, file: "Any" = None) -> None:
        write(file, message.rstrip('\n'))


def make_parser() -> "argparse.ArgumentParser":
    """Make the parser, whose texts are in the language of :func:`.language`."""
    parser = Parser(
        prog='ai-portrait', description=choose(
            'The AI Portrait service of Alibaba Cloud PAI: check, train, wait, create.',
            '阿里云人工智能平台 PAI 的 AI 写真服务：核验照片、模型训练、训练结果查询、写真制作。'))
    parser.take('version')
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND',
                                       title=choose('commands', '命令'))
    subparsers.required = True
    for name, run, bundles, text in _COMMANDS:
        command = subparsers.add_parser(name, help=choose(*text), description=choose(*text))
        command.set_defaults(run=run)
        for bundle in bundles + (() if run is serve else _SHARED):
            command.take(bundle)
    return parser
