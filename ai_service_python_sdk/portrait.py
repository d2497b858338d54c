"""The user's job in one object: check photos → train → wait → create → save.

::

    studio = PortraitStudio(ApiClient.from_env())
    studio.portrait(photo_urls, template_url).save('portrait.jpg')
"""
import os
from contextlib import ExitStack
from copy import copy
from functools import partial

from .client.api.ai_service_aigc_images_api import AIGCImagesApi
from .client.api.ai_service_job_api import AiServiceJobApi
from .client.background import checked_concurrency
from .client.errors.photos import UNFIT_FOR_SEVERAL
from .client.errors.service import check_answer
from .client.exceptions import ImageCheckError, ResponseError
from .client.job_waiter import DEFAULT_CONCURRENCY as JOBS_AT_ONCE
from .client.job_waiter import DEFAULT_TIMEOUT, JobWaiter
from .inputs import check_configure, check_photos, check_url, is_one, listed, name_of_each
from .payments import Payments, remembered
from .results import Kept, Portrait, TrainedModel
from .series import CreateResult, CreateTask, Series
from .trainings import TRAININGS_KEPT, Trainings
from .uploads import Uploaded
from .util.files import check_place, path_of
from .util.photo_file import is_local

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from concurrent.futures import Executor
    from typing import (IO, Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence,
                        Tuple, Union)
    from typing_extensions import Unpack
    from .batch import Batch
    from .client.api_client import ApiClient
    from .client.configuration import Timeout
    from .client.job_waiter import Progress, Waiting
    from .client.models.aigc_image_check_response import AIGCImageCheckResponse
    from .client.models.job import Job
    from .client.models.request import Configure
    from .client.workers import ClientFactory
    from .ledger import Ledger
    from .payments import AnyModel, AnyModels
    from .series import Task
    from .util.files import Path
    Photo = Union[Path, IO[bytes]]

__all__ = ['CreateResult', 'CreateTask', 'Portrait', 'PortraitStudio', 'TrainedModel']

#: Portraits that are made at the same time.
DEFAULT_CONCURRENCY = 4
#: People of a batch whose photos are checked or sent to be trained at the same time.
DEFAULT_TRAININGS = 4
#: Default of ``timeout``: the studio's own. It cannot be None, which means no limit.
_OF_THE_STUDIO = Ellipsis  # type: Any


class PortraitStudio(object):
    """Portraits over one client.

    :param client: the line to the service; the caller closes it.
    :param model_name: a deployed model service, ``''`` for the general one.
    :param timeout: seconds for each wait that says nothing else; None for no limit.
    :param on_progress: called with the :class:`.Job` of a training at every change.
    :param ledger: a :class:`.Ledger` of every paid call; None for the client's, if it has one.
    :param uploads: where photos of this computer get URLs, such as :class:`.OssUploads`: paths
        and open files may then stand wherever photo and template URLs do. They are discarded when
        the training has ended and the portrait is made, also after an error.
    :param keep_uploads: whether uploaded photos stay there.
    :param waiting: options of every wait, such as ``interval=5``: see :class:`.JobWaiter`.
    :raises ValueError: an option of the waits is negative or not a number.
    """

    def __init__(self, client: "ApiClient", model_name: "Optional[str]" = '',
                 timeout: "Optional[float]" = DEFAULT_TIMEOUT,
                 on_progress: "Optional[Progress]" = None, ledger: "Optional[Ledger]" = None,
                 uploads: "Any" = None, keep_uploads: bool = False,
                 **waiting: "Unpack[Waiting]") -> None:
        self._client = client
        self._api = AIGCImagesApi(client)
        self._jobs = AiServiceJobApi(client)
        self._model_name = model_name
        self._uploads, self._keep_uploads = uploads, keep_uploads
        self._payments = Payments(client, ledger)
        self._trainings = Trainings(self._jobs, self._payments, uploads)
        #: Makes the paid calls elsewhere, such as in a worker; None for right here.
        self._over = None  # type: Any
        #: Arguments of :class:`.JobWaiter` for all waits.
        self.waiting = dict(waiting, timeout=timeout,
                            on_progress=on_progress)  # type: Dict[str, Any]
        # A wrong option raises now, not after a training has been paid for.
        self._waiter()
        #: The trainings that this studio started, each from its acceptance on, the newest last.
        self.trainings = []  # type: List[TrainedModel]
        #: Uploaded photos of the trainings that go on, by the job's id.
        self.uploaded = self._trainings.uploaded  # type: Dict[Any, Uploaded]

    def check(self, images: "Sequence[Photo]",
              raise_failures: bool = True) -> "AIGCImageCheckResponse":
        """Say of each photo whether it fits a training.

        :param images: URLs of the photos; with ``uploads`` also paths and open files, whose names
            then stand in the answer and the error.
        :raises ImageCheckError: which photos do not fit, why, and what to do.
        :raises ApiException: the service refused, or could not be reached.
        """
        uploaded = self._photos(images, 'images')
        with uploaded:
            return self._check(uploaded, raise_failures)

    def _check(self, uploaded: "Uploaded", raise_failures: bool = True
               ) -> "AIGCImageCheckResponse":
        response = self._api.aigc_images_check(uploaded.put(), self._model_name)
        check_answer(response)
        for result in response.check_results if uploaded.names else ():
            result.raw['url'] = uploaded.names.get(result.url or '', result.url)
        if not response.check_results:
            raise ResponseError(why='the answer {} says nothing of the photos'
                                .format(response.request_id))
        if raise_failures and response.failures:
            raise ImageCheckError(response.failures, response.request_id)
        return response

    def train(self, photos: "Sequence[Photo]", wait: bool = True,
              timeout: "Optional[float]" = _OF_THE_STUDIO,
              on_progress: "Optional[Progress]" = None, save_to: "Optional[Path]" = None,
              person: "Optional[str]" = None, key: "Optional[str]" = None, again: bool = True,
              any_count: bool = False, overwrite: bool = False, progress: bool = False,
              **waiting: "Unpack[Waiting]") -> TrainedModel:
        """Train a model of a person; it is paid, and never sent twice behind your back.

        The ids are in :attr:`trainings`, the ledger and ``save_to`` as soon as the service has
        accepted the training. An error that ends the wait early has ``job_id`` and ``model_id``.

        :param photos: URLs of 5 to 20 different photos; of any number with ``any_count``; with
            ``uploads`` also paths and open files, which stay there until the training has ended.
        :param wait: whether to return when the training has succeeded, or at once.
        :param timeout: seconds to wait; None for no limit; left out, the studio's own limit.
        :param on_progress: called with the :class:`.Job` at every change.
        :param save_to: file for :meth:`TrainedModel.load`; one that holds something is replaced
            only with ``overwrite``.
        :param person: the name by which the ledger finds the model.
        :param key: your own name for this order; it needs a ledger. If a training of this key was
            accepted, nothing is sent and its model is returned.
        :param again: False treats the same photos of the same person as the same key.
        :param progress: whether to show the wait, as a bar or as lines on stderr.
        :param waiting: options of this wait over the studio's, such as ``interval=5``.
        :raises InDoubtError: a training of this key left, and no answer was seen.
        :raises JobFailedError, JobTimeoutError, WaitInterrupted: see :class:`.JobWaiter`.
        :raises ApiException: the service refused, or could not be reached.
        """
        uploaded = self._photos(photos, 'photos', progress)
        check_photos(uploaded.photos, 'photos', any_count)
        waiter = self._waiter(timeout, on_progress, waiting)
        may_replace = None if overwrite else partial(self._payments.holds, key)
        if save_to is not None:
            check_place(save_to, may_replace)
        with ExitStack() as stack:
            stack.push(uploaded)
            model, is_trained = self._train(uploaded, key, person=person, again=again)
            stack.enter_context(remembered([model]))
            if save_to is not None:
                check_place(save_to, may_replace)  # others may have written it meanwhile
                model.save(save_to)
            if wait and not is_trained:
                self._trainings.wait(model, waiter, progress)
            elif self._payments.ledger is None:
                uploaded.tell()
            return model

    def _train(self, uploaded: "Uploaded", key: "Optional[str]",
               **how: "Any") -> "Tuple[TrainedModel, bool]":
        started = self._trainings.start(lambda urls, **options: self._api.aigc_images_train(
            urls, self._model_name, **options), uploaded, self._over, key, **how)
        self.trainings.append(started[0])
        del self.trainings[:-TRAININGS_KEPT]
        return started

    def wait(self, model: "AnyModel", timeout: "Optional[float]" = _OF_THE_STUDIO,
             on_progress: "Optional[Progress]" = None, progress: bool = False,
             **waiting: "Unpack[Waiting]") -> TrainedModel:
        """Wait until a model is trained; also to go on after a wait that ended early.

        :param model: the model; with a ledger also its id or name. The rest as for :meth:`train`.
        """
        found = self._payments.model_with_job(model)
        with remembered([found]), ExitStack() as stack:
            if found.job_id in self.uploaded:
                stack.push(self.uploaded[found.job_id])  # an error then names what is left there
            self._trainings.wait(found, self._waiter(timeout, on_progress, waiting), progress)
        return found

    def look(self, model: "AnyModel") -> "Job":
        """Look at a training once and return its job, which may go on.

        :param model: as for :meth:`wait`.
        :raises JobFailedError: it failed; of the documented class of its message too.
        """
        return self._trainings.look(self._payments.model_with_job(model))

    def _waiter(self, timeout: "Optional[float]" = _OF_THE_STUDIO,
                on_progress: "Optional[Progress]" = None, waiting: "Any" = ()) -> JobWaiter:
        options = dict(self.waiting, **dict(waiting))
        if timeout is not _OF_THE_STUDIO:
            options['timeout'] = timeout
        if on_progress is not None:
            options['on_progress'] = on_progress
        return JobWaiter(self._jobs, **options)

    def create(self, models: "AnyModels", template: "Photo", configure: "Configure" = None,
               timeout: "Timeout" = None, key: "Optional[str]" = None,
               save_to: "Optional[Path]" = None, overwrite: bool = False) -> Portrait:
        """Put one or several persons into a template picture; takes tens of seconds, is paid.

        :param models: a :class:`TrainedModel`, model id, or name in the ledger; a list for several
            persons, one for each face of the template, presumably left to right.
        :param template: URL of the template picture; with ``uploads`` also a path or open file.
        :param configure: a dict or :class:`.PortraitConfigure`.
        :param timeout: seconds for this call, or (connect, read); None for the client's setting.
        :param key: as for :meth:`train`; a portrait is read from where it was saved, so give
            ``save_to`` as well.
        :param save_to: file that gets the picture the moment it comes, before the ledger does; one
            that is there and not empty is replaced only with ``overwrite``.
        :raises OSError: it could not be saved: as for :meth:`.Portrait.save`.
        :raises ValueError: the key belongs to a portrait with other models.
        :raises AlreadyPaidError: the portrait of this key was not saved, or its file is gone.
        :raises InDoubtError: a creation of this key left, and no answer was seen.
        :raises ApiException: the service refused, or could not be reached.
        """
        chosen = self._payments.models(models)
        check_configure(configure)
        ids = [model.model_id for model in chosen]
        uploaded = self._photos([template], 'template')
        earlier = self._payments.before('create', key)
        if earlier:
            return Portrait._stored(earlier, chosen, save_to, overwrite)
        kept = Kept(save_to, overwrite)
        kept.check()
        # Passed only if it is given: a test double of the method need not take it.
        options = {} if timeout is None else {'_request_timeout': timeout}  # type: Any
        call = (partial(self._api.aigc_images_create, ids[0]) if len(ids) == 1
                else partial(self._api.aigc_images_create_by_multi_model_ids, ids))
        with uploaded as (url,):
            response, paid = self._payments.make(partial(
                call, url, self._model_name, configure, **options), kept, self._over, key=key)
        if response is None:
            return Portrait._stored(paid, chosen, save_to, overwrite)
        portrait = Portrait(response, chosen, paid=paid, place=kept.place)
        if kept.error is not None:
            portrait._rescue(kept.error)
            raise kept.error
        return portrait

    def portrait(self, photos: "Union[Sequence[Photo], Sequence[Sequence[Photo]]]",
                 template: "Photo", configure: "Configure" = None,
                 timeout: "Optional[float]" = _OF_THE_STUDIO,
                 on_progress: "Optional[Progress]" = None,
                 person: "Union[None, str, Sequence[str]]" = None, key: "Optional[str]" = None,
                 check_template: bool = True, any_count: bool = False, progress: bool = False,
                 save_to: "Optional[Path]" = None, overwrite: bool = False,
                 **waiting: "Unpack[Waiting]") -> Portrait:
        """Do the whole job: check the photos and the template, train, wait, create.

        :param photos: one person's photos, as for :meth:`train`; for several persons a list of
            such lists, one for each face of the template. All are checked before the first
            training is paid for.
        :param timeout: seconds for each person; arguments not named here are as for :meth:`train`.
        :param person: the name of the person; a list of names for several.
        :param key: of the creation and, with a number for several persons, of the trainings.
        :param check_template: whether the template is checked before a training is paid for.
        :param save_to, overwrite: as for :meth:`create`.
        :return: the portrait; ``portrait.models`` are the models for the next one.
        :raises ImageCheckError, JobFailedError, JobTimeoutError, ApiException: as the single steps
            do; ``error.models`` are the trainings that were accepted before.
        """
        check_configure(configure)
        people = self._people(photos, any_count, progress)
        picture = self._photos([template], 'template')
        names = name_of_each(person, len(people))
        keys = [key if key is None or len(people) == 1 else '{} [{}]'.format(key, place)
                for place in range(1, len(people) + 1)]
        waiter = self._waiter(timeout, on_progress, waiting)
        models = []  # type: List[TrainedModel]
        with ExitStack() as stack:
            stack.enter_context(remembered(models, len(people)))
            trained = [self._payments.before('train', own, person=name)
                       for own, name in zip(keys, names)]
            earlier = self._payments.before('create', key)
            if earlier:
                return Portrait._stored(earlier, [self._payments.model(each.row)
                                                  for each in trained if each], save_to, overwrite)
            Kept(save_to, overwrite).check()
            untrained = [each for each, earlier in zip(people, trained) if not earlier]
            # A photo that does not fit raises before any photo is uploaded.
            for each in untrained + [picture]:
                stack.push(each)
                each.look()
            for each in untrained:
                self._check(each)
            template, = picture.put()
            if check_template:
                self._check_template(partial(self._check, picture), len(people))
            unfinished = []
            for each, name, own in zip(people, names, keys):
                model, is_trained = self._train(each, own, person=name)
                models.append(model)
                unfinished += [] if is_trained else [model]
            for model in unfinished:
                self._trainings.wait(model, waiter, progress)
            return self.create(models, template, configure, key=key, save_to=save_to,
                               overwrite=overwrite)

    def _people(self, photos: "Iterable[Any]", any_count: bool,
                progress: bool) -> "List[Uploaded]":
        """Return the photos of each person, whether photos or lists of photos are given."""
        given = listed(photos, 'photos')
        is_person = not given or is_one(given[0]) or not hasattr(given[0], '__iter__')
        people = [self._photos(images, 'photos', progress)
                  for images in ([given] if is_person else given)]
        for uploaded in people:
            check_photos(uploaded.photos, 'photos', any_count)
        return people

    def create_many(self, tasks: "Iterable[Task]", concurrency: int = DEFAULT_CONCURRENCY,
                    timeout: "Timeout" = None, executor: "Optional[Executor]" = None,
                    factory: "Optional[ClientFactory]" = None,
                    overwrite: bool = False) -> "Iterator[CreateResult]":
        """Yield results as portraits are finished, in bounded memory; nothing is paid twice.

        A task that fails does not stop the others. While the service says "too many calls" (429),
        new calls wait, and the refused ones are sent again. Once the quota is used up, all further
        tasks end in :class:`.NotSentError`. If you stop iterating early, you lose the portraits
        that are being made at that moment.

        :param tasks: :class:`CreateTask`, or tuples like it, from ``(models, template)`` up; at
            most ``concurrency`` are read ahead.
        :param concurrency: portraits that are made at the same time, each over one connection.
        :param timeout: of each call, as for :meth:`create`.
        :param executor: any ``concurrent.futures.Executor``, whose workers make the calls; ledger
            and files are written here. A lost worker gives :class:`.WorkerLostError`.
        :param factory: how workers make their client; None for this client's host, with app id
            and token of the worker's environment or file.
        :param overwrite: as for :meth:`create`.
        :raises ValueError: ``concurrency`` is not a whole number from 1 to 10,000.
        """
        concurrency = checked_concurrency(concurrency)
        self._client._expect(concurrency)
        studio = self._on(executor, factory)

        def create(task: "CreateTask") -> Portrait:
            # Without a ledger a key may be of any type: it only comes back with the result.
            has_key = self._payments.ledger is not None and task.key is not None
            return studio.create(task.models, task.template, task.configure, timeout,
                                 str(task.key) if has_key else None, task.save_to, overwrite)
        return Series(create, tasks, self._waiter()).results(concurrency)

    def _on(self, executor: "Optional[Executor]",
            factory: "Optional[ClientFactory]") -> "PortraitStudio":
        """Return a studio like this one whose paid calls are made by workers of an executor."""
        if executor is None:
            return self
        from .client.workers import ClientFactory, call_over
        studio = copy(self)
        studio._over = partial(call_over, executor, factory or ClientFactory(self._client.host))
        return studio

    def batch(self, orders: "Any", out: "Path" = '.', concurrency: int = DEFAULT_CONCURRENCY,
              trainings: int = DEFAULT_TRAININGS, again_unsettled: bool = False,
              any_count: bool = False, check_template: bool = True,
              executor: "Optional[Executor]" = None,
              factory: "Optional[ClientFactory]" = None) -> "Batch":
        """Make the portraits of many orders: check, train, wait, create, save; needs a ledger.

        Iterate over it: it yields a :class:`.BatchResult` as each order ends, in bounded memory.
        Run it again to go on: what the ledger has is not paid for again, and calls in doubt are
        left alone. 429 and a used-up quota as for :meth:`create_many`.

        :param orders: path of a CSV or JSON Lines file, or an iterable of dicts or objects, see
            :class:`.Orders`; a generator is read as far as it is needed.
        :param out: folder for the portraits; it is made.
        :param concurrency: portraits that are made at the same time.
        :param trainings: people whose photos are checked, or sent to be trained, at the same time;
            any number may be in training.
        :param again_unsettled: whether calls in doubt are sent again, which may pay twice.
        :param any_count: as for :meth:`train`.
        :param check_template: whether templates are checked before a training is paid for them.
        :param executor: makes the paid calls; it and ``factory`` as for :meth:`create_many`.
        :raises ValueError: there is no ledger; a number is not a whole one from 1 to 10,000.
        """
        from .batch import Batch
        from .orders import Orders
        ledger = self._payments.needed('batch')
        found = orders if isinstance(orders, Orders) else Orders(
            orders, self._uploads is not None)
        found.any_count = found.any_count or any_count
        limits = dict(train=checked_concurrency(trainings), look=JOBS_AT_ONCE,
                      create=checked_concurrency(concurrency))
        self._client._expect(sum(limits.values()))
        studio = self._on(executor, factory)
        return Batch(studio, ledger, found, os.fsdecode(path_of(out)), limits, self._waiter(),
                     (lambda template: self._check_template(partial(self.check, [template])))
                     if check_template else None, studio._begin, self._trainings.ended,
                     again_unsettled)

    def _begin(self, photos: "Iterable[Any]", person: "Optional[str]", is_checked: bool,
               is_wanted: "Callable[[], bool]") -> "Optional[TrainedModel]":
        """Upload photos once, check them, then train a model if ``is_wanted`` says so."""
        uploaded = self._photos(photos, 'photos')
        with ExitStack() as stack:
            stack.push(uploaded)
            if not is_checked:
                self._check(uploaded)
            return self._train(uploaded, None, person=person,
                               again=False)[0] if is_wanted() else None

    def _photos(self, photos: "Iterable[Any]", name: str, progress: bool = False) -> "Uploaded":
        """Return photos that are uploaded when needed; refuse one that can have no URL."""
        given = listed(photos, name)
        for photo in given:
            if self._uploads is None or not is_local(photo):
                check_url(photo, name)
        return Uploaded(self._uploads, given, self._keep_uploads, self._payments.ledger, progress)

    def _check_template(self, check: "Callable[..., Any]", persons: int = 1) -> None:
        """Raise :class:`ImageCheckError` for a template that does not fit so many persons."""
        try:
            found = check(raise_failures=persons == 1)
            # The check wants one face; for several persons only some of its codes are a refusal.
            if persons > 1 and any(each.code in UNFIT_FOR_SEVERAL for each in found.check_results):
                raise ImageCheckError(found.failures, found.request_id)
        except ImageCheckError as error:
            error.of_template(persons)
            raise
