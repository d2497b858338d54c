"""Errors of jobs: ids, and what survives a pickle."""
import pickle

import pytest

from ai_service_python_sdk.client.exceptions import JobFailedError, JobStateError, JobTimeoutError
from ai_service_python_sdk.client.models.job import Job


@pytest.mark.parametrize('error', [JobFailedError(11, 'why', 'm'), JobTimeoutError(11, 1, 'm', 5),
                                   JobStateError(11, 9, 'm')],
                         ids=lambda error: type(error).__name__)
def test_job_errors_name_both_ids_and_survive_pickle(error):
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error) and str(twin) == str(error) and twin.job_id == 11
    assert 'Job id: 11' in str(error) and 'Model id: m' in str(error)
