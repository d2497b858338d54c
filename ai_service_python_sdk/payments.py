"""The paid calls of a studio: with a ledger, each is made once for its key."""
from collections.abc import Mapping
from contextlib import contextmanager, suppress

from .client.errors.base import ApiException
from .client.exceptions import InDoubtError, ResponseError, WaitInterrupted
from .client.log import log
from .client.paid import (
    ACCEPTED, SUCCEEDED, UNSETTLED, Paid, Stored, check_paid, no_place, tell)
from .results import TrainedModel
from .util.kept import person_of
from .util.language import translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence, Union
    from .client.api_client import ApiClient
    from .ledger import Ledger, Row
    AnyModel = Union[str, TrainedModel, Row]
    AnyModels = Union[AnyModel, Sequence[AnyModel]]


class Payments(object):
    """Paid calls over one client, and what is known of those that were made before.

    :param own: the studio's own ledger; None for the client's, if it has one.
    """

    def __init__(self, client: "ApiClient", own: "Optional[Ledger]") -> None:
        self._client, self._own = client, own

    @property
    def ledger(self) -> "Optional[Ledger]":
        """The ledger that the calls are written in."""
        return self._own if self._own is not None else getattr(self._client, 'ledger', None)

    @property
    def checked_ledger(self) -> "Optional[Ledger]":
        """The ledger, to be read; :raises LedgerError: it has the calls of another service."""
        ledger = self.ledger
        if ledger is not None:
            ledger.serve(self._client.host)
        return ledger

    def needed(self, what: str) -> "Ledger":
        """Return the ledger; :raises ValueError: there is none, and ``what`` needs it."""
        ledger = self.checked_ledger
        if ledger is None:
            raise ValueError(translate('`{}` needs a ledger: {}', what,
                                       'PortraitStudio(client, ledger=Ledger(path))'))
        return ledger

    def make(self, call: "Callable[..., Any]", keep: "Callable[[Any], Any]" = no_place,
             over: "Any" = None, **how: "Any") -> "Any":
        """Make a paid call; return its answer and what is kept of it.

        The answer is None if it was made since :meth:`before`, in another thread or process.
        The arguments are those of :class:`.Paid`.
        """
        paid = Paid(self.ledger, keep, over, **how)
        try:
            if self.ledger is None and over is None:
                answer = call()  # a test double need not take `_paid`
                keep(answer)
            else:
                answer = call(_paid=paid)
        except Stored:
            return None, self._of(paid.row, how.get('person'))
        if answer is None:
            raise ResponseError(why='the answer is empty; the call may be paid for').doubt()
        check_paid(answer)
        return answer, paid

    def before(self, operation: str, key: "Optional[str]", photos: "Sequence[Any]" = (),
               person: "Optional[str]" = None, again: bool = True) -> "Optional[Paid]":
        """Return what the ledger has of an earlier call that makes this one needless, or None.

        :raises InDoubtError: it left, and no answer was seen.
        :raises ValueError: it was for another person.
        """
        row = self.row(key, operation)  # type: Any
        if not again and self.checked_ledger is not None:
            row = row or self.checked_ledger.same_training(photos, person)
        if row is None or row.state not in (UNSETTLED, ACCEPTED, SUCCEEDED):
            return None
        if row.state == UNSETTLED:
            raise InDoubtError(row)
        return self._of(row, person)

    def _of(self, row: "Any", person: "Optional[str]") -> Paid:
        paid = Paid(self.ledger)
        paid.row = row if person is None else self.needed('person').named(row, person)
        if person is not None and paid.row.person != person_of(person):
            raise ValueError(translate('`key` {!r} is that of {!r}, not of {!r}; give another key '
                                       'for another person', row.key, paid.row.person, person))
        return paid

    def holds(self, key: "Optional[str]", content: bytes) -> bool:
        """Whether a file's content is the model of this key, and may be replaced by it."""
        row, model = self.row(key, 'train'), TrainedModel.read(content)
        return row is not None and model is not None and row.model_id == model.model_id

    def models(self, models: "Any") -> "List[TrainedModel]":
        """Return the models for one id, name or row, or for a list of them."""
        is_single = isinstance(models, (str, bytes, Mapping)) or not hasattr(models, '__iter__')
        found = [self.model(model) for model in ([models] if is_single else models)]
        if not found:
            raise ValueError(translate('`models` is empty; give one for each face of the '
                                       'template'))
        return found

    def model(self, model: "Any") -> TrainedModel:
        """Return the model for an id, a name in the ledger, or a row."""
        if isinstance(model, TrainedModel):
            return model
        found = model  # type: Any
        if self.checked_ledger is not None and not hasattr(model, 'model_id'):
            found = self.checked_ledger.look_up(model) or model
        return TrainedModel(getattr(found, 'model_id', found), getattr(found, 'job_id', None))

    def model_with_job(self, model: "AnyModel") -> TrainedModel:
        """Do as :meth:`model`; :raises ValueError: nobody knows the job of the training."""
        found = self.model(model)
        if found.job_id in (None, ''):
            raise ValueError(translate('`model` has no job_id to wait for; give '
                                       'TrainedModel(model_id, job_id)'))
        return found

    def row(self, key: "Optional[str]", operation: str) -> "Optional[Row]":
        """Return what the ledger holds of a key; a key without a ledger is refused."""
        return None if key is None else self.needed('key').find(key, operation)


@contextmanager
def remembered(models: "List[TrainedModel]", persons: int = 1) -> "Iterator[None]":
    """Put the trainings that are paid for on an error that ends the block, and report them."""
    try:
        yield
    except BaseException as error:
        if models:
            _name(error, list(models), persons)
        raise


def _name(error: "Any", models: "List[TrainedModel]", persons: int) -> None:
    has_ids = getattr(error, 'job_id', None) is not None
    with suppress(Exception):  # others' errors need not take attributes
        error.models = models
        if not has_ids and persons == 1:  # else the error may be about another person's model
            error.job_id, error.model_id = models[0].job_id, models[0].model_id
    if has_ids and len(models) == 1 and isinstance(error, (ApiException, WaitInterrupted)):
        return  # the text of the error names the model already
    text = translate('ended early; keep the ids of the trainings that are paid for: {!r}', models)
    if isinstance(error, ApiException):
        log.warning('%s', text)
    else:
        tell(error, text)
