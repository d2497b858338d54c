"""The emulator as one object: ``with Emulator() as service: ...``."""
import importlib
import os
import threading
import uuid
from collections import deque

from six.moves.urllib.parse import quote

from ..util.extras import how_to_install
from ..util.here import is_here
from ..util.kept import listed
from ..util.language import translate
from .contract import log
from .control import FILES
from .faults import Faults
from .journal import Journal
from .server import Server
from .service import Service
from .store import Store
from .trainings import DEFAULT_SECONDS, Trainings

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Deque, Dict, Optional, Sequence, Union
    from .faces import FaceEngine

#: App id and token by default; not secret.
DEMO_APP_ID, DEMO_TOKEN = '200000000000001', 'demo-token-0123456789abcdef'
#: Portraits that are kept for the page.
MOST_PORTRAITS = 12
#: An address that stands for all of this computer's, to the one that its clients take.
_OWN = {'': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1'}


class Emulator(object):
    """A small service for one computer.

    :param files: folder whose pictures are served at ``host + '/files/NAME'``.
    :param training_seconds: how long a training takes at least.
    :param strict: whether a training wants 5 to 20 photos, each JPEG or PNG, as the guide says;
        else 2 to 20 in any format do, as in the guide's own samples, and the log warns.
    :param host: address to listen at; :param port: 0 for any free one.
    :param app_id: who may call; :param token: the secret that has to sign.
    :param store: path of the SQLite file for jobs and people; None keeps them in memory.
    :param models: folder of the face models; None for those of the extra.
    :param allow_hosts: hosts besides this computer that photos may come from; ``*`` for any.
    :param quota: calls until ``exceeded quota``; None for no limit.
    :param deployed: names that ``model_name`` may have besides ``''``.
    :param control_key: key that steers it over HTTP; None for a random one.
    :param training: instead of ``training_seconds``: seconds, ``'after 3 looks'`` (the fourth
        sees it done), or ``'held'`` until it is released or finished.
    :param initial_share: share of a training in which its job is in state 0, from 0 to 1. By
        default it begins in state 1: the guide's Java sample takes 0 for a failure.
    :param names: names by which it may be called besides those of this computer.
    :param mark: whether a portrait shows in a corner that it is emulated; its file says so anyway.
    :raises ImportError: the extra ``emulator`` is not installed.
    :raises OSError: a model file is missing.
    :raises ValueError: a model file is wrong; the demo token is to be used beyond this computer;
        an option is out of its range.
    """

    def __init__(self, files: "Optional[str]" = None,
                 training_seconds: float = DEFAULT_SECONDS, strict: bool = False,
                 host: str = '127.0.0.1', port: int = 0, app_id: str = DEMO_APP_ID,
                 token: str = DEMO_TOKEN, store: "Optional[str]" = None,
                 models: "Optional[str]" = None, allow_hosts: "Sequence[str]" = (),
                 quota: "Optional[int]" = None, deployed: "Sequence[str]" = (),
                 control_key: "Optional[str]" = None,
                 training: "Union[float, str, None]" = None, initial_share: float = 0.0,
                 names: "Sequence[str]" = (), mark: bool = True) -> None:
        if not os.path.isdir(files or '.'):
            raise ValueError('`files`: {}'.format(translate('give a folder')))
        if not isinstance(quota, (int, type(None))):
            raise ValueError('`quota`: {}'.format(translate('give a number')))
        self.app_id = app_id  # type: str
        self.token = token  # type: str
        #: The key that steers it over HTTP.
        self.control_key = control_key or uuid.uuid4().hex  # type: str
        #: Failures on demand.
        self.faults = Faults()  # type: Faults
        #: The latest requests.
        self.requests = Journal()  # type: Journal
        #: The latest portraits, as dicts, the newest last.
        self.portraits = deque(maxlen=MOST_PORTRAITS)  # type: Deque[Dict[str, Any]]
        #: Steers when trainings end.
        self.trainings = Trainings(training_seconds if training is None else training,
                                   initial_share)  # type: Trainings
        #: Calls that the account has, None for no limit; may be set while it runs.
        self.quota = self._quota = quota
        self._files, self._strict, self._deployed = files, strict, listed(deployed)
        self._address, self._names = (host, port), [host] + listed(names)
        self._store_path, self._models, self._mark = store, models, mark
        self._allow_hosts = listed(allow_hosts)
        self._server = None  # type: Any

    def start(self) -> "Emulator":
        """Listen, unless it does; return self.

        :raises ImportError, ValueError, OSError: see the class; or the port is taken.
        """
        if self._server is not None:
            return self
        engine = self._load_engine()
        self._check_address()
        #: Jobs, people and calls.
        self.store = Store(self._store_path)  # type: Store
        try:
            self._service = Service(self, engine, self._deployed, self._allow_hosts, self._strict,
                                    self._files)
            self._server = Server(self._address, self, self._service, self._files, self._names)
        except BaseException:
            self.store.close()
            raise
        self.trainings.open(self.store, self._service.work)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def _load_engine(self) -> "FaceEngine":
        try:
            importlib.import_module('cv2')
            from .faces import FaceEngine
            return FaceEngine(self._models, self._mark)
        except ImportError:
            raise ImportError(translate('The emulator needs OpenCV, numpy and the face models: '
                                        'install the extra emulator (Python 3.9 or newer): {}',
                                        how_to_install('emulator')))

    def _check_address(self) -> None:
        """Warn of an address that others can reach; refuse it with the demo token."""
        if is_here(self._address[0]):
            return
        if self.token in ('', DEMO_TOKEN):
            raise ValueError(translate('everyone knows the demo token; to listen at {} give a '
                                       '`token` of your own (--token)', self._address[0]))
        log.warning('listening at %s: whoever reaches this computer can call, and see photos '
                    'and the page', self._address[0])

    def stop(self) -> None:
        """Stop within 3 seconds, whatever is under way; jobs in a ``store`` can go on later."""
        if self._server is not None:
            self.trainings.closing.set()
            self._server.shutdown()
            self._server.break_connections()
            self._server.server_close()
            self.trainings.close()
            self.store.close()
            self._server = None

    def reset(self) -> None:
        """Forget jobs, people, used quota, requests, faults, portraits; time as at the start."""
        self.faults.clear()
        self.quota = self._quota
        if self._server is not None:
            self.store.forget()
        self.trainings.reset()
        self.requests.clear()
        self.portraits.clear()

    @property
    def port(self) -> int:
        """The port that it listens at.

        :raises AttributeError: it is not running, and has neither port nor host.
        """
        if self._server is None:
            raise AttributeError(translate('the emulator is not running; start() it first'))
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """What ``ApiClient`` takes as host."""
        name = _OWN.get(self._address[0], self._address[0])
        return 'http://{}:{}'.format('[' + name + ']' if ':' in name else name, self.port)

    @property
    def used(self) -> int:
        """Calls that were counted against the quota."""
        return self.store.used()

    def url(self, name: str) -> str:
        """Return the URL of a picture in the folder."""
        return self.host + FILES + quote(name)

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *exc_info: "Any") -> None:
        self.stop()

    def __repr__(self) -> str:
        where = self.host if self._server is not None else 'stopped'
        return 'Emulator({}, app_id={!r}, token=***)'.format(where, self.app_id)
