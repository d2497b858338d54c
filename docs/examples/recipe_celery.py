"""Orders in a queue: celery -A recipe_celery worker

A task whose worker dies comes again, and finds in the ledger what it has paid for.
"""
import hashlib
import os
from functools import lru_cache

from celery import Celery

from ai_service_python_sdk import (
    ApiClient, ApiException, ImageCheckError, JobFailedError, Ledger, PortraitStudio,
    ThrottledError)

app = Celery('orders', broker=os.environ['CELERY_BROKER'])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@lru_cache(maxsize=None)
def tools():
    """Return ledger and studio of this process; all workers of the computer share the ledger."""
    ledger = Ledger('orders.sqlite')
    return ledger, PortraitStudio(ApiClient.from_env(), ledger=ledger)


@app.task(bind=True, max_retries=20)
def order(self, key, photos, template):
    name = 'portrait_{}.jpg'.format(hashlib.sha256(key.encode()).hexdigest()[:16])
    path, (ledger, studio) = os.path.abspath(name), tools()
    try:
        if not ledger.standing('train', 'key', [key]):
            studio.check(photos)
        model = studio.train(photos, person=key, key=key)
        studio.create(model, template, key=key, save_to=path)
    except ApiException as error:
        # The training is paid for and goes on, or nothing that is paid has been done.
        goes_on = error.job_id is not None and not isinstance(error, JobFailedError)
        is_unpaid = not ledger.find(key) and not isinstance(error, ImageCheckError)
        if goes_on or is_unpaid or error.never_left or isinstance(error, ThrottledError):
            raise self.retry(exc=error, countdown=error.retry_after or 60)
        # In doubt, refused, or failed: for a person to look at.
        return error.to_dict()
    return {'portrait': path}
