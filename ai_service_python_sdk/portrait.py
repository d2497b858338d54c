"""The user's job in one object: check photos → train → wait → create → save.

::

    studio = PortraitStudio(ApiClient.from_env())
    studio.portrait(photo_urls, template_url).save('portrait.jpg')
"""
import io
import json
import os
from contextlib import contextmanager

from six.moves.queue import Empty, Queue

from .client.api.ai_service_aigc_images_api import AIGCImagesApi
from .client.api.ai_service_job_api import AiServiceJobApi
from .client.async_calls import AsyncCalls
from .client.exceptions import ImageCheckError, ResponseError
from .client.job_waiter import DEFAULT_TIMEOUT, JobWaiter
from .client.log import log
from .util.files import check_place, path_of, write_whole
from .util.picture import Pictured, save, size_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Iterable, Iterator, List, Optional, Sequence, Tuple, Union
    from .client.api_client import ApiClient
    from .client.job_waiter import Progress
    from .client.models.aigc_image_check_response import AIGCImageCheckResponse
    from .client.models.aigc_image_create_response import AIGCImageCreateResponse
    from .client.models.request import Configure
    AnyModel = Union[str, 'TrainedModel']
    AnyModels = Union[AnyModel, Sequence[AnyModel]]
    Task = Tuple[Any, ...]

#: Portraits that are made at the same time.
DEFAULT_CONCURRENCY = 4
#: Value of ``format`` in the file of a :class:`TrainedModel`.
FILE_FORMAT = 'ai-portrait-model'


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

    def save(self, path_or_file: "Union[str, IO[bytes]]") -> None:
        """Write the ids as JSON, whole or not at all."""
        content = {'format': FILE_FORMAT, 'model_id': self.model_id, 'job_id': self.job_id}
        write_whole(json.dumps(content, sort_keys=True).encode('ascii') + b'\n', path_or_file)

    @classmethod
    def load(cls, path: "Any") -> "TrainedModel":
        """Read what :meth:`save` wrote.

        :raises OSError: there is no such file; :raises ValueError: it is something else.
        """
        path = os.fsdecode(path_of(path))
        with io.open(path, encoding='utf-8-sig') as stream:
            try:
                content = json.load(stream)
                if content['format'] == FILE_FORMAT:
                    return cls(content['model_id'], content.get('job_id'))
            except (ValueError, LookupError, TypeError):
                pass
        raise ValueError('{} holds no model; give a file that TrainedModel.save() wrote'
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

    def save(self, path_or_file: "Union[str, IO[bytes]]") -> None:
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


class CreateResult(object):
    """What became of one task of :meth:`PortraitStudio.create_many`.

    :ivar index: its place in the input, from 0; :ivar task: the task itself.
    :ivar portrait: the portrait, None after an error; :ivar error: the error, None for a success.
    """

    def __init__(self, index: int, task: "Task") -> None:
        self.index = index
        self.task = task
        self.portrait = None  # type: Optional[Portrait]
        self.error = None  # type: Optional[Exception]

    @property
    def ok(self) -> bool:
        """Whether there is a portrait."""
        return self.error is None

    def __repr__(self) -> str:
        return 'CreateResult({}, {!r})'.format(self.index, self.portrait or self.error)


class PortraitStudio(object):
    """Portraits over one client.

    :param client: the line to the service; the caller closes it.
    :param model_name: a deployed model service, ``''`` for the general one.
    :param waiting: arguments of :class:`.JobWaiter`, such as ``interval``, for all waits.
    """

    def __init__(self, client: "ApiClient", model_name: "Optional[str]" = '',
                 **waiting: "Any") -> None:
        self._api = AIGCImagesApi(client)
        self._jobs = AiServiceJobApi(client)
        self._model_name = model_name
        #: Arguments of :class:`.JobWaiter` for all waits.
        self.waiting = waiting
        #: Every training that this studio has started, from the moment the service accepted it.
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
              timeout: "Optional[float]" = DEFAULT_TIMEOUT,
              on_progress: "Optional[Progress]" = None,
              save_to: "Optional[str]" = None) -> TrainedModel:
        """Train a model of a person; it is paid, and never sent twice behind your back.

        The ids are in :attr:`trainings`, and in the file ``save_to``, as soon as the service has
        accepted; what ends a wait early (errors, Ctrl-C) carries ``job_id`` and ``model_id``, or
        else they are logged at WARNING. What is wrong with the arguments of the wait is said
        before the training is paid for.

        :param wait: whether to return when the training has succeeded, or at once.
        :param timeout: seconds to wait; None for no limit.
        :param on_progress: called with the :class:`.Job` at every change.
        :param save_to: path of the file that keeps the ids, see :meth:`TrainedModel.load`.
        :raises JobFailedError, JobTimeoutError, WaitInterrupted: see :class:`.JobWaiter`.
        :raises ApiException: the service refused, or could not be reached.
        """
        waiter = self._waiter(timeout, on_progress)
        if save_to is not None:
            check_place(save_to)
        response = self._api.aigc_images_train(_listed(images), self._model_name)
        response.raise_for_code()
        if not response.model_id:
            raise ResponseError(why='the answer {} names no model (job {})'.format(
                response.request_id, response.job_id))
        model = TrainedModel(response.model_id, response.job_id)
        self.trainings.append(model)
        with _remembered([model]):
            if save_to is not None:
                model.save(save_to)
            return _wait(waiter, model) if wait else model

    def wait(self, model: TrainedModel, timeout: "Optional[float]" = DEFAULT_TIMEOUT,
             on_progress: "Optional[Progress]" = None) -> TrainedModel:
        """Wait until a model is trained; also to go on after a wait that ended early."""
        return _wait(self._waiter(timeout, on_progress), model)

    def _waiter(self, timeout: "Optional[float]", on_progress: "Optional[Progress]") -> JobWaiter:
        return JobWaiter(self._jobs, timeout, on_progress=on_progress, **self.waiting)

    def create(self, models: "AnyModels", template: str,
               configure: "Configure" = None) -> Portrait:
        """Put one or several persons into a template picture; takes tens of seconds, is paid.

        :param models: a :class:`TrainedModel` or model id; a list for several persons, one for
            each face of the template, presumably left to right.
        :param template: URL of the template picture.
        :param configure: a dict or :class:`.PortraitConfigure`.
        :raises ApiException: the service refused, or could not be reached.
        """
        chosen = _models(models)
        ids = [model.model_id for model in chosen]
        if len(ids) == 1:
            response = self._api.aigc_images_create(ids[0], template, self._model_name, configure)
        else:
            response = self._api.aigc_images_create_by_multi_model_ids(
                ids, template, self._model_name, configure)
        response.raise_for_code()
        return Portrait(response, chosen)

    def portrait(self, photos: "Union[Sequence[str], Sequence[Sequence[str]]]", template: str,
                 configure: "Configure" = None, timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                 on_progress: "Optional[Progress]" = None) -> Portrait:
        """Do the whole job: check the photos, train, wait, create.

        :param photos: URLs of one person's photos; for several persons a list of such lists, one
            for each face of the template. All are checked before the first training is paid for.
        :param timeout: seconds to wait for each person; None for no limit.
        :return: the portrait; ``portrait.models`` are the models for the next one.
        :raises ImageCheckError, JobFailedError, JobTimeoutError, ApiException: as in the steps.
        """
        people = _people(photos)
        # What is wrong with it is said before anything is paid for.
        self._waiter(timeout, on_progress)
        for images in people:
            self.check(images)
        models = []  # type: List[TrainedModel]
        with _remembered(models):
            for images in people:
                models.append(self.train(images, wait=False))
            for model in models:
                self.wait(model, timeout, on_progress)
            return self.create(models, template, configure)

    def create_many(self, tasks: "Iterable[Task]",
                    concurrency: int = DEFAULT_CONCURRENCY) -> "Iterator[CreateResult]":
        """Yield results as portraits are finished, in bounded memory; no paid call is repeated.

        A task that fails gives a result with its ``error`` and ends no other. At most
        ``concurrency`` tasks are read ahead. Who stops iterating early loses the portraits that
        are being made at that moment.

        :param tasks: ``(models, template)`` or ``(models, template, configure)``, as for
            :meth:`create`.
        :raises ValueError: ``concurrency`` is no whole number from 1 up.
        """
        if not isinstance(concurrency, int) or concurrency < 1:
            raise ValueError('`concurrency` is {!r}; give a whole number from 1 up'
                             .format(concurrency))
        return self._create_each(enumerate(tasks), concurrency)

    def _create_each(self, tasks: "Iterator[Tuple[int, Task]]",
                     concurrency: int) -> "Iterator[CreateResult]":
        done = Queue()  # type: Any
        calls, flying = AsyncCalls(concurrency), 0
        trouble = None  # type: Optional[Exception]
        is_open = True
        while is_open or flying:
            while is_open and flying < concurrency:
                try:
                    index, task = next(tasks)
                except StopIteration:
                    is_open = False
                except Exception as error:
                    # The portraits that are being made are paid: hand them over first.
                    trouble, is_open = error, False
                else:
                    result = CreateResult(index, task)
                    calls.submit(lambda result=result: done.put(  # type: ignore[misc]
                        self._finish(result)))
                    flying += 1
            try:
                finished = flying and done.get(timeout=0.5)
            except Empty:
                continue
            if finished:
                flying -= 1
                yield finished
        if trouble is not None:
            raise trouble

    def _finish(self, result: CreateResult) -> CreateResult:
        try:
            result.portrait = self.create(*result.task)
        except Exception as error:
            result.error = error
        return result


def _listed(images: "Iterable[Any]") -> "List[Any]":
    """Return photos as a list; a text alone is one too for Python, letter by letter."""
    if isinstance(images, str):
        raise ValueError('`images` is one text; give a list of URLs')
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
        if models and (len(models) > 1 or getattr(error, 'job_id', None) is None):
            log.warning('ended early; keep the ids of the trainings that are paid for: %r',
                        models)
        raise


def _models(models: "AnyModels") -> "List[TrainedModel]":
    listed = [models] if isinstance(models, (str, TrainedModel)) else list(models)
    if not listed:
        raise ValueError('`models` is empty; give one for each face of the template')
    return [model if isinstance(model, TrainedModel) else TrainedModel(model) for model in listed]
