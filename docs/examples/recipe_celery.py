"""Orders in a queue: celery -A recipe_celery worker

A task whose worker dies comes again, and finds in the ledger what it has paid for.
"""
import hashlib
import os
import tempfile
from functools import lru_cache

from celery import Celery

from ai_service_python_sdk import ApiClient, ApiException, Ledger, PortraitStudio, ThrottledError

app = Celery('orders', broker=os.environ['CELERY_BROKER'])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@lru_cache(maxsize=None)
def studio():
    """Return the studio of this process; all workers of the computer share the ledger."""
    return PortraitStudio(ApiClient.from_env(), ledger=Ledger('orders.sqlite'))


@app.task(bind=True, max_retries=20)
def order(self, key, photos, template):
    name = 'portrait_{}.jpg'.format(hashlib.sha256(key.encode()).hexdigest()[:16])
    path = os.path.abspath(name)
    try:
        model = studio().train(photos, person=key, key=key)
        studio().create(model, template, key=key, save_to=path)
    except ApiException as error:
        if error.never_left or isinstance(error, ThrottledError):
            raise self.retry(exc=error, countdown=error.retry_after or 60)
        # In doubt, refused, or failed: for a person to look at.
        return error.to_dict()
    except OSError as error:    # the disk is full: keep what is paid for; the ledger knows where
        if hasattr(error, 'portrait'):
            error.portrait.save(os.path.join(tempfile.gettempdir(), name))
        raise
    return {'portrait': path}
