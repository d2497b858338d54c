"""What can go wrong, as types, found by (status, code, message)."""
from .errors.base import ApiException, envelope_of
from .errors.jobs import (
    JobFailedError, JobStateError, JobTimeoutError, WaitInterrupted, error_of_job)
from .errors.photos import PHOTO_HINTS, ImageCheckError
from .errors.service import *  # noqa: F401,F403
from .errors.table import class_of, documented, documented_errors, family
