"""The emulator as one object: ``with Emulator() as service: ...``."""
import threading

from . import contract
from .answers import Answers
from .faces import FaceEngine
from .faults import Faults
from .photos import Photos
from .routes import Routes
from .server import Server
from .service import Service
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

#: What a client of the emulator signs with unless told otherwise; no secret.
DEMO_APP_ID, DEMO_TOKEN = '200000000000001', 'demo-token-0123456789abcdef'
#: Seconds of a training.
DEFAULT_TRAINING_SECONDS = 0.5


class Emulator(object):
    """A small service for one computer.

    :param files: folder whose pictures are served at ``host + '/files/NAME'``.
    :param training_seconds: how long a training takes at least.
    :param strict: whether a training wants 5 to 20 photos and each is JPEG or PNG, as the guide
        says; else 2 to 20 in any format do, as in the guide's own samples, and the log warns.
    :param host: address to listen at; :param port: 0 for any free one.
    :param app_id: who may call; :param token: the secret that has to sign.
    :param store: path of the SQLite file; None for memory, which forgets at the end.
    :param models: folder of the face models; None for those of the extra.
    :param allow_hosts: hosts besides this computer that photos may come from; ``*`` for any.
    :param quota: calls until ``exceeded quota``; None for no end.
    :param deployed: names that ``model_name`` may have besides ``''``.
    :param control: whether faults can be scripted over HTTP.
    :raises ImportError: the extra ``emulator`` is not installed.
    :raises ValueError: a model file is missing or wrong.
    """

    def __init__(self, files: "Optional[str]" = None,
                 training_seconds: float = DEFAULT_TRAINING_SECONDS, strict: bool = False,
                 host: str = '127.0.0.1', port: int = 0, app_id: str = DEMO_APP_ID,
                 token: str = DEMO_TOKEN, store: "Optional[str]" = None,
                 models: "Optional[str]" = None, allow_hosts: "Sequence[str]" = (),
                 quota: "Optional[int]" = None, deployed: "Sequence[str]" = (),
                 control: bool = False) -> None:
        self.app_id = app_id
        self.token = token
        #: Failures on demand.
        self.faults = Faults()  # type: Faults
        self._files = files
        self._seconds = training_seconds
        self._strict = strict
        self._counts = contract.STRICT_PHOTO_COUNTS if strict else contract.PHOTO_COUNTS
        self._address = (host, port)
        self._store_path = store
        self._engine = FaceEngine(models)
        self._allow_hosts = tuple(allow_hosts)
        self._quota, self._deployed, self._control = quota, tuple(deployed), control
        self._server = None  # type: Any
        self._routes = None  # type: Any

    def start(self) -> "Emulator":
        """Listen; return self.

        :raises ImportError, ValueError, OSError: see the class; or the port is taken.
        """
        self._engine.load()
        self._store = Store(self._store_path)
        photos = Photos(self._engine, self._allow_hosts)
        self._service = Service(self._store, self._engine, photos, self.faults, self._seconds,
                                self._counts, self._strict)
        self._routes = Routes(self._service, Answers(self._engine, photos, self._service),
                              self._store, self.faults, self.app_id, self.token, self._quota,
                              self._deployed)
        self._server = Server(self._address[0], self._address[1], self._routes, self.faults,
                              self._files, self._control)
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={'poll_interval': 0.05})
        self._thread.daemon = True
        self._thread.start()
        self._service.resume()
        return self

    def stop(self) -> None:
        """Stop at once, also with idle connections; jobs in a file can go on later."""
        if self._server is not None:
            self._service.interrupt()
            self._server.shutdown()
            self._server.break_connections()
            self._server.server_close()
            self._thread.join()
            self._service.close()
            self._store.close()
            self._server = None

    @property
    def port(self) -> int:
        """The port that is listened at."""
        port = self._server.server_address[1]  # type: int
        return port

    @property
    def host(self) -> str:
        """What ``ApiClient`` takes as host."""
        name = self._address[0]
        return 'http://{}:{}'.format('[' + name + ']' if ':' in name else name, self.port)

    @property
    def requests(self) -> "Sequence[Any]":
        """The latest requests as (method, path, status)."""
        return list(self._routes.requests)

    @property
    def quota(self) -> "Optional[int]":
        """Calls that the account has; may be set while it runs."""
        quota = self._routes.quota if self._routes else self._quota  # type: Optional[int]
        return quota

    @quota.setter
    def quota(self, value: "Optional[int]") -> None:
        self._quota = value
        if self._routes:
            self._routes.quota = value

    def url(self, name: str) -> str:
        """Return the URL of a picture in the folder."""
        from six.moves.urllib.parse import quote
        return self.host + '/files/' + quote(name)

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *exc_info: "Any") -> None:
        self.stop()

    def __repr__(self) -> str:
        where = self.host if self._server is not None else 'stopped'
        return 'Emulator({}, app_id={!r}, token=***)'.format(where, self.app_id)
