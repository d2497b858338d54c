"""Routes that the service does not have: the page, ``/health``, ``/files`` and ``/control``."""
import hmac
import json
import mimetypes
import pkgutil
import re
import time
from html import escape

from six.moves.urllib.parse import parse_qsl

from .._version import __version__
from ..util.here import is_here
from ..util.redact import bare_url, bare_urls
from . import contract
from .contract import JSON, ServiceFailure
from .faults import ACTIONS, PHOTO_CODES
from .photos import file_in, name_of
from .service import photos_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence, Tuple
    from .emulator import Emulator
    Answer = Tuple[int, bytes, str]

#: Header of the key that writing calls need.
KEY_HEADER = 'X-Emulator-Key'
#: Jobs and requests that the page shows.
MOST_JOBS, MOST_REQUESTS = 50, 50
FILES = '/files/'
_PORT = re.compile(':[0-9]*$')
#: Path to (file of the package, type).
_PAGES = {'/': ('page.html', 'text/html; charset=utf-8'),
          '/control/page.css': ('page.css', 'text/css; charset=utf-8'),
          '/control/page.js': ('page.js', 'text/javascript; charset=utf-8')}
#: Fields by which requests are filtered.
_FILTERS = ('operation', 'method', 'status', 'verdict')
#: Actions of ``POST /control/trainings``.
STEERING = ('fail', 'finish', 'hold', 'mode', 'release')


def refuse_strangers(headers: "Any", names: "Sequence[str]") -> None:
    """Raise ServiceFailure for a call by a foreign host name or from a foreign web page.

    A web page whose host name is rebound to this computer could else read everything here.

    :param names: names and addresses besides those of loopback, in lower case.
    """
    host = headers.get('Host')
    if host is None:
        return
    name = _PORT.sub('', host).strip('[]').lower()
    if name not in names and not is_here(name):
        raise ServiceFailure('host', '{} is not a name of this emulator; start with --name {}'
                             .format(host, name))
    if headers.get('Origin', 'http://' + host) != 'http://' + host:
        raise ServiceFailure('origin', 'a web page of {} may not call; this is {}'.format(
            headers['Origin'], host))


def bare(value: "Any") -> "Any":
    """Return JSON data with its URLs cut to host and path: a signed URL is a key to its photo."""
    if isinstance(value, dict):
        return dict((name, bare(part)) for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return [bare(part) for part in value]
    if not isinstance(value, str):
        return value
    return bare_url(value) if value.startswith(('http://', 'https://')) else bare_urls(value)


class _Problem(Exception):
    """What is wrong with a call, and the status that says so."""


class Control(object):
    """The routes of an emulator that the service does not have.

    :param files: folder whose pictures are served.
    """

    def __init__(self, emulator: "Emulator", files: "Optional[str]") -> None:
        self._emulator, self._files = emulator, files
        #: Method and path to a function that takes the query or the JSON body.
        self._routes = {
            'GET /health': lambda query: {'status': 'ok', 'version': __version__},
            'GET /control/state': self._state,
            'GET /control/requests': self._requests,
            'GET /control/faults': self._faults,
            'POST /control/faults': lambda wanted: emulator.faults.add(
                **dict({'action': ''}, **wanted)),
            'DELETE /control/faults': lambda wanted: emulator.faults.clear(),
            'POST /control/trainings': self._steer,
            'DELETE /control/state': lambda wanted: emulator.reset(),
        }  # type: Dict[str, Callable[[Any], Any]]

    def answer(self, method: str, target: str, headers: "Any",
               body: bytes) -> "Optional[Answer]":
        """Return (status, body, type); None for a path of the service."""
        path, _, query = target.partition('?')
        method = 'GET' if method == 'HEAD' else method
        route = method + ' ' + path
        try:
            if method == 'GET' and path in _PAGES:
                return self._page(*_PAGES[path])
            if method == 'GET' and path.startswith(FILES):
                return self._file(path[len(FILES):])
            if path.startswith('/control/portraits/'):
                return self._picture(path)
            if route in self._routes:
                wanted = dict(parse_qsl(query))  # type: Any
                if method != 'GET':
                    self._check_key(headers)
                    wanted = json.loads(body.decode('utf-8') or '{}')
                if not isinstance(wanted, dict):
                    raise ValueError('the body has to be a JSON object')
                found = self._routes[route](wanted)
                told = bare(found) if method == 'GET' else {}
                return 200, json.dumps(told).encode('ascii'), JSON
            if path in ('/', '/health') or path.startswith('/control/'):
                raise _Problem('there are ' + ', '.join(sorted(self._routes)), 404)
        except (_Problem, ValueError, TypeError, OverflowError, RuntimeError) as error:
            text, status = error.args if isinstance(error, _Problem) else (str(error), 400)
            return status, json.dumps({'problem': text}).encode('ascii'), JSON
        return None

    def _page(self, name: str, kind: str) -> "Answer":
        data = pkgutil.get_data(__name__.rpartition('.')[0], name) or b''
        return 200, data.replace(b'{{key}}', escape(self._emulator.control_key).encode()), kind

    def _file(self, name: str) -> "Answer":
        path = file_in(self._files, name)
        if path is None:
            return 404, b'no such file', 'text/plain'
        with open(path, 'rb') as stream:
            return 200, stream.read(), mimetypes.guess_type(path)[0] or 'application/octet-stream'

    def _picture(self, path: str) -> "Answer":
        for portrait in list(self._emulator.portraits):
            for kind in ('jpeg', 'small'):
                if path.split('/')[3:] == [portrait['id'], kind]:
                    return 200, portrait[kind], 'image/jpeg'
        raise _Problem('this portrait is gone', 404)

    def _check_key(self, headers: "Any") -> None:
        if headers.get_content_type() != JSON:
            raise _Problem('send Content-Type: {}'.format(JSON), 415)
        if not hmac.compare_digest((headers.get(KEY_HEADER) or '').encode('utf-8', 'replace'),
                                   self._emulator.control_key.encode('utf-8')):
            raise _Problem('send {}: the key that the emulator printed'.format(KEY_HEADER), 403)

    def _steer(self, wanted: "Dict[str, Any]") -> None:
        action = wanted.pop('action', None)
        if action not in STEERING:
            raise ValueError('`action` is {!r}; must be one of {}'.format(
                action, ', '.join(STEERING)))
        if action == 'mode':
            self._emulator.trainings.mode = wanted.get('value', '')
        else:
            getattr(self._emulator.trainings, action)(**wanted)

    def _faults(self, query: "Dict[str, str]") -> "Dict[str, Any]":
        faults = self._emulator.faults
        return {'faults': [fault.as_dict() for fault in faults.all],
                'pending': [fault.as_dict() for fault in faults.pending]}

    def _requests(self, query: "Dict[str, Any]") -> "Dict[str, Any]":
        for name in set(query) - set(_FILTERS):
            raise ValueError('`{}` is unknown; filters are {}'.format(name, ', '.join(_FILTERS)))
        if not query.get('status', '0').isdecimal():
            raise ValueError('`status` is {!r}; give a number'.format(query['status']))
        return {'requests': [record.as_dict() for record in self._emulator.requests.of(**query)]}

    def _state(self, query: "Dict[str, str]") -> "Dict[str, Any]":
        emulator = self._emulator
        portraits = [dict((name, portrait[name]) for name in (
            'id', 'time', 'configure', 'model_ids', 'template'))
            for portrait in list(emulator.portraits)]
        requests = [record.as_dict() for record in emulator.requests[-MOST_REQUESTS:]]
        return dict(
            self._faults(query), version=__version__, host=emulator.host, app_id=emulator.app_id,
            training=emulator.trainings.mode,
            quota={'most': emulator.quota, 'used': emulator.used},
            jobs=[self._job(row) for row in emulator.store.latest_jobs(MOST_JOBS)],
            portraits=portraits[::-1], requests=requests[::-1],
            choices={'actions': sorted(ACTIONS), 'codes': PHOTO_CODES,
                     'operations': sorted(contract.OPERATIONS), 'errors': sorted(contract.ERRORS)})

    def _job(self, row: "Any") -> "Dict[str, Any]":
        job = {'type': row['kind'], 'state': self._emulator.trainings.state(row),
               'age': round(time.time() - row['created'], 1)}  # type: Dict[str, Any]
        job.update((name, row[name]) for name in ('id', 'model_id', 'batch_id', 'message',
                                                  'created'))
        job['photos'] = [dict(photo, name=name_of(photo['url'])) for photo in photos_of(row)]
        return job
