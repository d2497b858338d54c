"""From a request to its answer: who calls, with which signature, which endpoint, which failure."""
import json
import logging
import uuid

from . import answers, contract
from .contract import ServiceFailure
from .signing import judged

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple
    from .answers import Answers
    from .emulator import Emulator
    from .journal import Record
    from .service import Service

_log = logging.getLogger('ai_service_python_sdk.emulator')
_API = '/api/v1/'


class Routes(object):
    """Every endpoint, its actions, and what stands before it.

    :param owner: has the app id, the token and the quota; job and batch queries are free
        (emulator policy).
    :param deployed: names that ``model_name`` may have besides ``''``.
    """

    def __init__(self, service: "Service", others: "Answers", owner: "Emulator",
                 deployed: "Tuple[str, ...]") -> None:
        self._service = service
        self._owner = owner
        self._deployed = ('',) + tuple(deployed)
        app = owner.app_id
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

    def answer(self, record: "Record", target: str, given: "Optional[str]", body: bytes,
               fault: "Dict[str, Any]") -> "Dict[str, Any]":
        """Answer a request, whose record learns of it; return the envelope."""
        envelope = {'request_id': str(uuid.uuid4())}  # type: Dict[str, Any]
        try:
            data = self._data(record, resource_of(target), given, body, fault)
            if isinstance(data, dict) and 'check_results' in data:
                data['request_id'] = envelope['request_id']
            record.status = 200
            envelope.update(code=contract.OK, message=contract.SUCCESS, data=data)
        except Exception as error:
            if not isinstance(error, ServiceFailure):
                _log.exception('%s %s crashed', record.method, record.path)
                error = ServiceFailure('crash', 'a bug of the emulator, please report it: {}: {}'
                                       .format(type(error).__name__, error))
            record.status, record.verdict = error.status, str(error)
            envelope.update(code=error.code, message=error.message)
            if error.reason:
                envelope[contract.REASON] = error.reason
        if 'error' in fault and record.status == 200:
            record.status, envelope['code'], envelope['message'] = fault['error']
            envelope.pop('data', None)
        if fault:
            record.verdict = 'fault'
        record.answer = envelope
        return envelope

    def _data(self, record: "Record", resource: str, given: "Optional[str]", body: bytes,
              fault: "Dict[str, Any]") -> "Any":
        self._authenticate(record, resource, given, body)
        path = resource.split('?')[0]
        taken = self.method_of(path)
        if taken is None:
            raise ServiceFailure('path', 'there are {}'.format(', '.join(
                sorted(contract.OPERATIONS.values()))))
        if record.method != taken:
            raise ServiceFailure('method', 'this path takes {}'.format(taken))
        for (_, start), query in self.queries.items():
            if path.startswith(start):
                return query(path[len(start):])
        request = _request(body, 'create_input' if path.endswith('/create') else 'train_input')
        actions, work = self.posts[path]
        self._look_for_model(request, actions)
        if not self._owner.count_call():
            raise ServiceFailure('quota', 'all {} calls are used'.format(self._owner.quota))
        return {} if 'error' in fault else work(request)

    def _look_for_model(self, request: "Dict[str, Any]", actions: "Tuple[str, ...]") -> None:
        for name, known in (('model_name', self._deployed), ('action', actions)):
            if (request.get(name) or '') not in known:
                raise ServiceFailure('model_name', '`{}` is {!r}; here it is one of {}'.format(
                    name, request.get(name), ', '.join(map(repr, known))))

    def method_of(self, path: str) -> "Optional[str]":
        """Return the method that a path takes, None if there is no such path."""
        for method, start in self.queries:
            if path.startswith(start):
                return method
        return 'POST' if path in self.posts else None

    def knows(self, given: "Optional[str]") -> bool:
        """Whether an Authorization is of the app id that may call."""
        return (given or '').rpartition(':')[0] == self._owner.app_id

    def _authenticate(self, record: "Record", resource: str, given: "Optional[str]",
                      body: bytes) -> None:
        if not given or not self.knows(given):
            raise ServiceFailure('appid', 'Authorization has to be APPID:SIGNATURE with the app '
                                          'id {}'.format(self._owner.app_id))
        record.signature = judged(given, self._owner.token, record.method, resource, body)
        if record.signature['problem']:
            raise ServiceFailure('sign', record.signature['problem'])


def resource_of(target: str) -> str:
    """Return the path as the service sees it: a gateway's prefix is not signed."""
    start = target.find(_API)
    return target[start:] if start > 0 else target


def _request(body: bytes, error: str) -> "Dict[str, Any]":
    try:
        request = json.loads(body.decode('utf-8'))
    except (ValueError, RuntimeError):
        request = None
    if not isinstance(request, dict):
        raise ServiceFailure(error, 'the body has to be a JSON object')
    for name in ('model_name', 'action'):
        if not isinstance(request.get(name) or '', str):
            raise ServiceFailure(error, '`{}` has to be a text'.format(name))
    return request
