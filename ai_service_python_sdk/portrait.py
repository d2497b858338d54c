"""The user's job in one object: check photos → train → wait → create → save.

::

    studio = PortraitStudio(ApiClient.from_env())
    studio.portrait(photo_urls, template_url).save('portrait.jpg')
"""
import io
import json
import os
import time
from contextlib import contextmanager
from functools import partial
from random import random

from .client.api.ai_service_aigc_images_api import AIGCImagesApi
from .client.api.ai_service_job_api import AiServiceJobApi
from .client.background import checked_concurrency
from .client.exceptions import ImageCheckError, ResponseError
from .client.job_waiter import (
    DEFAULT_INTERVAL, DEFAULT_LONGEST_INTERVAL, DEFAULT_TIMEOUT, DEFAULT_TOLERATED_FAILURES,
    JobWaiter)
from .client.log import log
from .series import CreateResult, CreateTask, Series
from .util.files import check_place, path_of, write_whole
from .util.picture import Pictured, save, size_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import (Any, Callable, Dict, Iterable, Iterator, List, NoReturn, Optional,
                        Sequence, Tuple, Union)
    from typing_extensions import Unpack
    from .client.api_client import ApiClient
    from .client.job_waiter import Progress, Waiting
    from .client.models.aigc_image_check_response import AIGCImageCheckResponse
    from .client.models.aigc_image_create_response import AIGCImageCreateResponse
    from .client.models.request import Configure
    from .client.typed_methods import Timeout
    from .series import Task
    from .util.files import Path, Place
    AnyModel = Union[str, 'TrainedModel']
    AnyModels = Union[AnyModel, Sequence[AnyModel]]

__all__ = ['CreateResult', 'CreateTask', 'Portrait', 'PortraitStudio', 'TrainedModel']

#: Portraits that are made at the same time.
DEFAULT_CONCURRENCY = 4
#: Trainings that a studio remembers: the latest ones.
TRAININGS_KEPT = 1000
#: Value of ``format`` in the file of a :class:`TrainedModel`.
FILE_FORMAT = 'ai-portrait-model'


class _OfTheStudio(object):
    """Stands for the studio's own time limit; None is a limit too: none at all."""

    def __repr__(self) -> str:
        return 'the limit of the studio'


_OF_THE_STUDIO = _OfTheStudio()  # type: Any


class TrainedModel(object):
    """A person's model: the two ids to keep, since the service has no list of them.

    :param model_id: what portraits are created with once the job has succeeded.
    :param job_id: the training's job; None if it is not known.
    """

    def __init__(self, model_id: str, job_id: "Union[int, str, None]" = None) -> None:
        if not isinstance(model_id, str) or not model_id:
            raise ValueError("`model_id` is {!r}; give the id of a training's answer"
                             .format(model_id))
        self.model_id = model_id
        self.job_id = job_id

    def save(self, path_or_file: "Place") -> None:
        """Write the ids as JSON, whole or not at all."""
        content = {'format': FILE_FORMAT, 'model_id': self.model_id, 'job_id': self.job_id}
        write_whole(json.dumps(content, sort_keys=True).encode('ascii') + b'\n', path_or_file)

    @classmethod
    def load(cls, path: "Path") -> "TrainedModel":
        """Read what :meth:`save` wrote.

        :raises OSError: the file is missing; :raises ValueError: it is something else.
        """
        path = os.fsdecode(path_of(path))
        with io.open(path, encoding='utf-8-sig') as stream:
            try:
                content = json.load(stream)
                if content['format'] == FILE_FORMAT:
                    return cls(content['model_id'], content.get('job_id'))
            except (ValueError, LookupError, TypeError):
                pass
        raise ValueError('{} does not hold a model; give a file that TrainedModel.save() wrote'
                         .format(path))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TrainedModel) and vars(self) == vars(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.model_id)

    def __repr__(self) -> str:
        return 'TrainedModel({!r}, job_id={!r})'.format(self.model_id, self.job_id)


class Portrait(Pictured):
    """A finished picture; notebooks show it."""

    def __init__(self, response: "AIGCImageCreateResponse", models: "List[TrainedModel]") -> None:
        picture = response.image_bytes
        if picture is None:
            raise ResponseError(why='the answer {} holds no picture'.format(response.request_id))
        self._picture = picture  # type: bytes
        #: Seconds that the service spent.
        self.cost_time = response.cost_time  # type: Optional[float]
        self.request_id = response.request_id  # type: Optional[str]
        #: The models of the persons, left to right; keep them for the next portrait.
        self.models = models

    @property
    def image_bytes(self) -> bytes:
        """The picture file as the service made it."""
        return self._picture

    @property
    def size(self) -> "Optional[Tuple[int, int]]":
        """(width, height) in pixels; None if the file is neither JPEG nor PNG."""
        return size_of(self._picture)

    def save(self, path_or_file: "Place") -> None:
        """Write the picture to a path, whole or not at all, or to an open binary file."""
        save(self._picture, path_or_file)

    def to_pillow(self) -> "Any":
        """Return a ``PIL.Image``.

        :raises ImportError: Pillow is not installed; the message names the extra.
        """
        try:
            from PIL import Image
        except ImportError:
            raise ImportError('Pillow is not installed: pip install '
                              '"ai-service-python-sdk[images]"')
        return Image.open(io.BytesIO(self._picture))

    def to_numpy(self) -> "Any":
        """Return an array of height x width x 3, RGB, 0 to 255.

        :raises ImportError: Pillow or numpy is not installed; the message names the extra.
        """
        try:
            import numpy
        except ImportError:
            raise ImportError('numpy is not installed: pip install '
                              '"ai-service-python-sdk[images]"')
        return numpy.asarray(self.to_pillow().convert('RGB'))

    def __repr__(self) -> str:
        return 'Portrait({}, {} bytes, size={}, models={!r})'.format(
            self.media_type, len(self._picture), self.size, self.models)


class PortraitStudio(object):
    """Portraits over one client.

    :param client: the line to the service; the caller closes it.
    :param model_name: a deployed model service, ``''`` for the general one.
    :param timeout: seconds for each wait that says nothing else; None for no limit.
    :param interval: of all waits, as are the arguments after it; see :class:`.JobWaiter`.
    :raises ValueError: an option that is negative or not a number.
    :raises TypeError: an unknown option; the message lists those that exist.
    """

    def __init__(self, client: "ApiClient", model_name: "Optional[str]" = '',
                 timeout: "Optional[float]" = DEFAULT_TIMEOUT, interval: float = DEFAULT_INTERVAL,
                 longest_interval: float = DEFAULT_LONGEST_INTERVAL,
                 tolerated_failures: int = DEFAULT_TOLERATED_FAILURES,
                 on_progress: "Optional[Progress]" = None,
                 clock: "Callable[[], float]" = time.monotonic,
                 sleep: "Callable[[float], Any]" = time.sleep,
                 chance: "Callable[[], float]" = random, **unknown: "NoReturn") -> None:
        self._client = client
        self._api = AIGCImagesApi(client)
        self._jobs = AiServiceJobApi(client)
        self._model_name = model_name
        #: Arguments of :class:`.JobWaiter` for all waits.
        self.waiting = dict(
            timeout=timeout, interval=interval, longest_interval=longest_interval,
            tolerated_failures=tolerated_failures, on_progress=on_progress, clock=clock,
            sleep=sleep, chance=chance, **unknown)  # type: Dict[str, Any]
        # What is wrong with them is said here, not after a training has been paid for.
        self._waiter()
        #: The trainings that this studio has started, from the moment the service accepted each;
        #: of more than :data:`TRAININGS_KEPT` the latest.
        self.trainings = []  # type: List[TrainedModel]

    def check(self, images: "Sequence[str]",
              raise_failures: bool = True) -> "AIGCImageCheckResponse":
        """Say of each photo whether it fits a training.

        :param images: URLs of the photos, 5 to 20 for a training.
        :param raise_failures: whether a photo that does not fit is an error.
        :raises ImageCheckError: which photos do not fit, why, and what to do.
        :raises ApiException: the service refused, or could not be reached.
        """
        response = self._api.aigc_images_check(_listed(images), self._model_name)
        response.raise_for_code()
        if raise_failures and response.failures:
            raise ImageCheckError(response.failures, response.request_id)
        if raise_failures and not response.passed:
            raise ResponseError(why='the answer {} says nothing of the photos'
                                .format(response.request_id))
        return response

    def train(self, images: "Sequence[str]", wait: bool = True,
              timeout: "Optional[float]" = _OF_THE_STUDIO,
              on_progress: "Optional[Progress]" = None, save_to: "Optional[Path]" = None,
              **waiting: "Unpack[Waiting]") -> TrainedModel:
        """Train a model of a person; it is paid, and never sent twice behind your back.

        The ids are in :attr:`trainings`, and in the file ``save_to``, as soon as the service has
        accepted; what ends a wait early (errors, Ctrl-C) carries ``job_id`` and ``model_id``, or
        else they are logged at WARNING. What is wrong with the arguments of the wait is said
        before the training is paid for.

        :param wait: whether to return when the training has succeeded, or at once.
        :param timeout: seconds to wait; None for no limit, without it the studio's own limit.
        :param on_progress: called with the :class:`.Job` at every change.
        :param save_to: path of the file that keeps the ids, see :meth:`TrainedModel.load`.
        :param waiting: options of this wait over the studio's, such as ``interval=5``.
        :raises JobFailedError, JobTimeoutError, WaitInterrupted: see :class:`.JobWaiter`.
        :raises ApiException: the service refused, or could not be reached.
        """
        waiter = self._waiter(timeout, on_progress, waiting)
        if save_to is not None:
            check_place(save_to)
        response = self._api.aigc_images_train(_listed(images), self._model_name)
        response.raise_for_code()
        if not response.model_id:
            raise ResponseError(why='the answer {} names no model (job {})'.format(
                response.request_id, response.job_id))
        model = TrainedModel(response.model_id, response.job_id)
        self.trainings.append(model)
        del self.trainings[:-TRAININGS_KEPT]
        with _remembered([model]):
            if save_to is not None:
                model.save(save_to)
            return _wait(waiter, model) if wait else model

    def wait(self, model: TrainedModel, timeout: "Optional[float]" = _OF_THE_STUDIO,
             on_progress: "Optional[Progress]" = None,
             **waiting: "Unpack[Waiting]") -> TrainedModel:
        """Wait until a model is trained; also to go on after a wait that ended early.

        :param waiting: options of this wait over the studio's, such as ``interval=5``.
        """
        return _wait(self._waiter(timeout, on_progress, waiting), model)

    def _waiter(self, timeout: "Optional[float]" = _OF_THE_STUDIO,
                on_progress: "Optional[Progress]" = None, waiting: "Any" = ()) -> JobWaiter:
        options = dict(self.waiting, **dict(waiting))
        if timeout is not _OF_THE_STUDIO:
            options['timeout'] = timeout
        if on_progress is not None:
            options['on_progress'] = on_progress
        return JobWaiter(self._jobs, **options)

    def create(self, models: "AnyModels", template: str, configure: "Configure" = None,
               timeout: "Timeout" = None) -> Portrait:
        """Put one or several persons into a template picture; takes tens of seconds, is paid.

        :param models: a :class:`TrainedModel` or model id; a list for several persons, one for
            each face of the template, presumably left to right.
        :param template: URL of the template picture.
        :param configure: a dict or :class:`.PortraitConfigure`.
        :param timeout: seconds for this call, or (connect, read); None for the client's setting.
        :raises ApiException: the service refused, or could not be reached.
        """
        chosen = _models(models)
        ids = [model.model_id for model in chosen]
        # Not named if it is not given: a double of the method need not know it.
        options = {} if timeout is None else {'_request_timeout': timeout}  # type: Any
        if len(ids) == 1:
            response = self._api.aigc_images_create(ids[0], template, self._model_name, configure,
                                                    **options)
        else:
            response = self._api.aigc_images_create_by_multi_model_ids(
                ids, template, self._model_name, configure, **options)
        response.raise_for_code()
        return Portrait(response, chosen)

    def portrait(self, photos: "Union[Sequence[str], Sequence[Sequence[str]]]", template: str,
                 configure: "Configure" = None, timeout: "Optional[float]" = _OF_THE_STUDIO,
                 on_progress: "Optional[Progress]" = None,
                 **waiting: "Unpack[Waiting]") -> Portrait:
        """Do the whole job: check the photos, train, wait, create.

        :param photos: URLs of one person's photos; for several persons a list of such lists, one
            for each face of the template. All are checked before the first training is paid for.
        :param timeout: seconds to wait for each person; None for no limit, without it the
            studio's own limit.
        :param waiting: options of these waits over the studio's, such as ``interval=5``.
        :return: the portrait; ``portrait.models`` are the models for the next one.
        :raises ImageCheckError, JobFailedError, JobTimeoutError, ApiException: as in the steps.
        """
        people = _people(photos)
        # What is wrong with it is said before anything is paid for.
        self._waiter(timeout, on_progress, waiting)
        for images in people:
            self.check(images)
        models = []  # type: List[TrainedModel]
        with _remembered(models):
            for images in people:
                models.append(self.train(images, wait=False))
            for model in models:
                self.wait(model, timeout, on_progress, **waiting)
            return self.create(models, template, configure)

    def create_many(self, tasks: "Iterable[Task]", concurrency: int = DEFAULT_CONCURRENCY,
                    timeout: "Timeout" = None) -> "Iterator[CreateResult]":
        """Yield results as portraits are finished, in bounded memory; nothing is paid twice.

        A task that fails gives a result with its ``error`` and does not stop the others. At most
        ``concurrency`` tasks are read ahead. While the service says "too many calls" (429), all
        new calls wait as :class:`.Brake` tells, and what it refused so is sent again. Once the
        quota is used up nothing more is sent: what is left ends in :class:`.NotSentError`. Who
        stops iterating early loses the portraits that are being made at that moment.

        :param tasks: :class:`CreateTask`, or tuples like it: ``(models, template)``, ``(models,
            template, configure)`` or ``(models, template, configure, key)``.
        :param concurrency: portraits that are made at the same time, each over one connection.
        :param timeout: of each call, as for :meth:`create`.
        :raises ValueError: ``concurrency`` is not a whole number from 1 up.
        """
        concurrency = checked_concurrency(concurrency)
        self._client.expect(concurrency)
        create = partial(self.create, timeout=timeout)
        return Series(create, tasks, self.waiting).results(concurrency)


def _listed(images: "Iterable[Any]") -> "List[Any]":
    """Return photos as a list; Python would take a string for a list of its letters."""
    if isinstance(images, (str, bytes)):
        raise ValueError('`images` is a single string; pass a list of URLs')
    return list(images)


def _people(photos: "Iterable[Any]") -> "List[List[str]]":
    """Return a list of photos for each person, also for one."""
    given = _listed(photos)
    if not given:
        raise ValueError('`photos` is empty; give the URLs of 5 to 20 photos')
    return [given] if isinstance(given[0], str) else [_listed(images) for images in given]


def _wait(waiter: JobWaiter, model: TrainedModel) -> TrainedModel:
    if model.job_id is None:
        raise ValueError('`model` has no job_id to wait for; give it when making it')
    waiter.wait_for_async_job(model.job_id, model.model_id)
    return model


@contextmanager
def _remembered(models: "List[TrainedModel]") -> "Iterator[None]":
    """Log the ids of what is paid for if an error ends the block and does not name them all."""
    try:
        yield
    except BaseException as error:
        if models:
            error.models = list(models)  # type: ignore[attr-defined]
        if models and (len(models) > 1 or getattr(error, 'job_id', None) is None):
            log.warning('ended early; keep the ids of the trainings that are paid for: %r',
                        models)
        raise


def _models(models: "AnyModels") -> "List[TrainedModel]":
    listed = [models] if isinstance(models, (str, TrainedModel)) else list(models)
    if not listed:
        raise ValueError('`models` is empty; give one for each face of the template')
    return [model if isinstance(model, TrainedModel) else TrainedModel(model) for model in listed]
