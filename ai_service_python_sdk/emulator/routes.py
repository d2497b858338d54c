"""From a request to its answer: who calls, with which signature, which endpoint, which failure."""
import json
import threading
import uuid
from collections import deque

from ..util.sign import authorization, same_signature
from . import answers, contract
from .contract import ServiceFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Dict, Optional, Tuple
    from .answers import Answers
    from .faults import Faults
    from .service import Service
    from .store import Store

#: Requests that are remembered for tests to look at.
MOST_REMEMBERED = 1000
_API = '/api/v1/'


class Routes(object):
    """Every endpoint, its actions, and what stands before it.

    :param quota: calls that the account has; job and batch queries are free (emulator policy).
    :param deployed: names that ``model_name`` may have besides ``''``.
    """

    def __init__(self, service: "Service", others: "Answers", store: "Store", faults: "Faults",
                 app_id: str, token: str, quota: "Optional[int]",
                 deployed: "Tuple[str, ...]") -> None:
        self._service = service
        self._store = store
        self._faults = faults
        self._app_id, self._token = app_id, token
        self.quota = quota
        self._deployed = ('',) + tuple(deployed)
        self.requests = deque(maxlen=MOST_REMEMBERED)  # type: Deque[Tuple[str, str, int]]
        self._lock = threading.Lock()
        app = self._app_id
        #: Path to (actions, what answers).
        self.posts = {
            '/api/v1/aigc_images/check': (('AIGCImageCheck',), service.check),
            '/api/v1/aigc_images/train': (('AIGCImageTrain',),
                                          lambda body: service.train(body, app)),
            '/api/v1/aigc_images/create': (('AIGCImageCreate',), service.create),
            '/api/v1/aigc_images/sd': (('AIGCImageSD',), others.stable_diffusion),
            '/api/v1/images': (answers.IMAGE_ACTIONS, others.image),
            '/api/v1/text': (answers.TEXT_ACTIONS, others.text),
            '/api/v1/videos': (answers.VIDEO_ACTIONS, lambda body: others.video(body, app)),
            '/api/v1/batch_videos': (answers.VIDEO_ACTIONS,
                                     lambda body: others.batch_video(body, app)),
            '/api/v1/images_with_text': (('ImageTextTag',), others.image_text),
            '/api/v1/ai_creation': (('AICreation',), others.creation),
            '/api/v1/llm/eval_judger': (('LLMEvalJudger',), others.judge),
        }  # type: Dict[str, Tuple[Tuple[str, ...], Callable[[Any], Any]]]
        #: (method, start of the path) to what answers for the id behind it.
        self.queries = {
            ('POST', '/api/v1/async_jobs/'): service.job,
            ('GET', '/api/v1/batch_jobs/'): service.batch,
        }  # type: Dict[Tuple[str, str], Callable[[str], Any]]

    def answer(self, method: str, target: str, given: "Optional[str]", body: bytes,
               fault: "Dict[str, Any]") -> "Tuple[int, Dict[str, Any]]":
        """Return status and envelope of the answer."""
        envelope = {'request_id': str(uuid.uuid4())}  # type: Dict[str, Any]
        try:
            data = self._data(method, target, given, body, fault)
            if isinstance(data, dict) and 'check_results' in data:
                data['request_id'] = envelope['request_id']
            envelope.update(code=contract.OK, message=contract.SUCCESS, data=data)
            status = 200
        except ServiceFailure as failure:
            status = failure.status
            envelope.update(code=failure.code, message=failure.message)
        if 'error' in fault and status == 200:
            status, envelope['code'], envelope['message'] = fault['error']
            envelope.pop('data', None)
        with self._lock:
            self.requests.append((method, target, status))
        return status, envelope

    def _data(self, method: str, target: str, given: "Optional[str]", body: bytes,
              fault: "Dict[str, Any]") -> "Any":
        resource = resource_of(target)
        self._authenticate(method, resource, given, body)
        path = resource.split('?')[0]
        taken = self.method_of(path)
        if taken is None:
            raise ServiceFailure('path')
        if method != taken:
            raise ServiceFailure('method')
        for (_, start), query in self.queries.items():
            if path.startswith(start):
                return query(path[len(start):])
        request = _request(body)
        actions, work = self.posts[path]
        is_deployed = (request.get('model_name') or '') in self._deployed
        if not is_deployed or request.get('action') not in actions:
            raise ServiceFailure('model_name')
        if not self._store.count_call(self._app_id, self.quota):
            raise ServiceFailure('quota')
        return {} if 'error' in fault else work(request)

    def method_of(self, path: str) -> "Optional[str]":
        """Return the method that a path takes, None if there is no such path."""
        for method, start in self.queries:
            if path.startswith(start):
                return method
        return 'POST' if path in self.posts else None

    def _authenticate(self, method: str, resource: str, given: "Optional[str]",
                      body: bytes) -> None:
        app_id = (given or '').rpartition(':')[0]
        if app_id != self._app_id:
            raise ServiceFailure('appid')
        # The Go SDK signs a query with the path, the Python SDK the path alone.
        signed = (resource, resource.split('?')[0])
        if not any(same_signature(given, authorization(app_id, self._token, method, path, body))
                   for path in signed):
            raise ServiceFailure('sign')


def resource_of(target: str) -> str:
    """Return the path as the service sees it: a gateway's prefix is not signed."""
    start = target.find(_API)
    return target[start:] if start > 0 else target


def _request(body: bytes) -> "Dict[str, Any]":
    try:
        request = json.loads(body.decode('utf-8'))
    except (ValueError, RuntimeError):
        request = None
    if not isinstance(request, dict) or not isinstance(request.get('model_name') or '', str):
        raise ServiceFailure('train_input')
    return request
