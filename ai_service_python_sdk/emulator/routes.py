"""From a request to its answer: who calls, with which signature, which endpoint, which failure."""
import base64
import binascii
import json
import logging
import time
import uuid

from six.moves.urllib.parse import quote, unquote

from ..util.sign import build_sign_string, create_sign, same_signature
from . import contract
from .contract import OPERATIONS, ServiceFailure
from .journal import is_flat
from .photos import PhotoError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, Optional, Tuple
    from .emulator import Emulator
    from .faces import FaceEngine
    from .journal import Record
    from .photos import Photos
    from .service import Service
    Guess = Tuple[str, str, bytes, bytes]

_log = logging.getLogger('ai_service_python_sdk.emulator')
_API = '/api/v1/'
#: Actions of the endpoints that have several (service reference 2.3).
FACE_ACTIONS = ('FaceRecognitionImage', 'FaceBeautyImage', 'FaceAttrImage', 'FaceDetectImage')
IMAGE_ACTIONS = FACE_ACTIONS + (
    'OCRImage', 'ClassifyImage', 'MultiLabelImage', 'MultiLabelImageV2', 'DetectClassifyImage',
    'ScanImage', 'ImageQA', 'ProductDetectImage')
TEXT_ACTIONS = ('KeyWordText', 'NERText', 'FineGrainedLabelText', 'VectorizationText',
                'AntiSpamText', 'SentimentAnalysisText', 'EcomerceReviewSentimentAnalysisText')
VIDEO_ACTIONS = ('ClassifyLabelVideo', 'VideoQA', 'MultiModalClassify')
#: Characters of a signature that are shown: enough to compare, too few to use.
SHOWN = 8
#: Bytes of a body that is written otherwise to find what was signed.
MOST_GUESSED_BYTES = 256 * 1024
#: Bytes that are shown around the one that differs.
AROUND = 24
BLANK, EMPTY = 'the token has a line break or blank behind it', 'the token is empty'
UNKNOWN = ('none of the usual mistakes: the token is another one, or method, path or body are '
           'others than those that were signed; compare the steps with those of the client')


class Routes(object):
    """Every endpoint, its actions, and what stands before it.

    Those that make no portrait answer in their documented shape, and say that it is emulated.

    :param owner: has the app id, the token and the quota; job and batch queries are free
        (emulator policy).
    :param deployed: names that ``model_name`` may have besides ``''``.
    """

    def __init__(self, service: "Service", engine: "FaceEngine", photos: "Photos",
                 owner: "Emulator", deployed: "Tuple[str, ...]") -> None:
        self._engine, self._photos, self._owner = engine, photos, owner
        self._deployed = ('',) + tuple(deployed)
        #: Name of the operation to (actions, what answers).
        self._posts = {
            'check': (('AIGCImageCheck',), service.check),
            'train': (('AIGCImageTrain',), service.train),
            'create': (('AIGCImageCreate',), service.create),
            # No guide describes what the service answers.
            'sd': (('AIGCImageSD',), lambda body: _emulated(
                task=_given(body, 'configure', dict, 'create_input').get('task'))),
            'images': (IMAGE_ACTIONS, self._image),
            'text': (TEXT_ACTIONS, lambda body: _emulated(length=len(_given(body, 'text')))),
            'videos': (VIDEO_ACTIONS, lambda body: {
                'job_id': service.add_videos([_given(body, 'video_url')])[0][0]}),
            'batch_videos': (VIDEO_ACTIONS, lambda body: {
                'batch_id': service.add_videos(_given(body, 'videos', list), True)[1]}),
            'images_with_text': (('ImageTextTag',), lambda body: _emulated(
                images=len(_given(body, 'images', list)),
                length=0 if body.get('text') is None else len(_given(body, 'text')))),
            'ai_creation': (('AICreation',),
                            lambda body: _emulated(content=_given(body, 'content'))),
            'eval_judger': (('LLMEvalJudger',), _judge),
        }  # type: Dict[str, Tuple[Tuple[str, ...], Callable[[Any], Any]]]
        self._names = dict((OPERATIONS[name], name) for name in self._posts)
        #: (method, start of the path) to what answers for the id behind it.
        self._queries = {
            ('POST', OPERATIONS['async_jobs']): service.job,
            ('GET', OPERATIONS['batch_jobs']): service.batch,
        }  # type: Dict[Tuple[str, str], Callable[[str], Any]]

    def answer(self, record: "Record", target: str, given: "Optional[str]", body: bytes,
               fault: "Dict[str, Any]") -> None:
        request_id = record.answer['request_id']
        try:
            data = self._data(record, resource_of(target), given, body, fault)
            if 'check_results' in data:
                data['request_id'] = request_id
            record.status = 200
            record.answer.update(code=contract.OK, message=contract.SUCCESS, data=data)
        except ServiceFailure as failure:
            record.fail(failure)
        except Exception as error:
            _log.exception('%s %s crashed', record.method, record.path)
            record.fail(ServiceFailure('crash', 'a bug of the emulator, please report it: {}: {}'
                                       .format(type(error).__name__, error)))
        if 'error' in fault and record.status == 200:
            record.status, code, message = fault['error']
            record.answer = {'request_id': request_id, 'code': code, 'message': message}
        if fault:
            record.verdict = 'fault'

    def _data(self, record: "Record", resource: str, given: "Optional[str]", body: bytes,
              fault: "Dict[str, Any]") -> "Any":
        if not given or not self.knows(given):
            raise ServiceFailure('appid', 'Authorization has to be APPID:SIGNATURE with the app '
                                          'id {}'.format(self._owner.app_id))
        record.signature = judged(given, self._owner.token, record.method, resource, body)
        if record.signature['problem']:
            raise ServiceFailure('sign', record.signature['problem'])
        return self._served(record, body, 'error' in fault)

    def _served(self, record: "Record", body: bytes, is_failing: bool) -> "Any":
        path = record.path
        taken = self.method_of(path)
        if taken is None:
            raise ServiceFailure('path', 'there are {}'.format(', '.join(
                sorted(OPERATIONS.values()))))
        if record.method != taken:
            raise ServiceFailure('method', 'this path takes {}'.format(taken))
        for (_, start), query in self._queries.items():
            if path.startswith(start):
                return query(path[len(start):])
        request = _request(body, 'create_input' if path.endswith('/create') else 'train_input')
        actions, work = self._posts[self._names[path]]
        for name, known in (('model_name', self._deployed), ('action', actions)):
            if (request.get(name) or '') not in known:
                raise ServiceFailure('model_name', '`{}` is {!r}; here it is one of {}'.format(
                    name, request.get(name), ', '.join(map(repr, known))))
        if not self._owner.count_call():
            raise ServiceFailure('quota', 'all {} calls are used'.format(self._owner.quota))
        return {} if is_failing else work(request)

    def method_of(self, path: str) -> "Optional[str]":
        for method, start in self._queries:
            if path.startswith(start):
                return method
        return 'POST' if path in self._names else None

    def knows(self, given: "Optional[str]") -> bool:
        return (given or '').rpartition(':')[0] == self._owner.app_id

    def _image(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        picture = self._picture(_given(body, 'image', str, 'image'))
        data = _emulated(image_height=picture.shape[0], image_width=picture.shape[1])
        if body['action'] == 'ImageQA':
            figures = self._engine.quality(picture)
            data['iqa_result'] = round(100 * sum(figures.values()) / len(figures), 2)
        if body['action'] in FACE_ACTIONS:
            data['faces'] = [{
                'box': list(face.box), 'score': round(face.score, 4), 'frontal': face.frontal,
                'landmarks': [[round(x, 1), round(y, 1)] for x, y in face.landmarks]}
                for face in self._engine.faces(picture)]
        return data

    def _picture(self, image: str) -> "Any":
        try:
            if image.startswith(('http://', 'https://')):
                return self._photos.picture(image).pixels()
            return self._photos.opened(base64.b64decode(image.encode('ascii'))).pixels()
        except (PhotoError, ValueError, binascii.Error) as error:
            raise ServiceFailure('image', str(error))


def resource_of(target: str) -> str:
    """Return the path as the service sees it: a gateway's prefix is not signed."""
    start = target.find(_API)
    return target[start:] if start > 0 else target


def _request(body: bytes, error: str) -> "Dict[str, Any]":
    try:
        request = json.loads(body.decode('utf-8'))
    except (ValueError, RuntimeError):
        request = None
    if not isinstance(request, dict) or not is_flat(request):
        raise ServiceFailure(error, 'the body has to be a JSON object, not nested too deep')
    for name in ('model_name', 'action'):
        if not isinstance(request.get(name) or '', str):
            raise ServiceFailure(error, '`{}` has to be a text'.format(name))
    return request


def _emulated(**data: "Any") -> "Dict[str, Any]":
    return dict(data, emulated=True)


def _given(body: "Dict[str, Any]", name: str, kind: type = str,
           error: str = 'train_input') -> "Any":
    """Return a field of a body that has to be of a type, and an array not empty."""
    value = body.get(name)
    if not isinstance(value, kind) or value == []:
        wanted = {'str': 'a text', 'list': 'an array, not empty', 'dict': 'an object'}
        raise ServiceFailure(error, '`{}` has to be {}'.format(name, wanted[kind.__name__]))
    return value


def _judge(body: "Dict[str, Any]") -> "Dict[str, Any]":
    """Answer in the judge's shape, without a judgement."""
    _given(body, 'messages', list)
    choice = {'index': 0, 'finish_reason': 'stop', 'text': 'emulated: not judged'}
    return _emulated(id='emulated-' + uuid.uuid4().hex, object='chat.completion',
                     created=int(time.time()), model=_given(body, 'model'), choices=[choice])


def judged(given: str, token: str, method: str, resource: str, body: bytes) -> "Dict[str, Any]":
    """Return the ``steps`` of the right signature, and the ``problem`` of a wrong one.

    :param given: the Authorization header; its app id has been looked at.
    :param resource: path and query as they arrived.
    """
    signature, path, text, expected = given.rpartition(':')[2], '', '', ''
    # The Python SDK signs the path alone, the Go SDK a query with it.
    for path in (resource, resource.split('?')[0]):
        text = build_sign_string(method, path, body)
        expected = create_sign(text, token)
        if same_signature(signature, expected):
            break
    judgement = {'problem': '', 'steps': [
        ('method', method), ('path', path), ('body bytes', str(len(body))),
        ('body md5', text.split('\n')[1]), ('string to sign', text),
        ('token', '*** ({} bytes)'.format(len(token.encode('utf-8')))),
        ('signature', _shown(expected)), ('received', _shown(signature))]}
    if not same_signature(signature, expected):
        judgement.update(_explained(signature, expected, token, _guesses(method, path, body)))
    return judgement


def _shown(signature: str) -> str:
    return '{}... ({} characters)'.format(signature[:SHOWN], len(signature))


def _explained(signature: str, expected: str, token: str,
               guesses: "Iterator[Guess]") -> "Dict[str, Any]":
    """Return the problem and where what was signed differs from what arrived, if it is found."""
    if signature.lower() == expected:
        return {'problem': 'the signature is right but in capitals; send lowercase hex'}
    if len(signature) != len(expected):
        return {'problem': 'a signature is 64 hex digits; {} characters arrived'.format(
            len(signature))}
    # The token is doubted for what arrived alone: the first guess.
    _, right, _, _ = next(guesses)
    for other, problem in ((token + '\n', BLANK), (token + ' ', BLANK), ('', EMPTY)):
        if create_sign(right, other) == signature:
            return {'problem': problem}
    for problem, text, signed, received in guesses:
        if create_sign(text, token) == signature:
            return {'problem': problem, 'difference': difference(signed, received)}
    return {'problem': UNKNOWN}


def _guesses(method: str, path: str, body: bytes) -> "Iterator[Guess]":
    """Give (problem, string to sign, signed bytes, received bytes) of what is often signed."""
    text = build_sign_string(method, path, body)
    yield '', text, b'', b''
    for words, other in _bodies(body):
        yield (words + ': sign the very bytes that are sent',
               build_sign_string(method, path, other), other, body)
    for other_path in (path[len('/api/v1'):], unquote(path), quote(path), path.rstrip('/'),
                       path + '/', path.lstrip('/'), path + '?', ''):
        yield ('another path was signed: sign it from /api/v1 on, as it is on the wire',
               build_sign_string(method, other_path, body), other_path.encode('utf-8'),
               path.encode('utf-8'))
    for verb in ('get', 'post', 'GET', 'POST', method.lower()):
        yield ('another method was signed: sign the one that is sent, in capitals',
               build_sign_string(verb, path, body), verb.encode('ascii'), method.encode('utf-8'))
    raw = '\n'.join((method, body.decode('utf-8', 'replace'), path))
    for wrong in (text + '\n', raw, text.replace('\n', ''), text.replace('\n', '\r\n')):
        yield ('the string to sign is put together otherwise: method, MD5 of the body and path, '
               'a line break between them, none at the end', wrong, wrong.encode('utf-8'),
               text.encode('utf-8'))


def _bodies(body: bytes) -> "Iterator[Tuple[str, bytes]]":
    yield 'no body was signed', b''
    yield '{} was signed', b'{}'
    for other in (body.strip(), body + b'\n'):
        yield 'the end of the body was signed otherwise', other
    try:
        document = json.loads(body[:MOST_GUESSED_BYTES].decode('utf-8'))
    except (ValueError, RuntimeError):
        return
    for number in range(36):
        text = json.dumps(document, indent=(None, 2, 4)[number // 12],
                          separators=((', ', ': '), (',', ':'), (',', ': '))[number // 4 % 3],
                          ensure_ascii=bool(number & 1), sort_keys=bool(number & 2))
        for end in ('', '\n'):
            yield ('the same JSON was signed, written otherwise',
                   (text + end).encode('utf-8', 'replace'))


def difference(signed: bytes, received: bytes) -> "Dict[str, Any]":
    """Return the first byte that differs, counted from 0, and what stands around it."""
    byte = next((index for index, pair in enumerate(zip(signed, received)) if pair[0] != pair[1]),
                min(len(signed), len(received)))
    before, around = slice(max(0, byte - AROUND), byte), slice(byte, byte + AROUND)
    return {'byte': byte, 'before': received[before].decode('utf-8', 'replace'),
            'signed': signed[around].decode('utf-8', 'replace'),
            'received': received[around].decode('utf-8', 'replace'),
            'signed_bytes': len(signed), 'received_bytes': len(received)}
