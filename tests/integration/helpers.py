"""What integration tests share."""
import time

from ai_service_python_sdk import ApiClient


def client_at(service, **options):
    """A client of an emulator; ``options`` replace the right host, app id and token."""
    given = dict(host=service.host, appid=service.app_id, token=service.token)
    return ApiClient(**dict(given, **options))


def urls(service, *names):
    return [service.url(name) for name in names]


def person(service, name):
    return urls(service, *['{}_{}.jpg'.format(name, index) for index in range(5)])


def wait(jobs, job_id, seconds=20):
    """Poll fast until a job is done; return it."""
    deadline = time.time() + seconds
    while time.time() < deadline:
        job = jobs.get_async_job(job_id).job
        if job.state in (2, 3):
            return job
        time.sleep(0.02)
    raise AssertionError('job {} is not done'.format(job_id))


def trained(api, jobs, service, name='collins'):
    """Train a person; return the model id."""
    training = api.aigc_images_train(person(service, name))
    job = wait(jobs, training.job_id)
    assert job.state == 2, job
    return training.model_id
