"""Paid calls made by the workers of an executor; the program that submits them keeps account."""
import sys
import uuid

from ..util.language import translate
from .api_client import VARIABLES, ApiClient
from .credentials import DEFAULT_CREDENTIALS, kept_credentials
from .errors.service import NotSentError, WorkerLostError
from .rest import Signature

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from concurrent.futures import Executor
    from typing import Any, Dict, Optional, Tuple

#: The clients of this process, by their recipes.
_clients = {}  # type: Dict[Any, ApiClient]


class ClientFactory(object):
    """The recipe by which a worker makes its client; it pickles small and holds no token.

    App id and token are the worker's own: from AI_SERVICE_APP_ID and AI_SERVICE_TOKEN, or else
    from the worker's credentials file.

    :param host: address of the service; None for the worker's own, from the same places.
    :param credentials: path of the file on the worker; None for ``~/.ai-portrait.ini``.
    """

    def __init__(self, host: "Optional[str]" = None,
                 credentials: "Optional[str]" = None) -> None:
        self.host = host
        self.credentials = credentials

    def make(self) -> ApiClient:
        """Make a client; a subclass may give it settings of its own.

        :raises ValueError: something is missing; the message says where to put it.
        """
        kept = kept_credentials(self.credentials)
        found = dict((name, kept[name][0]) for name in kept)
        if self.host is not None:
            found['host'] = self.host
        missing = [VARIABLES[name] for name in VARIABLES if name not in found]
        if missing:
            kept, found = {}, {}  # no frame of the error may hold the token
            raise ValueError(translate('the worker has no {}: set them in its environment, or put '
                                       'them into its {}', ', '.join(missing),
                                       self.credentials or DEFAULT_CREDENTIALS))
        return ApiClient(found['host'], found['app_id'], found['token'])

    def client(self) -> ApiClient:
        """Return this process's client, which is made once."""
        recipe = type(self), tuple(sorted(vars(self).items()))
        return _clients.get(recipe) or _clients.setdefault(recipe, self.make())


def _may_be_queued(error: Exception) -> bool:
    """Whether a call may be made although ``submit`` raised: Python's own executors queue a call
    before they start a thread or process for it, which may fail."""
    is_closed = 'shutdown' in str(error) or type(error).__name__.startswith('Broken')
    return isinstance(error, (RuntimeError, OSError, MemoryError)) and not is_closed


def call_over(executor: "Executor", factory: ClientFactory, call: "Any",
              signature: Signature) -> "Any":
    """Let a worker make a call, and return its answer or raise its error.

    :param call: the ``partial`` of ``call_api`` that an operation has made.
    :param signature: of the call; it learns whether the call may have left.
    :raises NotSentError: the executor did not take it.
    :raises WorkerLostError: the executor took it, and gave neither an answer nor an error of it.
    """
    path, method, _, _, headers = call.args
    # The worker signs: what signs here holds the token.
    headers = dict((name, headers[name]) for name in headers if name != 'Authorization')
    options = dict(call.keywords)
    options['body'] = signature.client.sanitize_for_serialization(options['body'])
    signature.has_left = False
    try:
        future = executor.submit(_call, factory, uuid.uuid4().hex, path, method, headers, options)
    except Exception as error:
        if _may_be_queued(error):
            raise WorkerLostError(error) from error
        raise NotSentError(translate('not sent: the executor did not take it: {!r}',
                                     error)) from error
    signature.has_left = True
    try:
        answer, failure, signature.has_left = future.result()
    except Exception as error:
        raise WorkerLostError(error) from error
    if failure is not None:
        raise failure
    return answer


def _call(factory: ClientFactory, ticket: str, path: str, method: str, headers: "Dict[str, Any]",
          options: "Dict[str, Any]") -> "Tuple[Any, Optional[Exception], Any]":
    """In the worker: make a call; return its answer, its error, and whether it may have left."""
    if _was_begun(ticket):
        return None, WorkerLostError('the worker that began it was lost'), True
    signature = Signature()
    signature.has_left = False
    try:
        client = factory.client()
        signature = Signature.of(client, method, path, options['body'])
        headers = dict(headers, Authorization=signature)
        return client.call_api(path, method, {}, [], headers, **options), None, True
    except Exception as error:
        return None, error, signature.has_left


def _was_begun(ticket: str) -> bool:
    """Whether a worker had this call before: Dask hands the tasks of a lost one to the next."""
    distributed = sys.modules.get('distributed')  # type: Any
    try:
        distributed.get_worker()
    except (AttributeError, ValueError):
        return False
    event = distributed.Event('ai-service-' + ticket)
    was_begun = event.is_set()  # type: bool
    event.set()
    return was_begun
