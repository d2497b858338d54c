"""The states that a job passes through."""


class JobState(object):
    """The states of a job (service reference 2.4)."""

    INITIALISED = 0
    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3
