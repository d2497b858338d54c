"""The states that a job passes through, as data."""


class JobState(object):
    """The states of a job (service reference 2.4)."""

    INITIALISED = 0
    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3


#: States that another one follows, and states that are the last.
UNFINISHED = frozenset([JobState.INITIALISED, JobState.RUNNING])
FINISHED = frozenset([JobState.SUCCEEDED, JobState.FAILED])
#: What a state means, in English and Chinese.
STATE_MEANINGS = {
    JobState.INITIALISED: ('waiting to start', '等待开始'),
    JobState.RUNNING: ('running', '进行中'),
    JobState.SUCCEEDED: ('succeeded', '成功'),
    JobState.FAILED: ('failed', '失败'),
}
