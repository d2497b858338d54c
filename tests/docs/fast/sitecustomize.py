"""Loaded by every Python that a page of the docs starts: time passes quickly.

Waits for jobs look 200 times as often, a program that sleeps between its looks wakes up as much
earlier, and a training of ``--emulator`` takes a tenth of its time. With SEEN_FOLDER in the
environment an emulator looks at no picture that another one has seen.
"""
import os
import time

_plain_sleep = time.sleep
time.sleep = lambda seconds: _plain_sleep(seconds if seconds < 5 else seconds / 200)

try:
    from ai_service_python_sdk.cli.connection import Connection
    from ai_service_python_sdk.client.job_waiter import JobWaiter
except ImportError:
    # A virtual environment that the page has just made.
    pass
else:
    def _wait(self, *args, **kwargs):
        _plain_wait(self, *args, **kwargs)
        self.interval /= 200
        self.longest_interval /= 200

    def _connect(self, options, output):
        options.training_seconds /= 10
        _plain_connect(self, options, output)

    _plain_wait, JobWaiter.__init__ = JobWaiter.__init__, _wait
    _plain_connect, Connection.__init__ = Connection.__init__, _connect

if 'SEEN_FOLDER' in os.environ:
    from support import seen
    seen.keep(os.environ['SEEN_FOLDER'])
