"""A clock of the test's own."""


class Clock(object):
    """Time that passes only when told; keeps the pauses that were slept."""

    def __init__(self, now=1000.0):
        self.now = now
        self.pauses = []

    def __call__(self):
        return self.now

    #: As the module ``time`` has it.
    monotonic = __call__

    def sleep(self, seconds):
        assert seconds >= 0
        self.pauses.append(seconds)
        self.now += seconds
