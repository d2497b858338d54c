"""What the service does: check photos, train people, create portraits, report jobs."""
import base64
import datetime
import json
import logging
import threading
import time
import uuid

from ..util.parameters import PARAMETERS
from . import contract
from .contract import ServiceFailure
from .photos import PhotoError, name_of
from .verdicts import Judge, memory_of, verdict_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from .faces import FaceEngine
    from .faults import Faults
    from .photos import Photos
    from .store import Store

_log = logging.getLogger('ai_service_python_sdk.emulator')
_parameters = dict((parameter.name, parameter) for parameter in PARAMETERS)
_ZONE = datetime.timezone(datetime.timedelta(hours=8))


class Service(object):
    """The portrait operations; each takes the decoded body and returns ``data``.

    :param training_seconds: how long a training takes at least.
    :param counts: least and most photos of a training.
    """

    def __init__(self, store: "Store", engine: "FaceEngine", photos: "Photos", faults: "Faults",
                 training_seconds: float, counts: "Tuple[int, int]",
                 strict: bool = False) -> None:
        self._store = store
        self._engine = engine
        self._photos = photos
        self._judge = Judge(engine, photos, strict)
        self._faults = faults
        self._seconds = training_seconds
        self._counts = counts
        self._closing = threading.Event()
        self._threads = []  # type: List[threading.Thread]

    def resume(self) -> None:
        """Take up the trainings that a stop interrupted; their photos have to be at hand again."""
        for row in self._store.unfinished():
            self._start_training(row['id'], row['model_id'], json.loads(row['request']))

    def interrupt(self) -> None:
        """Let no training end any more, so that none fails for photos that are going away."""
        self._closing.set()

    def close(self) -> None:
        """Stop trainings where they are; a restart takes them up again."""
        self.interrupt()
        for thread in self._threads:
            thread.join()

    # check

    def check(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Look at photos one by one, then at whether they show one person."""
        began = time.time()
        images = self._images(body)
        results = self._look_at(images)[0]
        return {'check_results': results, 'cost_time': round(time.time() - began, 3),
                'images': images}

    def _images(self, body: "Dict[str, Any]") -> "List[str]":
        images = body.get('images')
        if not images:
            raise ServiceFailure('photos_missing')
        if not isinstance(images, list) or not all(isinstance(url, str) for url in images):
            raise ServiceFailure('train_input')
        if len(images) > self._counts[1]:
            raise ServiceFailure('train_input')
        return images

    def _look_at(self, images: "List[str]") -> "Tuple[List[Dict[str, Any]], List[Any]]":
        """Return a result and a :class:`.Look` for each photo."""
        looks = self._judge.look_at(images, lambda url: (
            verdict_of(2, 'the emulator stops') if self._closing.is_set() else None))
        for url, look in zip(images, looks):
            verdict = look.verdict
            if verdict.reason:
                _log.log(logging.WARNING if verdict.code == 1 else logging.INFO,
                         '%s: code %d, %s', name_of(url), verdict.code, verdict.reason)
        return [_result(url, look.verdict) for url, look in zip(images, looks)], looks

    # train

    def train(self, body: "Dict[str, Any]", app_id: str) -> "Dict[str, Any]":
        """Accept a training; it runs in the background."""
        images = self._images(body)
        if len(images) < self._counts[0]:
            raise ServiceFailure('train_input')
        if len(images) < contract.STRICT_PHOTO_COUNTS[0]:
            _log.warning('a training with %d photos: the guide wants %d to %d, the service may '
                         'refuse it', len(images), *contract.STRICT_PHOTO_COUNTS)
        model_id = str(uuid.uuid4())
        fault = self._faults.take('/api/v1/aigc_images/train', training=True)
        request = {'images': images, 'fault': fault.get('fail_training')}
        job_id = self._store.add_job('Image', app_id, time.time(), self._seconds,
                                     json.dumps(request), model_id)
        self._start_training(job_id, model_id, request)
        return {'job_id': job_id, 'model_id': model_id}

    def _start_training(self, job_id: int, model_id: str, request: "Dict[str, Any]") -> None:
        thread = threading.Thread(target=self._train, args=(job_id, model_id, request))
        thread.daemon = True
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _train(self, job_id: int, model_id: str, request: "Dict[str, Any]") -> None:
        began = time.time()
        message = None
        results = []  # type: List[Dict[str, Any]]
        try:
            results, seen = self._look_at(request['images'])
            message = request['fault'][2] if request['fault'] else self._learn(model_id, seen)
        except Exception:
            _log.exception('training %s failed', job_id)
            message = contract.ERRORS['train_weights'][2]
        if self._closing.is_set():
            return
        outcome = {'cost_time': round(time.time() - began, 3), 'states': results,
                   'model_id': model_id}
        self._store.finish_job(job_id, json.dumps(outcome), message)

    def _learn(self, model_id: str, looks: "List[Any]") -> "Optional[str]":
        """Keep the best photos of a person; return what is wrong if there are none."""
        usable = [look for look in looks if look.crop]
        if not usable:
            return contract.ERRORS['photos'][2]
        if not any(look.verdict.is_frontal for look in usable):
            return contract.ERRORS['train_template'][2]
        self._store.add_person(model_id, memory_of(self._engine, usable))
        return None

    # create

    def create(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Put people into a template."""
        began = time.time()
        configure = _checked_configure(body.get('configure'))
        url = body.get('template_image')
        if not url:
            raise ServiceFailure('template_missing')
        model_ids, answered_id = _model_ids(body)
        people = [self._person(model_id) for model_id in model_ids]
        picture, faces = self._template(url)
        if len(faces) != len(people):
            raise ServiceFailure('face_count')
        jpeg = self._engine.compose(picture, list(zip(faces, people)), configure)
        return {'image': base64.b64encode(jpeg).decode('ascii'), 'model_id': answered_id,
                'cost_time': round(time.time() - began, 3), 'emulated': True}

    def _person(self, model_id: str) -> bytes:
        memory = self._store.person(model_id)
        row = self._store.job_of_model(model_id)
        if memory is None or row is None or self._state(row) != contract.SUCCEEDED:
            raise ServiceFailure('not_trained')
        return memory

    def _template(self, url: "Any") -> "Tuple[Any, Any]":
        try:
            picture = self._photos.picture(url).pixels()
        except PhotoError as error:
            _log.info('template %s: %s', url, error)
            raise ServiceFailure('template_decode')
        if min(picture.shape[:2]) <= contract.LEAST_SIDE:
            raise ServiceFailure('template_process')
        faces = self._engine.faces(picture)
        if not faces:
            raise ServiceFailure('template_face')
        return picture, faces

    # jobs

    def add_other_job(self, kind: str, app_id: str, batch_id: "Optional[int]" = None) -> int:
        """Keep a job of another family; it ends at once with an honest, empty result."""
        job_id = self._store.add_job(kind, app_id, time.time(), self._seconds, '{}',
                                     batch_id=batch_id)
        self._store.finish_job(job_id, json.dumps({'emulated': True}), None)
        return job_id

    def next_batch_id(self) -> int:
        """Return the id of a new batch."""
        return self._store.next_batch_id()

    def job(self, job_id: str) -> "Dict[str, Any]":
        """Report one job."""
        row = self._store.job(int(job_id)) if job_id.isdigit() and len(job_id) < 18 else None
        if row is None:
            raise ServiceFailure('job_id')
        return {'job': self._report(row)}

    def batch(self, batch_id: str) -> "Dict[str, Any]":
        """Report the jobs of a batch."""
        known = batch_id.isdigit() and len(batch_id) < 18
        rows = self._store.jobs_of_batch(int(batch_id)) if known else []
        if not rows:
            raise ServiceFailure('job_id')
        return {'jobs': [self._report(row) for row in rows]}

    def _state(self, row: "Any") -> int:
        """Return a job's state, which follows from times that are kept, not from a timer."""
        elapsed = time.time() - row['created']
        if row['outcome'] is None or elapsed < row['seconds']:
            is_new = elapsed < row['seconds'] * contract.INITIAL_SHARE
            return contract.INITIALISED if is_new else contract.RUNNING
        return contract.FAILED if row['message'] else contract.SUCCEEDED

    def _report(self, row: "Any") -> "Dict[str, Any]":
        state = self._state(row)
        is_done = state in (contract.SUCCEEDED, contract.FAILED)
        message = 'model requesting'
        if is_done:
            message = row['message'] or contract.SUCCESS
        created = datetime.datetime.fromtimestamp(row['created'], _ZONE)
        report = {'id': row['id'], 'app_id': row['app_id'], 'state': state, 'message': message,
                  'create_time': created.isoformat(),
                  'Result': row['outcome'] if state == contract.SUCCEEDED else '',
                  'type': row['kind']}
        if row['batch_id'] is not None:
            report['batch_id'] = row['batch_id']
        return report


def _result(url: str, verdict: "Any") -> "Dict[str, Any]":
    return {'code': verdict.code, 'frontal': verdict.is_frontal, 'message': verdict.message,
            'url': url}


def _checked_configure(configure: "Any") -> "Dict[str, Any]":
    if configure is None:
        return {}
    if not isinstance(configure, dict):
        raise ServiceFailure('create_input')
    problems = [_parameters[name].problem(value) for name, value in configure.items()
                if name in _parameters]
    for problem in problems:
        if problem:
            _log.info('configure: %s', problem)
            raise ServiceFailure('create_input')
    return configure


def _model_ids(body: "Dict[str, Any]") -> "Tuple[List[str], Any]":
    """Return the model ids of a creation, and what the answer names."""
    several, one = body.get('model_ids'), body.get('model_id')
    ids = several if several else [one]  # type: Any
    if not isinstance(ids, list) or not all(_is_uuid(model_id) for model_id in ids):
        raise ServiceFailure('model_id')
    return ids, several or one


def _is_uuid(text: "Any") -> bool:
    try:
        return isinstance(text, str) and bool(uuid.UUID(text)) and len(text) == 36
    except ValueError:
        return False
