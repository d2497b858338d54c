"""Failures on demand: the next call, or every n-th, answers an error, waits, breaks off."""
import threading

from .contract import covers, error_named, is_status, operation_path
from .photos import name_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple

#: Longest delay in seconds.
LONGEST_DELAY = 3600.0
#: Codes that a photo can be given.
PHOTO_CODES = (2, 3, 4, 5, 6)


def _is_answer(value: "Any") -> bool:
    return (isinstance(value, (tuple, list)) and len(value) == 2 and is_status(value[0])
            and isinstance(value[1], (str, bytes)))


_NOTHING = (lambda value: value is None, 'nothing')
_ERROR = (lambda value: bool(error_named(value)), '')
#: What a fault can do; whether a value is right for it, and in words which values are.
ACTIONS = {
    'error': _ERROR, 'fail_training': _ERROR,
    'delay': (lambda value: type(value) in (int, float) and 0 <= value <= LONGEST_DELAY,
              'seconds from 0 to {:g}'.format(LONGEST_DELAY)),
    'drop': _NOTHING, 'drop_after': _NOTHING, 'truncate': _NOTHING,
    'answer': (_is_answer, '[status, body]'),
    'photo': (lambda value: type(value) is int and value in PHOTO_CODES,
              'one of the photo codes {}'.format(', '.join(map(str, PHOTO_CODES)))),
}  # type: Dict[str, Tuple[Callable[[Any], bool], str]]
#: What a script over HTTP may say.
FIELDS = ('action', 'value', 'operation', 'times', 'every', 'url')


def _need(is_right: bool, name: str, value: "Any", remedy: str) -> None:
    if not is_right:
        raise ValueError('`{}` is {!r}; {}'.format(name, value, remedy))


class Fault(object):
    """One scripted failure.

    :param operation: the name or path it is for, such as ``create``, or the start of paths with
        ``*`` behind it; None for any.
    :param times: how often it happens; None for always.
    :param every: of the calls it is for, only each n-th.
    :param url: the photo it is for: URL or name of the file; None for any.
    :raises ValueError: there is no such action, operation or value; the message lists what is.
    """

    def __init__(self, action: str, value: "Any" = None, operation: "Optional[str]" = None,
                 times: "Optional[int]" = 1, every: int = 1,
                 url: "Optional[str]" = None) -> None:
        _need(action in list(ACTIONS), 'action', action,
              'must be one of {}'.format(', '.join(sorted(ACTIONS))))
        for name, number in (('every', every), ('times', 1 if times is None else times)):
            _need(type(number) is int and number >= 1, name, number,
                  'give a whole number from 1 up')
        _need(url is None or action == 'photo' and isinstance(url, str), 'url', url,
              'it is a text, and for the action photo only')
        is_right, wanted = ACTIONS[action]
        _need(is_right(value), 'value', value, '{} takes {}'.format(action, wanted))
        if action in ('error', 'fail_training'):
            value = error_named(value)
        if action == 'answer' and isinstance(value[1], str):
            value = (value[0], value[1].encode('utf-8'))
        self.action = action  # type: str
        self.value = value  # type: Any
        self.url = url  # type: Optional[str]
        self.operation = operation and operation_path(operation)  # type: Optional[str]
        self.times = times
        self.every = every  # type: int
        #: How often it has happened.
        self.happened = 0  # type: int
        self._calls = 0

    def takes(self, path: str) -> bool:
        """Count a call, or a look at a photo's URL; whether the fault happens to it."""
        is_meant = covers(self.operation, path)
        if self.action == 'photo':
            is_meant = self.url in (None, path, name_of(path))
        if self.times == 0 or not is_meant:
            return False
        self._calls += 1
        if self._calls % self.every:
            return False
        self.happened += 1
        if self.times is not None:
            self.times -= 1
        return True

    def as_dict(self) -> "Dict[str, Any]":
        """Return it as a script over HTTP says it, with ``happened``."""
        said = {'happened': self.happened}  # type: Dict[str, Any]
        said.update((name, getattr(self, name)) for name in FIELDS)
        if self.action == 'answer':
            said['value'] = [self.value[0], self.value[1].decode('utf-8', 'replace')]
        return said

    def __repr__(self) -> str:
        said = ['{}={!r}'.format(*item) for item in sorted(self.as_dict().items())
                if item[0] in ('value', 'operation', 'url') and item[1] is not None]
        return 'Fault({})'.format(', '.join([repr(self.action)] + said))


class Faults(object):
    """The script of an emulator; may be changed at any time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = []  # type: List[Fault]

    @property
    def pending(self) -> "List[Fault]":
        """Faults that have yet to happen: as often as they say, or at all if that is always."""
        with self._lock:
            return [fault for fault in self._faults
                    if fault.times is not None or not fault.happened]

    @property
    def all(self) -> "List[Fault]":
        """The whole script."""
        with self._lock:
            return list(self._faults)

    def add(self, action: str, value: "Any" = None, **options: "Any") -> Fault:
        """Script a :class:`Fault`."""
        for name in set(options) - set(FIELDS):
            raise ValueError('`{}` is unknown; a fault has {}'.format(name, ', '.join(FIELDS)))
        if action == 'photo':
            options.setdefault('times', None)
        fault = Fault(action, value, **options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def fail(self, error: "Any", **options: "Any") -> Fault:
        """Answer an error: a name of ``contract.ERRORS`` or (status, code, message)."""
        return self.add('error', error, **options)

    def delay(self, seconds: float, **options: "Any") -> Fault:
        """Wait before answering."""
        return self.add('delay', seconds, **options)

    def drop(self, after: bool = False, **options: "Any") -> Fault:
        """Close the connection without an answer; ``after`` the work was done, or before it."""
        return self.add('drop_after' if after else 'drop', **options)

    def truncate(self, **options: "Any") -> Fault:
        """Send half of the answer, then close."""
        return self.add('truncate', **options)

    def answer(self, status: int, body: bytes, **options: "Any") -> Fault:
        """Answer something that the service never would, such as a proxy's HTML."""
        return self.add('answer', (status, body), **options)

    def fail_training(self, error: "Any" = 'train_weights', **options: "Any") -> Fault:
        """Let the next training end in state 3 with a documented message."""
        return self.add('fail_training', error, **options)

    def photo(self, code: int, url: "Optional[str]" = None, **options: "Any") -> Fault:
        """Give a photo one of the codes 2 to 6, each time it is looked at.

        :param url: its URL or the name of its file; None for every photo.
        """
        return self.add('photo', code, url=url, **options)

    def clear(self) -> None:
        """Forget the script."""
        with self._lock:
            del self._faults[:]

    def take(self, path: str) -> "Dict[str, Any]":
        """Return what happens to a call, as action to value."""
        return self._take(path, set(ACTIONS) - {'fail_training', 'photo'})

    def take_training(self) -> "Any":
        """Return the error in which a training that begins will end, or None."""
        return self._take(operation_path('train'), {'fail_training'}).get('fail_training')

    def take_photo(self, url: str) -> "Optional[int]":
        """Return the code that a photo gets, None if that is for its looks to say."""
        return self._take(url, {'photo'}).get('photo')

    def _take(self, path: str, actions: "Set[str]") -> "Dict[str, Any]":
        with self._lock:
            taken = [(fault.action, fault.value) for fault in self._faults
                     if fault.action in actions and fault.takes(path)]
            self._faults = [fault for fault in self._faults if fault.times != 0]
        return dict(taken)
