"""What can be typed after ``ai-portrait``, and a parser that speaks the user's language."""
import argparse
import sys
from contextlib import suppress

from .._version import __version__
from ..client.job_waiter import DEFAULT_TIMEOUT
from ..portrait import DEFAULT_CONCURRENCY, DEFAULT_TRAININGS
from ..util.language import LANGUAGES, translate
from . import commands, records
from .batch import batch
from .doctor import doctor
from .emulator import serve
from .output import as_file, write

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, NoReturn


def _seconds(text: str) -> float:
    """Read a number of seconds; a wrong one is refused before a training is paid for."""
    with suppress(ValueError):
        if 0 <= float(text) < float('inf'):
            return float(text)
    raise argparse.ArgumentTypeError(translate('{!r} is not a number of seconds from 0 up', text))


#: Options of argparse for an argument.
_SWITCH, _FILE, _FOLDER = {'action': 'store_true'}, {'metavar': 'FILE'}, {'metavar': 'FOLDER'}
_SECONDS = {'type': _seconds, 'metavar': 'SECONDS'}
_LIST = {'action': 'append', 'default': []}
_ANY_COUNT = ('--any-count', 'let fewer than 5 or more than 20 photos through', _SWITCH)
_PHOTO = 'URL; with --upload or --emulator also a file, a folder or a pattern'
_ONE = 'name, job id, model id, or a file of train --save'
_ONE_OR_NEWEST = _ONE + '; the newest that goes on if left out'
_USUAL = '%(default)s if left out'
_WORDS, _OPTIONS = 'arguments', 'options'
#: Bundles whose arguments stand in a group of their own.
_GROUPS = {'caller': 'who calls', 'emulator': 'without an account',
           'ledger': 'the ledger of what is paid for',
           'no-ledger': 'the ledger of what is paid for',
           'upload': 'photos of this computer', 'keep': 'photos of this computer'}
#: What commands take, in bundles: names, help, options of argparse.
_ARGUMENTS = {
    'help': (
        ('-h --help', 'show this help and exit', {'action': 'help'}),
        # For the help, and to refuse an unknown language; main() has taken out a known one.
        ('--lang', 'language of messages', {'choices': LANGUAGES})),
    'version': (('--version', "show the package's version and exit",
                 {'action': 'version', 'version': __version__}),),
    'photos': (('photos', _PHOTO, {'nargs': '+', 'metavar': 'PHOTO', 'type': as_file}),),
    'people': (
        ('photos', _PHOTO, {'nargs': '*', 'metavar': 'PHOTO', 'type': as_file}),
        ('--person', 'photos of one of several persons; repeat it',
         {'nargs': '+', 'action': 'append', 'metavar': 'PHOTO', 'type': as_file}),
        ('--no-template-check', 'train without a look at the template before', _SWITCH)),
    'training': (
        ('--name', 'what to call the person from now on; for several persons one each, in their '
                   'order',
         {'action': 'append', 'metavar': 'NAME'}),
        ('--save', 'keep the ids of a single person in a file as soon as there are any', _FILE),
        ('--no-check', 'train without a look at the photos before', _SWITCH),
        ('--again', 'pay also for photos that were trained before', _SWITCH),
        _ANY_COUNT),
    'no-wait': (('--no-wait', 'print the ids and leave', _SWITCH),),
    'trainings': (('trainings', _ONE_OR_NEWEST, {'nargs': '*', 'metavar': 'TRAINING'}),),
    'one-training': (
        ('trainings', _ONE, {'nargs': 1, 'metavar': 'TRAINING'}),
        ('--wait', 'wait until it ends', _SWITCH)),
    'wait': (
        ('--timeout', 'how long to wait; %(default)g if left out',
         dict(_SECONDS, default=DEFAULT_TIMEOUT)),
        ('--interval', 'time between two looks, at the start', _SECONDS)),
    'models': (('models', 'name, model id, or a file of train --save; one for each face',
                {'nargs': '+', 'metavar': 'MODEL'}),
               ('--again', 'pay also if the same creation is in doubt', _SWITCH)),
    'picture': (
        ('--template', 'the picture to put them into; with --upload or --emulator also a file',
         {'required': True, 'metavar': 'URL'}),
        ('--out', 'where the portrait goes; portrait.jpg, or the next free name, if left out',
         _FILE),
        ('--set', 'a parameter, such as lora_weights=0.9', dict(_LIST, metavar='NAME=VALUE')),
        ('--any-parameter', 'let parameters through that the guide does not name', _SWITCH)),
    'orders': (
        ('orders', 'CSV or JSON Lines: person, photos, template, out, key, parameters',
         {'metavar': 'FILE', 'type': as_file}),
        ('--out', 'folder for portraits, report and contact sheet; %(default)s if left out',
         dict(_FOLDER, default='portraits')),
        ('--yes', 'pay without asking', _SWITCH),
        ('--dry-run', 'print the plan and leave', _SWITCH),
        ('--again-unsettled', 'send again what left and was never answered; it may be paid twice',
         _SWITCH),
        ('--concurrency', 'portraits made at the same time; %(default)d if left out',
         {'type': int, 'default': DEFAULT_CONCURRENCY, 'metavar': 'N'}),
        ('--trainings', 'people checked or sent to be trained at the same time; %(default)d if '
                        'left out',
         {'type': int, 'default': DEFAULT_TRAININGS, 'metavar': 'N'}),
        _ANY_COUNT,
        ('--no-template-check', 'train without a look at the templates before', _SWITCH)),
    'force': (('--force', 'replace a file that holds something else', _SWITCH),),
    'ledger': (('--ledger', 'where it is; in your data folder if left out', _FILE),),
    'no-ledger': (('--no-ledger', 'use none: nothing is remembered', _SWITCH),),
    'upload': (('--upload', 'put photos of this computer there, instead of AI_SERVICE_UPLOAD',
                {'metavar': 'oss://BUCKET/PREFIX'}),),
    'keep': (('--keep-uploads', 'do not remove uploaded photos', _SWITCH),),
    'forget': (('--forget', 'let a call in doubt be sent again; nothing is sent now',
                            {'type': int, 'metavar': 'ROW'}),),
    'limit': (('--limit', 'how many, the newest first; %(default)d if left out, 0 for all',
               {'type': int, 'default': 1000, 'metavar': 'N'}),),
    'clean': (('--clean', 'remove the photos that no training needs', _SWITCH),),
    'request': (
        ('--method', _USUAL, {'default': 'POST'}),
        ('--path', _USUAL, {'default': '/api/v1/aigc_images/check'}),
        ('--body', 'the exact text of the body', {'default': ''})),
    'json': (('--json', 'print one JSON document', _SWITCH),),
    'caller': (
        ('--host', 'instead of AI_SERVICE_HOST', {}),
        ('--app-id', 'instead of AI_SERVICE_APP_ID', {'metavar': 'ID'}),
        ('--token', 'instead of AI_SERVICE_TOKEN; others can see options, so prefer that or the '
                    'file', {}),
        ('--credentials', 'INI file with host, app_id, token; ~/.ai-portrait.ini if there',
         _FILE)),
    'emulator': (
        ('--emulator', 'use a local emulator; photos may be files', _SWITCH),
        ('--training-seconds', 'how long the emulator trains; %(default)g if left out',
         {'type': _seconds, 'default': 3.0, 'metavar': 'N'}),
        ('--store', 'where the emulator keeps its jobs', _FOLDER)),
    'service': (
        ('--host', 'address to listen at', {'default': '127.0.0.1'}),
        ('--port', '%(default)s; 0 for any free one', {'type': int, 'default': 8765}),
        ('--name', 'name by which it may be called besides those of this computer',
         dict(_LIST, dest='names')),
        ('--files', 'pictures to serve at /files/NAME', _FOLDER),
        ('--store', 'SQLite file that keeps jobs and people', _FILE),
        ('--models', 'face models, instead of those of the extra', _FOLDER),
        ('--training --training-seconds', 'how long a training takes: seconds, "after 3 looks" or '
                                          'held', {'metavar': 'TIME'}),
        ('--initial-share', 'share of a training in state 0, 0 to 1; %(default)g if left out',
         {'type': float, 'default': 0.0, 'metavar': 'N'}),
        ('--strict', 'want 5 to 20 photos, JPEG or PNG, as the guide says', _SWITCH),
        ('--no-mark', 'leave out the visible mark in a corner of portraits',
         {'dest': 'mark', 'action': 'store_false'}),
        ('--quota', 'calls until the quota is used up', {'type': int, 'metavar': 'N'}),
        ('--allow-host', 'host besides this computer that photos may come from; * for any',
         dict(_LIST, dest='allow_hosts', metavar='HOST')),
        ('--deployed', 'a model_name that is deployed; repeat it', dict(_LIST, metavar='NAME')),
        ('--app-id', 'who may call; a demo id if left out', {'metavar': 'ID'}),
        ('--token', 'the secret; a demo token if left out', {}),
        ('--control-key', 'key to steer it over HTTP; a random one if left out',
         {'metavar': 'KEY'}),
        ('--quiet', 'log warnings only, not each call and refused photo', _SWITCH),
        ('--log-json', 'log in lines of JSON', _SWITCH)),
}  # type: Any
#: Bundles of every command but ``emulator``.
_SHARED = ('json', 'caller', 'emulator')
#: Bundles of the commands that pay, or wait for what is paid for.
_PAID = ('ledger', 'no-ledger', 'upload', 'keep')
#: Values for commands that have no such option.
_USUALLY = {'ledger': None, 'upload': None, 'keep_uploads': False, 'interval': None,
            'timeout': DEFAULT_TIMEOUT}
#: Name, function, the bundles that it takes, and its help.
_COMMANDS = (
    ('check', commands.check, ('photos', 'upload', 'keep'),
     'check whether photos fit a training'),
    ('train', commands.train, ('photos', 'training', 'no-wait', 'force', 'wait') + _PAID,
     'check 5 to 20 photos of a person and train a model'),
    ('wait', commands.job, ('trainings', 'wait') + _PAID, 'wait until trainings end'),
    ('job', commands.job, ('one-training', 'wait') + _PAID, 'look at a job, or wait for it'),
    ('create', commands.create, ('models', 'picture', 'force') + _PAID,
     'put one or several persons into a template'),
    ('run', commands.run, ('people', 'training', 'picture', 'force', 'wait') + _PAID,
     'the whole: check, train, wait, create'),
    ('batch', batch, ('orders', 'wait', 'force', 'ledger', 'upload', 'keep'),
     'make the portraits of many orders; run again, it goes on'),
    ('models', records.models, ('limit', 'ledger'), 'list the models: names, ids, states, ages'),
    ('history', records.history, ('limit', 'forget', 'ledger'),
     'list what was paid for, or may have been'),
    ('uploads', records.uploads, ('clean', 'ledger', 'upload'),
     'list the uploaded photos that are still there'),
    ('doctor', doctor, (), 'say what is configured, reachable and accepted'),
    ('sign', commands.sign, ('request',), 'explain a signature step by step'),
    ('emulator', serve, ('service',),
     'a local service that works as AI Portrait does; every picture is marked as emulated'),
)  # type: Any
#: How argparse begins what it says of the words that a command takes.
_USAGE = 'usage: '
#: Texts of argparse that are translated; `argument ` last, since others contain it.
_SAID = (
    _USAGE,
    'the following arguments are required: ',
    'unrecognized arguments: ',
    'expected at least one argument', 'expected one argument',
    'invalid choice: ', 'choose from ',
    'ignored explicit argument ', 'invalid int value: ',
    'invalid float value: ', 'argument ',
)


class Parser(argparse.ArgumentParser):
    """Takes bundles of arguments, and speaks the user's language on any terminal.

    :param options: passed on to argparse.
    """

    def __init__(self, **options: "Any") -> None:
        if sys.version_info >= (3, 5):
            options['allow_abbrev'] = False  # `--again` of a hint is not `--again-unsettled`
        if sys.version_info >= (3, 14):
            options['color'] = False  # write() would show its codes as text
        argparse.ArgumentParser.__init__(self, add_help=False, **options)
        self._places = dict((title, self.add_argument_group(translate(title)))
                            for title in (_WORDS, _OPTIONS))  # type: Dict[str, Any]
        self.take('help')

    def take(self, bundle: str) -> None:
        """Add the arguments of a bundle."""
        for names, text, how in _ARGUMENTS[bundle]:
            title = _GROUPS.get(bundle, _OPTIONS if names.startswith('-') else _WORDS)
            if title not in self._places:
                self._places[title] = self.add_argument_group(translate(title))
            self._places[title].add_argument(*names.split(), help=translate(text), **how)

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong with what was typed.

        :raises ValueError: always.
        """
        text = '{}\n{}'.format(message, self.format_usage().rstrip())
        for words in _SAID:
            text = text.replace(words, translate(words))
        raise ValueError(text)

    def _print_message(self, message: str, file: "Any" = None) -> None:
        write(file, message.rstrip('\n').replace(_USAGE, translate(_USAGE), 1))


def make_parser() -> "argparse.ArgumentParser":
    """Make the parser, whose texts are in the language of :func:`.language`."""
    parser = Parser(
        prog='ai-portrait', description=translate('The AI Portrait service of Alibaba Cloud PAI: '
                                                  'check, train, wait, create.'))
    parser.take('version')
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND',
                                       title=translate('commands'))
    subparsers.required = True
    for name, run, bundles, text in _COMMANDS:
        command = subparsers.add_parser(name, help=translate(text), description=translate(text))
        command.set_defaults(run=run)
        if run is not serve:
            command.set_defaults(no_ledger='ledger' not in bundles, **_USUALLY)
            bundles += _SHARED
        for bundle in bundles:
            command.take(bundle)
    return parser
