"""The service itself: who may call, and each operation: check, train, create, jobs."""
import base64
import datetime
import json
import logging
import re
import time
import uuid

from ..util.parameters import BY_NAME
from ..util.redact import bare_url
from ..util.verify import judged
from . import contract
from .contract import OPERATIONS, REASON, ServiceFailure, log
from .journal import loaded
from .photos import TOO_SMALL, Photo, PhotoError, Photos, Verdict, file_in, name_of
from .timed import steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from .emulator import Emulator
    from .faces import FaceEngine
    from .journal import Record

#: ``type`` of a training's job, as the service says.
TRAINING = 'Image'
#: Columns of a video's job, whose result only says that it is emulated.
_VIDEO = {'kind': 'Video', 'request': '{}', 'outcome': '{"emulated": true}'}
#: Longest side in px of the templates that are kept for the page.
SMALL_SIDE = 480
_ID = re.compile(r'[0-9]{1,17}\Z')
_UUID = re.compile(r'[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z')

_ZONE = datetime.timezone(datetime.timedelta(hours=8))
#: The quality of any picture here, of 100: none is rated.
UNRATED = 50.0


class Service(object):
    """Checks who calls, then does each operation.

    Operations that make no portrait answer in their documented shape, with ``emulated``.

    :param owner: its app id, token, quota, store, faults and trainings; job and batch queries
        are free (emulator policy).
    :param deployed, allow_hosts, strict, files: see :class:`.Emulator`.
    """

    def __init__(self, owner: "Emulator", engine: "FaceEngine", deployed: "Sequence[str]",
                 allow_hosts: "Sequence[str]", strict: bool, files: "Optional[str]") -> None:
        self._owner, self._store, self._trainings = owner, owner.store, owner.trainings
        self._files = files
        self._engine, self._photos = engine, Photos(engine, allow_hosts, strict)
        self._deployed = ('',) + tuple(deployed)
        self._counts = contract.STRICT_PHOTO_COUNTS if strict else contract.PHOTO_COUNTS
        self._works = {
            'check': self.check, 'train': self.train, 'create': self.create,
            'videos': lambda body: {'job_id': self._add_jobs(**_VIDEO)},
            'batch_videos': lambda body: {'batch_id': self._add_jobs(
                count=len(body['videos']), is_batch=True, **_VIDEO)},
            'images': self._image,
            # No guide describes the answers of these.
            'sd': lambda body: {'task': body['configure'].get('task')},
            'text': lambda body: {'length': len(body['text'])},
            'images_with_text': lambda body: {
                'images': len(body['images']), 'length': len(str(body.get('text') or ''))},
            'ai_creation': lambda body: {'content': body['content']},
            'eval_judger': _judgement,
            'async_jobs': lambda query: {'job': self._reports('id', query['id'])[0]},
            'batch_jobs': lambda query: {'jobs': self._reports('batch_id', query['id'])},
        }  # type: Dict[str, Callable[[Any], Dict[str, Any]]]

    def data(self, record: "Record", resource: str, given: "Optional[str]", body: bytes,
             fault: "Dict[str, Any]") -> "Dict[str, Any]":
        """Return the ``data`` of an answer, or raise ServiceFailure.

        :param resource: path and query as they arrived; :param given: the Authorization header.
        """
        if not given or not self.knows(given):
            raise ServiceFailure('appid', 'Authorization has to be APPID:SIGNATURE with the app '
                                          'id {}'.format(self._owner.app_id))
        record.signature = judged(given, self._owner.token, record.method, resource, body)
        if record.signature['problem']:
            raise ServiceFailure('sign', record.signature['problem'])
        name = record.operation
        if name is None:
            raise ServiceFailure('path', 'there are {}'.format(', '.join(
                sorted(row[1] for row in OPERATIONS.values()))))
        method, _, actions, fields = OPERATIONS[name]
        if record.method != method:
            raise ServiceFailure('method', 'this path takes {}'.format(method))
        request = {'id': record.path.rpartition('/')[2]}
        if actions:
            request = self._request(name, body)
        if 'error' in fault:
            raise ServiceFailure('fault', None, fault['error'])
        data = self._works[name](request)
        if name == 'check':
            data['request_id'] = record.answer['request_id']
        return dict(data, emulated=True) if fields else data

    def knows(self, given: "Optional[str]") -> bool:
        return (given or '').rpartition(':')[0] == self._owner.app_id

    def _request(self, name: str, body: bytes) -> "Dict[str, Any]":
        """Return the body as a dict with the fields that the operation needs; count the call."""
        try:
            request = loaded(body)  # type: Dict[str, Any]
        except ValueError:
            request = {}
        if not request or not isinstance(request, dict):
            raise ServiceFailure('create_input' if name == 'create' else 'train_input',
                                 'the body has to be a JSON object')
        for field, known in (('model_name', self._deployed), ('action', OPERATIONS[name][2])):
            if (request.get(field) or '') not in known:
                raise ServiceFailure('model_name', '`{}` is {!r}; here it is one of {}'.format(
                    field, request.get(field), ', '.join(map(repr, known))))
        if not self._store.count_call(self._owner.quota):
            raise ServiceFailure('quota', 'all {} calls are used'.format(self._owner.quota))
        for field, kind in OPERATIONS[name][3].items():
            if not isinstance(request.get(field), kind) or request[field] == []:
                raise ServiceFailure('train_input', '`{}` is missing, empty or not a {}'.format(
                    field, kind.__name__))
        return request

    def _image(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        image = body['image']
        try:
            photo = (self._photos.picture(image) if image.startswith(('http://', 'https://')) else
                     Photo(self._engine, base64.b64decode(image.encode('ascii'))))
            height, width = photo.pixels(least=0).shape[:2]
        except (PhotoError, ValueError) as error:
            raise ServiceFailure('image', str(error))
        data = {'image_height': height, 'image_width': width}  # type: Dict[str, Any]
        if body['action'] == 'ImageQA':
            data['iqa_result'] = UNRATED
        return data

    # check

    def check(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Judge photos one by one, then whether they show one person."""
        began, images = steady(), self._images(body)
        results = self._look_at(images)[0]
        return {'check_results': results, 'images': images,
                'cost_time': round(steady() - began, 3)}

    def _images(self, body: "Dict[str, Any]", least: int = 1) -> "List[str]":
        images = body.get('images')
        if not images:
            raise ServiceFailure('photos_missing', '`images` is empty; give URLs of photos')
        if (not isinstance(images, list) or not all(isinstance(url, str) for url in images)
                or not least <= len(images) <= self._counts[1]):
            raise ServiceFailure('train_input', '`images` has to be an array of {} to {} URLs'
                                 .format(least, self._counts[1]))
        return images

    def _look_at(self, images: "List[str]") -> "Tuple[List[Dict[str, Any]], List[Verdict]]":
        verdicts = self._photos.look_at(images, self._check_script)
        return [_result(url, verdict) for url, verdict in zip(images, verdicts)], verdicts

    def _check_script(self, url: str) -> None:
        if self._trainings.closing.is_set():
            raise PhotoError('the emulator stops')
        for code in self._owner.faults.take(url, 'photo').values():
            raise PhotoError('a fault was set for this photo', code)

    # train

    def train(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        images = self._images(body, self._counts[0])
        if len(images) < contract.STRICT_PHOTO_COUNTS[0]:
            log.warning('a training with %d photos: the guide wants %d to %d, the service may '
                        'refuse it', len(images), *contract.STRICT_PHOTO_COUNTS)
        model_id = str(uuid.uuid4())
        fault = self._owner.faults.take(contract.OPERATIONS['train'][1], 'fail_training')
        request = json.dumps({'images': images, 'files': self._owner.url(''),
                              'fault': fault.get('fail_training')})
        job_id = self._add_jobs(kind=TRAINING, request=request, model_id=model_id)
        self._trainings.submit(job_id)
        return {'job_id': job_id, 'model_id': model_id}

    def _add_jobs(self, **columns: "Any") -> int:
        seconds, looks = self._trainings.pace
        return self._store.add_jobs(created=time.time(), seconds=seconds, looks=looks,
                                    **columns)[0]

    def work(self, job_id: int) -> None:
        row = self._store.job(id=job_id)
        if row is None or row['outcome'] is not None:
            return
        began, memory = steady(), None
        request = json.loads(row['request'])
        results = []  # type: List[Dict[str, Any]]
        try:
            # Photos of its own folder are where it listens now, after a restart elsewhere too.
            own, now = request['files'], self._owner.url('')
            results, verdicts = self._look_at([
                now + url[len(own):] if url.startswith(own) and file_in(
                    self._files, bare_url(url)[len(own):]) else url for url in request['images']])
            message, memory = self._learn(verdicts)
            message = request['fault'][2] if request['fault'] else message
        except Exception:
            log.exception('training %s failed', job_id)
            message = contract.ERRORS['train_weights'][2]
        for result in results:
            # The file of the store must hold no signature.
            result['url'] = bare_url(result['url'])
        outcome = {'states': results, 'model_id': row['model_id'],
                   'cost_time': round(steady() - began, 3)}
        if not self._trainings.closing.is_set():
            self._store.finish_job(job_id, json.dumps(outcome), message,
                                   None if message else memory)

    def _learn(self, verdicts: "List[Any]") -> "Tuple[Optional[str], Optional[bytes]]":
        """Return why photos cannot be trained and None, or None and what is kept of the person."""
        crops = [verdict.crop for verdict in verdicts if verdict.code == 1]
        if not crops:
            return contract.ERRORS['photos'][2], None
        if not any(crop.face.frontal for crop in crops):
            return contract.ERRORS['train_template'][2], None
        return None, self._engine.packed(crops)

    # create

    def create(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        began = steady()
        configure = _checked_configure(body.get('configure') or {})
        url = body.get('template_image')
        if not url:
            raise ServiceFailure('template_missing', 'give the URL of a picture')
        model_ids, answered_id = _model_ids(body)
        people = [self._person(model_id) for model_id in model_ids]
        picture, faces = self._template(url)
        if len(faces) != len(people):
            raise ServiceFailure('face_count', '{} faces in the template, {} model ids'.format(
                len(faces), len(people)))
        jpeg = self._engine.compose(picture, list(zip(faces, people)), configure)
        self._owner.portraits.append({
            'id': uuid.uuid4().hex, 'time': time.time(), 'configure': configure,
            'model_ids': model_ids, 'template': url, 'jpeg': jpeg,
            'small': self._engine.small(picture, SMALL_SIDE)})
        return {'image': base64.b64encode(jpeg).decode('ascii'), 'model_id': answered_id,
                'cost_time': round(steady() - began, 3), 'emulated': True}

    def _person(self, model_id: str) -> "Any":
        row = self._store.job(model_id=model_id)
        if row is None:
            raise ServiceFailure('not_trained', 'no training made model {}'.format(model_id))
        state = self._trainings.state(row)
        if state != contract.SUCCEEDED:
            raise ServiceFailure('not_trained', 'job {} is in state {}; wait for 2'.format(
                row['id'], state))
        return self._store.person(model_id)

    def _template(self, url: "Any") -> "Tuple[Any, Any]":
        name = name_of(str(url))
        try:
            picture = self._photos.picture(url).pixels()
        except PhotoError as error:
            raise ServiceFailure('template_process' if error.code == TOO_SMALL else
                                 'template_decode', '{}: {}'.format(name, error))
        faces = self._engine.faces(picture)
        if not faces:
            raise ServiceFailure('template_face', '{}: no face was found'.format(name))
        return picture, faces

    # jobs

    def _reports(self, column: str, number: str) -> "List[Dict[str, Any]]":
        rows = self._store.jobs(**{column: int(number)}) if _ID.match(number) else []
        if not rows:
            raise ServiceFailure('job_id', 'there is no such ' + (
                'job' if column == 'id' else 'batch'))
        return [self._report(row) for row in rows]

    def _report(self, row: "Any") -> "Dict[str, Any]":
        state = self._trainings.state(row, True)
        row = self._store.job(id=row['id']) or row
        is_over = state in (contract.SUCCEEDED, contract.FAILED)
        message = row['message'] or contract.SUCCESS if is_over else 'model requesting'
        created = datetime.datetime.fromtimestamp(row['created'], _ZONE)
        report = {'id': row['id'], 'app_id': self._owner.app_id, 'state': state,
                  'message': message, 'create_time': created.isoformat(), 'type': row['kind'],
                  'Result': row['outcome'] if state == contract.SUCCEEDED else ''}
        reasons = [_line(photo) for photo in photos_of(row) if REASON in photo]
        if state == contract.FAILED and reasons:
            report[REASON] = '; '.join(reasons)
        if row['batch_id'] is not None:
            report['batch_id'] = row['batch_id']
        return report


def resource_of(target: str) -> str:
    """Return path and query as the service sees them: without the prefix of a gateway."""
    return target[max(0, target.find('/api/v1/')):]


def _judgement(body: "Dict[str, Any]") -> "Dict[str, Any]":
    """Answer in the judge's shape, without a judgement."""
    choice = {'index': 0, 'finish_reason': 'stop', 'text': 'emulated: not judged'}
    return {'id': 'emulated-' + uuid.uuid4().hex, 'object': 'chat.completion',
            'created': int(time.time()), 'model': body['model'], 'choices': [choice]}


def photos_of(row: "Any") -> "List[Dict[str, Any]]":
    """Return the judgement on each photo of a job, before its worker is done only the ``url``."""
    results = json.loads(row['outcome'] or '{}').get('states')  # type: List[Dict[str, Any]]
    return results or [{'url': url} for url in json.loads(row['request']).get('images', [])]


def _line(photo: "Dict[str, Any]") -> str:
    return '{}: code {}, {}'.format(name_of(photo['url']), photo['code'], photo[REASON])


def _result(url: str, verdict: Verdict) -> "Dict[str, Any]":
    result = {'code': verdict.code, 'url': url,
              'frontal': bool(verdict.crop and verdict.crop.face.frontal),
              'message': contract.PHOTO_MESSAGES[verdict.code]}  # type: Dict[str, Any]
    if verdict.reason:
        result[REASON] = verdict.reason
        log.log(logging.WARNING if verdict.code == 1 else logging.INFO, '%s', _line(result))
    return result


def _checked_configure(configure: "Any") -> "Dict[str, Any]":
    if not isinstance(configure, dict):
        raise ServiceFailure('create_input', '`configure` has to be an object')
    for name, value in configure.items():
        problem = BY_NAME[name].problem(value) if name in BY_NAME else None
        if problem:
            raise ServiceFailure('create_input', problem)
    return configure


def _model_ids(body: "Dict[str, Any]") -> "Tuple[List[str], Any]":
    given = body.get('model_ids') or body.get('model_id')
    ids = given if body.get('model_ids') else [given]  # type: Any
    if not isinstance(ids, list):
        raise ServiceFailure('model_id', '`model_ids` has to be an array')
    if not all(_UUID.match(str(model_id)) for model_id in ids):
        raise ServiceFailure('model_id', '{!r} is not of the form of a UUID'.format(given))
    return ids, given
