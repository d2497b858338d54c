"""Loaded by every Python that a page of the docs starts: time passes quickly.

Waits for jobs look 200 times as often, a program that sleeps between its looks wakes up as much
earlier, and a training of ``--emulator`` takes 0.3 seconds.
"""
import time

_plain_sleep = time.sleep
time.sleep = lambda seconds: _plain_sleep(seconds if seconds < 5 else seconds / 200)

try:
    from ai_service_python_sdk.cli import arguments
    from ai_service_python_sdk.client.job_waiter import JobWaiter
except ImportError:
    # A virtual environment that the page has just made.
    pass
else:
    def _init(self, *args, **kwargs):
        _plain_init(self, *args, **kwargs)
        self.interval /= 200
        self.longest_interval /= 200

    _plain_init, JobWaiter.__init__ = JobWaiter.__init__, _init
    arguments.EMULATED_TRAINING = 0.3
