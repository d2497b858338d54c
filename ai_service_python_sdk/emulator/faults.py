"""Failures on demand: the next call, or every n-th, answers an error, waits, breaks off."""
import threading
from fnmatch import fnmatchcase

from .contract import OPERATIONS, error_named, is_status, paths_of
from .photos import name_of

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

#: Longest delay in seconds.
LONGEST_DELAY = 3600.0
#: Codes that a photo can be given.
PHOTO_CODES = (2, 3, 4, 5, 6)


def _is_answer(value: "Any") -> bool:
    return (isinstance(value, (tuple, list)) and len(value) == 2 and is_status(value[0])
            and isinstance(value[1], (str, bytes)))


_NOTHING = (lambda value: value is None, 'nothing')
_ERROR = (lambda value: bool(error_named(value)), '')
#: Action to (whether a value is right for it, which values are right, in words).
ACTIONS = {
    'error': _ERROR, 'fail_training': _ERROR,
    'delay': (lambda value: type(value) in (int, float) and 0 <= value <= LONGEST_DELAY,
              'seconds from 0 to {:g}'.format(LONGEST_DELAY)),
    'drop': _NOTHING, 'drop_after': _NOTHING, 'truncate': _NOTHING,
    'answer': (_is_answer, '[status, body]'),
    'photo': (lambda value: type(value) is int and value in PHOTO_CODES,
              'one of the photo codes {}'.format(', '.join(map(str, PHOTO_CODES)))),
}  # type: Dict[str, Tuple[Callable[[Any], bool], str]]
#: Actions that happen to a call.
OF_CALLS = tuple(set(ACTIONS) - {'fail_training', 'photo'})
#: Fields of a fault, in Python and over HTTP.
FIELDS = ('action', 'value', 'operation', 'times', 'every', 'url')


class Fault(object):
    """One scripted failure.

    :param operation: the name or path of the calls it is for, such as ``create``, or the start of
        paths with ``*`` behind it; None for any, and for photos.
    :param times: how often it happens; None for always.
    :param every: n for every n-th of these calls only.
    :param url: the photo it is for: URL or name of the file; None for any.
    :raises ValueError: there is no such action, operation or value; the message lists them.
    """

    def __init__(self, action: str, value: "Any" = None, operation: "Optional[str]" = None,
                 times: "Optional[int]" = 1, every: int = 1,
                 url: "Optional[str]" = None) -> None:
        is_right, wanted = ACTIONS[action] if action in list(ACTIONS) else (None, '')
        for name, given, is_good, remedy in (
                ('action', action, is_right, 'must be one of ' + ', '.join(sorted(ACTIONS))),
                ('times', times, times is None or type(times) is int and times >= 1,
                 'give a number from 1 up'),
                ('every', every, type(every) is int and every >= 1, 'give a number from 1 up'),
                ('url', url, url is None or action == 'photo' and isinstance(url, str),
                 'it is a text, and for the action photo only'),
                ('operation', operation, operation is None or action in OF_CALLS
                 or action == 'fail_training' and operation in ('train', OPERATIONS['train'][1]),
                 '{} takes none'.format(action)),
                ('value', value, is_right and is_right(value),
                 '{} takes {}'.format(action, wanted))):
            if not is_good:
                raise ValueError('`{}` is {!r}; {}'.format(name, given, remedy))
        self.action = action  # type: str
        self.value = error_named(value) if ACTIONS[action] is _ERROR else value  # type: Any
        if action == 'answer' and isinstance(value[1], bytes):
            self.value = (value[0], value[1].decode('utf-8', 'surrogateescape'))
        self.url = url  # type: Optional[str]
        self.operation = None if operation is None else paths_of(operation)  # type: Optional[str]
        self.times = times
        self.every = every  # type: int
        #: How often it has happened.
        self.happened = 0  # type: int
        self._calls = 0

    def takes(self, path: str) -> bool:
        """Count a call, or a look at a photo; return whether the fault happens to it."""
        is_meant = fnmatchcase(path, self.operation or '*')
        if self.action == 'photo':
            is_meant = self.url in (None, path, name_of(path))
        self._calls += is_meant
        if not is_meant or self._calls % self.every:
            return False
        self.happened += 1
        if self.times is not None:
            self.times -= 1
        return True

    def as_dict(self) -> "Dict[str, Any]":
        """Return its fields as they are sent over HTTP, with ``happened``."""
        return dict((name, getattr(self, name)) for name in FIELDS + ('happened',))

    def __repr__(self) -> str:
        said = [', {}={!r}'.format(name, getattr(self, name)) for name in (
            'operation', 'url', 'value') if getattr(self, name) is not None]
        return 'Fault({!r}{})'.format(self.action, ''.join(said))


class Faults(object):
    """The faults of an emulator; may be changed at any time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The faults that may still happen.
        self.all = []  # type: List[Fault]

    @property
    def pending(self) -> "List[Fault]":
        """Faults that have not happened as often as ``times`` says, or at all if that is None."""
        return [fault for fault in self.all if fault.times is not None or not fault.happened]

    def add(self, action: str, value: "Any" = None, **options: "Any") -> Fault:
        """Add a :class:`Fault` with these arguments, and return it."""
        for name in set(options) - set(FIELDS):
            raise ValueError('`{}` is unknown; a fault has {}'.format(name, ', '.join(FIELDS)))
        if action == 'photo':
            options.setdefault('times', None)
        fault = Fault(action, value, **options)
        with self._lock:
            self.all.append(fault)
        return fault

    def fail(self, error: "Any", **options: "Any") -> Fault:
        """Answer an error: a name of ``contract.ERRORS`` or (status, code, message)."""
        return self.add('error', error, **options)

    def delay(self, seconds: float, **options: "Any") -> Fault:
        """Wait before answering."""
        return self.add('delay', seconds, **options)

    def drop(self, after: bool = False, **options: "Any") -> Fault:
        """Close the connection without an answer, ``after`` the call was carried out or before."""
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
        """Remove all faults."""
        with self._lock:
            self.all = []

    def take(self, path: str, *actions: str) -> "Dict[str, Any]":
        """Return which ``actions`` happen now to a path or a photo's URL, and their values."""
        with self._lock:
            taken = [(fault.action, fault.value) for fault in self.all
                     if fault.action in actions and fault.takes(path)]
            self.all = [fault for fault in self.all if fault.times != 0]
        return dict(taken)
