"""Failures on demand: the next call, or every n-th, answers an error, waits, breaks off."""
import threading

from .contract import error_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

#: What a fault can do.
ACTIONS = ('error', 'delay', 'drop', 'drop_after', 'truncate', 'answer', 'fail_training')


class Fault(object):
    """One scripted failure.

    :param operation: the path it is for, such as ``/api/v1/aigc_images/create``; None for any.
    :param times: how often it happens; None for always.
    :param every: of the calls it is for, only each n-th.
    """

    def __init__(self, action: str, value: "Any" = None, operation: "Optional[str]" = None,
                 times: "Optional[int]" = 1, every: int = 1) -> None:
        if action not in ACTIONS:
            raise ValueError('`action` is {!r}; must be one of {}'.format(action,
                                                                          ', '.join(ACTIONS)))
        if action in ('error', 'fail_training'):
            value = error_named(value)
        if not isinstance(every, int) or every < 1:
            raise ValueError('`every` is {!r}; give a whole number from 1 up'.format(every))
        self.action = action
        self.value = value
        self.operation = operation
        self.times = times
        self.every = every
        self._calls = 0

    def takes(self, path: str) -> bool:
        """Count a call; whether the fault happens to it."""
        if self.times == 0 or self.operation not in (None, path):
            return False
        self._calls += 1
        if self._calls % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults(object):
    """The script of an emulator; may be changed at any time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = []  # type: List[Fault]

    def add(self, action: str, value: "Any" = None, **options: "Any") -> Fault:
        """Script a :class:`Fault`."""
        fault = Fault(action, value, **options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def fail(self, error: "Any", **options: "Any") -> Fault:
        """Answer an error: a name of ``contract.ERRORS`` or (status, code, message)."""
        return self.add('error', error, **options)

    def delay(self, seconds: float, **options: "Any") -> Fault:
        """Wait before answering."""
        return self.add('delay', float(seconds), **options)

    def drop(self, after: bool = False, **options: "Any") -> Fault:
        """Close the connection without an answer; ``after`` the work was done, or before it."""
        return self.add('drop_after' if after else 'drop', **options)

    def truncate(self, **options: "Any") -> Fault:
        """Send half of the answer, then close."""
        return self.add('truncate', **options)

    def answer(self, status: int, body: bytes, **options: "Any") -> Fault:
        """Answer something that the service never would, such as a proxy's HTML."""
        return self.add('answer', (int(status), bytes(body)), **options)

    def fail_training(self, error: "Any" = 'train_weights', **options: "Any") -> Fault:
        """Let the next training end in state 3 with a documented message."""
        return self.add('fail_training', error, **options)

    def clear(self) -> None:
        """Forget the script."""
        with self._lock:
            del self._faults[:]

    def take(self, path: str, training: bool = False) -> "Dict[str, Any]":
        """Return what happens to a call, as action to value."""
        with self._lock:
            wanted = [fault for fault in self._faults
                      if (fault.action == 'fail_training') == training]
            taken = [(fault.action, fault.value) for fault in wanted if fault.takes(path)]
            self._faults = [fault for fault in self._faults if fault.times != 0]
        return dict(taken)
