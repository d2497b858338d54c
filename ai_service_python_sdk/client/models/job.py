"""A job as the service reports it, and the states that it passes through."""
import json

from ...util.view import View, as_int, as_text, viewed

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Dict, Optional


class JobState(object):
    """The states of a job (service reference 2.4)."""

    INITIALISED, RUNNING, SUCCEEDED, FAILED = range(4)


#: States that another one follows, and states that are the last.
UNFINISHED = frozenset([JobState.INITIALISED, JobState.RUNNING])
FINISHED = frozenset([JobState.SUCCEEDED, JobState.FAILED])
#: What a state means.
STATE_MEANINGS = {0: 'waiting to start', 1: 'running', 2: 'succeeded',
                  3: 'failed'}  # type: Dict[Optional[int], str]


def _moment(value: "Any") -> "Optional[datetime]":
    from dateutil import parser
    try:
        return parser.parse(value or '')
    except (TypeError, ValueError, OverflowError):
        return None


def _decoded(value: object) -> "Any":
    try:
        return (json.loads(value) if value else None) if isinstance(value, str) else value
    except (ValueError, RuntimeError):
        return value


class Job(View):
    """One asynchronous job."""

    id = viewed('id', as_int, 'The job id.')  # type: Optional[int]
    batch_id = viewed('batch_id', as_int, 'The batch, if any.')  # type: Optional[int]
    app_id = viewed('app_id', as_text, 'The owner.')  # type: Optional[str]
    state = viewed('state', as_int, 'A :class:`JobState`.')  # type: Optional[int]
    message = viewed('message', as_text, 'The reason of a failure.')  # type: Optional[str]
    type = viewed('type', as_text, '``Image`` for a training.')  # type: Optional[str]
    create_time = viewed('create_time', _moment, 'When the job was made, with its time zone; None '
                         'if absent or not a date.')  # type: Optional[datetime]
    result = viewed('Result', _decoded, '``Result`` decoded from its JSON text; None until done, '
                    'the text if that fails.')  # type: Any

    def __str__(self) -> str:
        state = STATE_MEANINGS.get(self.state, 'state {}'.format(self.state))
        return 'job {}: {}'.format(self.id, ', '.join(filter(None, [state, self.message])))
