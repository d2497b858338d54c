"""What the service does: check photos, train people, create portraits, report jobs."""
import base64
import datetime
import json
import logging
import re
import time
import uuid
from collections import deque

from ..util.parameters import PARAMETERS
from . import contract
from .contract import REASON, ServiceFailure
from .photos import Judge, PhotoError, Verdict, name_of
from .timed import steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Deque, Dict, List, Optional, Tuple
    from .faces import FaceEngine
    from .faults import Faults
    from .photos import Photos
    from .store import Store
    from .trainings import Trainings

#: ``type`` of a training's job, as the service says.
TRAINING = 'Image'
#: Portraits that are kept for the page, and the longest side of their templates in px.
MOST_PORTRAITS, SMALL_SIDE = 12, 480
_ID = re.compile('[0-9]{1,17}$')

_log = logging.getLogger('ai_service_python_sdk.emulator')
_parameters = dict((parameter.name, parameter) for parameter in PARAMETERS)
_ZONE = datetime.timezone(datetime.timedelta(hours=8))


class Service(object):
    """The portrait operations; each takes the decoded body and returns ``data``.

    :param strict: whether photos have to be as many and such as the guide says.
    """

    def __init__(self, app_id: str, store: "Store", engine: "FaceEngine", photos: "Photos",
                 faults: "Faults", trainings: "Trainings", strict: bool) -> None:
        self._app_id, self._store = app_id, store
        self._engine, self._photos = engine, photos
        self._faults, self._trainings = faults, trainings
        self._judge = Judge(engine, photos, strict)
        self._counts = contract.STRICT_PHOTO_COUNTS if strict else contract.PHOTO_COUNTS
        #: The latest portraits, the newest last.
        self.portraits = deque(maxlen=MOST_PORTRAITS)  # type: Deque[Dict[str, Any]]

    def resume(self) -> None:
        """Take up the trainings that a stop interrupted; their photos have to be at hand again."""
        for row in self._store.jobs(state=None, outcome=None, kind=TRAINING):
            self._trainings.submit(row['id'], max(0.0, time.time() - row['created']))

    # check

    def check(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Look at photos one by one, then at whether they show one person."""
        began = steady()
        images = self._images(body)
        results = self._look_at(images)[0]
        return {'check_results': results, 'cost_time': _since(began), 'images': images}

    def _images(self, body: "Dict[str, Any]", least: int = 1) -> "List[str]":
        images = body.get('images')
        if not images:
            raise ServiceFailure('photos_missing', '`images` is empty; give URLs of photos')
        if not isinstance(images, list) or not all(isinstance(url, str) for url in images):
            raise ServiceFailure('train_input', '`images` has to be an array of URLs')
        if not least <= len(images) <= self._counts[1]:
            raise ServiceFailure('train_input', '{} photos; give {} to {}'.format(
                len(images), least, self._counts[1]))
        return images

    def _look_at(self, images: "List[str]") -> "Tuple[List[Dict[str, Any]], List[Any]]":
        verdicts = self._judge.look_at(images, self._scripted)
        return [_result(url, verdict) for url, verdict in zip(images, verdicts)], verdicts

    def _scripted(self, url: str) -> "Any":
        if self._trainings.closing.is_set():
            return Verdict(2, 'the emulator stops')
        code = self._faults.take_photo(url)
        return Verdict(code, 'a fault was set for this photo') if code else None

    # train

    def train(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        images = self._images(body, self._counts[0])
        if len(images) < contract.STRICT_PHOTO_COUNTS[0]:
            _log.warning('a training with %d photos: the guide wants %d to %d, the service may '
                         'refuse it', len(images), *contract.STRICT_PHOTO_COUNTS)
        model_id = str(uuid.uuid4())
        request = json.dumps({'images': images, 'fault': self._faults.take_training()})
        ids, _ = self._store.add_jobs(TRAINING, self._app_id, time.time(), self._trainings.pace,
                                      request, model_id)
        self._trainings.submit(ids[0])
        return {'job_id': ids[0], 'model_id': model_id}

    def work(self, job_id: int) -> None:
        row = self._store.job(id=job_id)
        if row is None or row['outcome'] is not None:
            return
        began, memory = steady(), None
        request = json.loads(row['request'])
        results = []  # type: List[Dict[str, Any]]
        try:
            results, verdicts = self._look_at(request['images'])
            message, memory = self._learn(verdicts)
            message = request['fault'][2] if request['fault'] else message
        except Exception:
            _log.exception('training %s failed', job_id)
            message = contract.ERRORS['train_weights'][2]
        outcome = {'cost_time': _since(began), 'states': results, 'model_id': row['model_id']}
        if not self._trainings.closing.is_set():
            self._store.finish_job(job_id, json.dumps(outcome), message,
                                   None if message else memory)

    def _learn(self, verdicts: "List[Any]") -> "Tuple[Optional[str], Optional[bytes]]":
        """Return what is wrong if there is no good photo of a person, else what is kept."""
        usable = [verdict for verdict in verdicts if verdict.crop]
        if not usable:
            return contract.ERRORS['photos'][2], None
        if not any(verdict.is_frontal for verdict in usable):
            return contract.ERRORS['train_template'][2], None
        return None, self._engine.packed([verdict.crop for verdict in usable])

    # create

    def create(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        began = steady()
        configure = _checked_configure(body.get('configure'))
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
        self.portraits.append({'id': uuid.uuid4().hex, 'time': time.time(), 'configure': configure,
                               'model_ids': model_ids, 'template': url, 'jpeg': jpeg,
                               'small': self._engine.small(picture, SMALL_SIDE)})
        return {'image': base64.b64encode(jpeg).decode('ascii'), 'model_id': answered_id,
                'cost_time': _since(began), 'emulated': True}

    def _person(self, model_id: str) -> bytes:
        memory = self._store.person(model_id)
        row = self._store.job(model_id=model_id)
        if row is None:
            raise ServiceFailure('not_trained', 'no training made model {}'.format(model_id))
        state = self._trainings.state(row)
        if memory is None or state != contract.SUCCEEDED:
            raise ServiceFailure('not_trained', 'job {} is in state {}; wait for 2'.format(
                row['id'], state))
        return memory

    def _template(self, url: "Any") -> "Tuple[Any, Any]":
        name = name_of(str(url))
        try:
            picture = self._photos.picture(url).pixels()
        except PhotoError as error:
            raise ServiceFailure('template_decode', '{}: {}'.format(name, error))
        height, width = picture.shape[:2]
        if min(width, height) <= contract.LEAST_SIDE:
            raise ServiceFailure('template_process', '{}: {} x {} px; both sides must exceed {}'
                                 .format(name, width, height, contract.LEAST_SIDE))
        faces = self._engine.faces(picture)
        if not faces:
            raise ServiceFailure('template_face', '{}: no face was found'.format(name))
        return picture, faces

    # jobs

    def add_videos(self, videos: "List[Any]",
                   is_batch: bool = False) -> "Tuple[List[int], Optional[int]]":
        """Keep a job for each video, with an honest, empty result; return ids and batch id."""
        return self._store.add_jobs('Video', self._app_id, time.time(), self._trainings.pace, '{}',
                                    None, json.dumps({'emulated': True}),
                                    len(videos) if is_batch else None)

    def job(self, job_id: str) -> "Dict[str, Any]":
        return {'job': self._reports('job', id=_id_in(job_id))[0]}

    def batch(self, batch_id: str) -> "Dict[str, Any]":
        return {'jobs': self._reports('batch', batch_id=_id_in(batch_id))}

    def _reports(self, what: str, **wanted: int) -> "List[Dict[str, Any]]":
        rows = self._store.jobs(**wanted)
        if not rows:
            raise ServiceFailure('job_id', 'there is no such ' + what)
        return [self._report(row) for row in rows]

    def _report(self, row: "Any") -> "Dict[str, Any]":
        state = self._trainings.state(row, True)
        row = self._store.job(id=row['id']) or row
        is_over = state in (contract.SUCCEEDED, contract.FAILED)
        message = row['message'] or contract.SUCCESS if is_over else 'model requesting'
        created = datetime.datetime.fromtimestamp(row['created'], _ZONE)
        report = {'id': row['id'], 'app_id': row['app_id'], 'state': state, 'message': message,
                  'create_time': created.isoformat(),
                  'Result': row['outcome'] if state == contract.SUCCEEDED else '',
                  'type': row['kind']}
        reasons = [_line(photo) for photo in results_of(row) if REASON in photo]
        if state == contract.FAILED and reasons:
            report[REASON] = '; '.join(reasons)
        if row['batch_id'] is not None:
            report['batch_id'] = row['batch_id']
        return report


def results_of(row: "Any") -> "List[Dict[str, Any]]":
    """Return what was found of each photo of a job; nothing before its worker has looked."""
    results = json.loads(row['outcome'] or '{}').get('states') or []  # type: List[Dict[str, Any]]
    return results


def _line(photo: "Dict[str, Any]") -> str:
    return '{}: code {}, {}'.format(name_of(photo['url']), photo['code'], photo[REASON])


def _result(url: str, verdict: "Any") -> "Dict[str, Any]":
    result = {'code': verdict.code, 'frontal': verdict.is_frontal, 'message': verdict.message,
              'url': url}
    if verdict.reason:
        result[REASON] = verdict.reason
        _log.log(logging.WARNING if verdict.code == 1 else logging.INFO, '%s', _line(result))
    return result


def _since(began: float) -> float:
    return round(steady() - began, 3)


def _id_in(text: str) -> int:
    """Return the id that a path ends with, -1 for what is none."""
    return int(text) if _ID.match(text) else -1


def _checked_configure(configure: "Any") -> "Dict[str, Any]":
    if configure is None:
        return {}
    if not isinstance(configure, dict):
        raise ServiceFailure('create_input', '`configure` has to be an object')
    for name, value in configure.items():
        problem = _parameters[name].problem(value) if name in _parameters else None
        if problem:
            raise ServiceFailure('create_input', problem)
    return configure


def _model_ids(body: "Dict[str, Any]") -> "Tuple[List[str], Any]":
    several, one = body.get('model_ids'), body.get('model_id')
    ids = several if several else [one]  # type: Any
    if not isinstance(ids, list) or not all(_is_uuid(model_id) for model_id in ids):
        raise ServiceFailure('model_id', '{!r} is not of the form of a UUID'.format(
            several or one))
    return ids, several or one


def _is_uuid(text: "Any") -> bool:
    try:
        return isinstance(text, str) and bool(uuid.UUID(text)) and len(text) == 36
    except ValueError:
        return False
