"""``ai-portrait doctor``: versions, credentials, whether the host answers and the signature."""
import importlib
import platform
import ssl

from .._version import __version__
from ..client.api.ai_service_job_api import AiServiceJobApi
from ..client.errors.base import ApiException
from ..util.language import translate
from ..util.redact import mask_user
from . import exits
from .connection import Connection, credentials_found
from .output import width_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from argparse import Namespace
    from .output import Output

#: Module to the extra that brings it, '' for the package itself.
_MODULES = {'requests': '', 'urllib3': '', 'dateutil': '', 'six': '', 'cv2': ' [emulator]',
            'PIL': ' [images]', 'numpy': ' [images]', 'tqdm': ' [cli]'}
#: No job has this id: asking for it costs nothing, and shows whether the caller is accepted.
_NO_JOB = 0


def doctor(options: "Namespace", output: "Output") -> int:
    """Print what is found; the exit code is that of the first problem."""
    versions = {'ai-service-python-sdk': __version__, 'python': platform.python_version(),
                'platform': platform.platform(), 'openssl': ssl.OPENSSL_VERSION}
    versions.update((name, _version(name)) for name in _MODULES)
    for name, version in sorted(versions.items()):
        _say(output, name + _MODULES.get(name, ''), version)
    output.keep(versions=versions)
    if not options.emulator:
        _show_credentials(options, output)
    with Connection(options, output) as connection:
        return _ask(connection, output)


def _version(name: str) -> str:
    try:
        return str(getattr(importlib.import_module(name), '__version__', 'installed'))
    except ImportError:
        return translate('not installed')


def _show_credentials(options: "Namespace", output: "Output") -> None:
    """Print what is configured and where it was found; of the token its length only."""
    found = credentials_found(options)
    configured = {}
    for name, key in (('host', 'host'), ('app_id', 'app id'), ('token', 'token')):
        value, place = found.get(name, ('', ''))
        shown = mask_user(value) or translate('(not set)')
        if value and name == 'token':
            shown = translate('*** ({} characters)', len(value))
        configured[key] = shown
        _say(output, translate(key), shown + (place and ' ({})'.format(place)))
    output.keep(configured=configured)


def _ask(connection: Connection, output: "Output") -> int:
    """Ask for a job that does not exist: any answer but a refusal of the caller is fine."""
    problem, code = None, exits.OK
    try:
        AiServiceJobApi(connection.client).get_async_job(_NO_JOB).raise_for_code()
    except ApiException as error:
        if exits.code_of(error) in (exits.CREDENTIALS, exits.UNREACHABLE, exits.QUOTA):
            problem, code = error, exits.code_of(error)
    output.keep(reachable=code != exits.UNREACHABLE, accepted=problem is None)
    yes, no = translate('yes'), translate('no')
    _say(output, translate('host reachable'), no if code == exits.UNREACHABLE else yes)
    if code != exits.UNREACHABLE:
        _say(output, translate('signature accepted'), no if problem else yes)
    return exits.OK if problem is None else output.report(problem)


def _say(output: "Output", name: str, value: str) -> None:
    output.say('{}{} {}'.format(name, ' ' * (22 - width_of(name)), value))
