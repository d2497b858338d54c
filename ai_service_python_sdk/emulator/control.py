"""What is asked and steered over HTTP: the page, ``/health``, ``/control/...``, and for whom."""
import hmac
import json
import pkgutil
import re

from six.moves.urllib.parse import parse_qsl, urlsplit

from .._version import __version__
from . import contract
from .faults import ACTIONS, PHOTO_CODES
from .photos import is_loopback, name_of
from .service import results_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence, Tuple
    from .emulator import Emulator
    Answer = Tuple[int, bytes, str]

#: Header of the key that writing calls need.
KEY_HEADER = 'X-Emulator-Key'
#: Jobs and requests that the page shows.
MOST_JOBS, MOST_REQUESTS = 50, 50
_KEY = re.compile(r'[A-Za-z0-9._-]+\Z')
_JSON, _JPEG = 'application/json', 'image/jpeg'
#: Path to (file of the package, type).
_PAGES = {'/': ('page.html', 'text/html; charset=utf-8'),
          '/control/page.css': ('page.css', 'text/css; charset=utf-8'),
          '/control/page.js': ('page.js', 'text/javascript; charset=utf-8')}
#: By what requests are filtered.
_FILTERS = ('operation', 'method', 'status', 'verdict')
#: Action to what it takes; the first of it is needed.
_STEERING = {'hold': (), 'release': (), 'finish': ('job',), 'fail': ('job', 'error'),
             'mode': ('value',)}  # type: Dict[str, Tuple[str, ...]]


def refused(headers: "Any", names: "Sequence[str]", reached: str) -> "Optional[Tuple[str, str]]":
    """Return (error, reason) for who calls by a foreign name or from a foreign web page.

    A web page whose name is rebound to this computer would else read what is here.

    :param names: names besides those of loopback; :param reached: address that was reached.
    """
    host = headers.get('Host')
    if host is None:
        return None
    try:
        name = urlsplit('//' + host).hostname or ''
    except ValueError:
        name = ''
    if not (name in names or name == reached or name == 'localhost'
            or name.endswith('.localhost') or is_loopback(name)):
        return 'host', '{} is not a name of this emulator; start with --name {}'.format(host, name)
    origin = headers.get('Origin')
    if origin is not None and origin != 'http://' + host:
        return 'origin', 'a web page of {} may not call; this is {}'.format(origin, host)
    return None


class Control(object):
    """Answers what is not the service's.

    :param key: what writing calls have to send.
    :raises ValueError: the key cannot stand in a header.
    """

    def __init__(self, emulator: "Emulator", key: str) -> None:
        if not _KEY.match(key):
            raise ValueError('`control_key` may hold letters of ASCII, digits, . _ and - only')
        self._emulator = emulator
        self._key = key
        self._reads = {'/health': self._health, '/control/state': self._state,
                       '/control/requests': self._requests, '/control/faults': self._faults}
        self._writes = {('POST', '/control/faults'): self._script,
                        ('DELETE', '/control/faults'): lambda wanted: emulator.faults.clear(),
                        ('POST', '/control/trainings'): self._steer,
                        ('DELETE', '/control/state'): lambda wanted: emulator.reset(),
                        }  # type: Dict[Tuple[str, str], Callable[[Any], None]]

    def answer(self, method: str, target: str, headers: "Any",
               body: bytes) -> "Optional[Answer]":
        """Return (status, body, type); None for a path of the service."""
        path, _, query = target.partition('?')
        if path in _PAGES and method in ('GET', 'HEAD'):
            return self._page(*_PAGES[path])
        if path.startswith('/control/portraits/'):
            return self._picture(path)
        if path in self._reads and method in ('GET', 'HEAD'):
            return self._tried(lambda: self._reads[path](dict(parse_qsl(query))))
        if (method, path) in self._writes:
            return self._write(method, path, headers, body)
        if path not in self._reads and path not in _PAGES and not path.startswith('/control/'):
            return None
        return _problem(404, 'there are {}'.format(', '.join(
            sorted(self._reads) + sorted(map(' '.join, self._writes)))))

    def _page(self, name: str, kind: str) -> "Answer":
        data = pkgutil.get_data(__name__.rpartition('.')[0], name) or b''
        return 200, data.replace(b'{{key}}', self._key.encode('ascii')), kind

    def _picture(self, path: str) -> "Answer":
        parts = path.split('/')
        for portrait in list(self._emulator.portraits):
            if parts[3:] in ([portrait['id'], 'jpeg'], [portrait['id'], 'small']):
                return 200, portrait[parts[4]], _JPEG
        return _problem(404, 'this portrait is gone')

    def _write(self, method: str, path: str, headers: "Any", body: bytes) -> "Answer":
        kind = (headers.get('Content-Type') or '').split(';')[0].strip().lower()
        if kind != _JSON:
            return _problem(415, 'send Content-Type: {}'.format(_JSON))
        if not hmac.compare_digest((headers.get(KEY_HEADER) or '').encode('utf-8', 'replace'),
                                   self._key.encode('ascii')):
            return _problem(403, 'send {}: the key that the emulator printed'.format(KEY_HEADER))
        return self._tried(lambda: self._writes[method, path](_decoded(body)))

    def _tried(self, work: "Callable[[], Any]") -> "Answer":
        try:
            return 200, json.dumps(work() or {}).encode('ascii'), _JSON
        except (ValueError, RuntimeError) as error:
            return _problem(400, str(error))

    # writing

    def _script(self, wanted: "Dict[str, Any]") -> None:
        self._emulator.faults.add(**dict({'action': ''}, **wanted))

    def _steer(self, wanted: "Dict[str, Any]") -> None:
        action = wanted.pop('action', None)
        if action not in list(_STEERING):
            raise ValueError('`action` is {!r}; must be one of {}'.format(
                action, ', '.join(sorted(_STEERING))))
        takes = _STEERING[action]
        if set(wanted) - set(takes) or set(takes[:1]) - set(wanted):
            raise ValueError('{} takes {}'.format(action, ', '.join(takes) or 'nothing'))
        if action == 'mode':
            self._emulator.trainings.mode = wanted['value']
        else:
            getattr(self._emulator.trainings, action)(**wanted)

    # reading

    def _health(self, query: "Dict[str, str]") -> "Dict[str, Any]":
        return {'status': 'ok', 'version': __version__}

    def _faults(self, query: "Dict[str, str]") -> "Dict[str, Any]":
        faults = self._emulator.faults
        return dict((name, [fault.as_dict() for fault in found])
                    for name, found in (('faults', faults.all), ('pending', faults.pending)))

    def _requests(self, query: "Dict[str, Any]") -> "Dict[str, Any]":
        for name in set(query) - set(_FILTERS):
            raise ValueError('`{}` is unknown; filters are {}'.format(name, ', '.join(_FILTERS)))
        if not query.get('status', '0').isdecimal():
            raise ValueError('`status` is {!r}; give a number'.format(query['status']))
        if 'status' in query:
            query['status'] = int(query['status'])
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
            jobs=[self._job(row) for row in emulator.latest_jobs(MOST_JOBS)],
            portraits=portraits[::-1], requests=requests[::-1],
            choices={'actions': sorted(ACTIONS), 'codes': PHOTO_CODES,
                     'operations': sorted(contract.OPERATIONS), 'errors': sorted(contract.ERRORS)})

    def _job(self, row: "Any") -> "Dict[str, Any]":
        trainings = self._emulator.trainings
        job = {'type': row['kind'], 'state': trainings.state(row),
               'age': round(trainings.age(row), 1)}  # type: Dict[str, Any]
        job.update((name, row[name]) for name in ('id', 'model_id', 'batch_id', 'message',
                                                  'created'))
        found = dict((result['url'], result) for result in results_of(row))
        images = json.loads(row['request']).get('images') or []
        job['photos'] = [dict(found.get(url, {'url': url}), name=name_of(url)) for url in images]
        return job


def _problem(status: int, problem: str) -> "Answer":
    return status, json.dumps({'problem': problem}).encode('ascii'), _JSON


def _decoded(body: bytes) -> "Dict[str, Any]":
    wanted = json.loads(body.decode('utf-8') or '{}')
    if not isinstance(wanted, dict):
        raise ValueError('the body has to be a JSON object')
    return wanted
