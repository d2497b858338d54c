"""A Celery worker over a real Redis, killed again and again: no order is trained twice."""
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from helpers import person
from support import PHOTOS, ROOT

from ai_service_python_sdk import Ledger
from ai_service_python_sdk.ledger import UNSETTLED

#: Kills of a worker or its child, the first and every fifth of the whole worker, and orders.
KILLS = int(os.environ.get('KILLS', 4))
ORDERS = 2 * KILLS
#: Seconds until all orders are done at the latest.
PATIENCE = 60
#: Seconds after which what is not done is delivered again.
QUIET = 10
TASKS = '''
import os
import sys
sys.path.insert(0, {root!r})
import redis
from celery import Celery
from ai_service_python_sdk import ApiClient, InDoubtError, Ledger, PortraitStudio

app = Celery('orders', broker={redis!r})
app.conf.update(
    task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={{'visibility_timeout': 1}})


@app.task(name='train')
def train(key, photos):
    done = redis.Redis.from_url({redis!r})
    studio = PortraitStudio(ApiClient({host!r}, {app_id!r}, {token!r}), interval=0.05,
                            ledger=Ledger({ledger!r}))
    try:
        done.hset('orders', key, studio.train(photos, key=key, person=key).model_id)
    except InDoubtError as error:
        assert error.row.key == key
        done.hsetnx('orders', key, 'in doubt')
    done.incr('ended')
'''


@pytest.fixture
def redis_url(tmp_path):
    pytest.importorskip('redis', reason='pip install celery redis')
    pytest.importorskip('celery', reason='pip install celery redis')
    if shutil.which('redis-server') is None:
        pytest.skip('redis-server is not installed')
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ['redis-server', '--port', str(port), '--bind', '127.0.0.1', '--save', '', '--dir',
         str(tmp_path)], stdout=subprocess.DEVNULL)
    yield 'redis://127.0.0.1:{}/0'.format(port)
    server.terminate()
    server.wait(10)


@pytest.fixture
def emulator(quick_eyes):
    from ai_service_python_sdk.emulator import Emulator
    with Emulator(files=PHOTOS, training_seconds=0.3) as service:
        # So that kills fall into trainings that are on their way.
        service.faults.delay(0.4, operation='/api/v1/aigc_images/train')
        yield service


class Worker(object):
    """A worker of two processes, in a group of its own, that can be killed and started again."""

    def __init__(self, folder):
        self._folder = folder
        self.start()

    def start(self):
        with open(os.path.join(self._folder, 'worker.log'), 'ab') as log:
            self._process = subprocess.Popen(
                [sys.executable, '-m', 'celery', '-A', 'tasks', 'worker', '--concurrency', '2',
                 '--loglevel', 'INFO', '--without-gossip', '--without-mingle'],
                cwd=self._folder, stdout=log, stderr=log, start_new_session=True)

    def is_kept_alive(self):
        """Start it again if it has given up, as a supervisor does: it does so without children."""
        if self._process.poll() is not None:
            self.start()
        return True

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def kill_child(self, chance):
        """Kill one of the processes that do the work; the worker gives its task back."""
        listed = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(self._process.pid)],
                                stdout=subprocess.PIPE).stdout.split()
        if listed:
            os.kill(int(chance.choice(listed)), signal.SIGKILL)
        return len(listed)


def eventually(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError('not within {} s'.format(seconds))


def is_up(database):
    try:
        return database.ping()
    except Exception:
        return False


def on_their_way(path):
    with Ledger(path) as ledger:
        return ledger.unsettled()


def deliver(tasks, photos):
    """Put every order into the queue, from a process that knows the tasks."""
    code = ('import sys; sys.path.insert(0, sys.argv[1]); from tasks import train\n'
            'for number in range({}): train.delay("order-%d" % number, sys.argv[2:])')
    subprocess.check_call([sys.executable, '-c', code.format(ORDERS), tasks] + photos)


class Orders(object):
    """The queue's side: delivers orders as often as it likes, and sees what became of them."""

    def __init__(self, tasks, photos, database, worker):
        self._tasks, self._photos, self._database = tasks, photos, database
        self._worker = worker
        self.deliver()

    def deliver(self):
        deliver(self._tasks, self._photos)

    def ended(self):
        return int(self._database.get('ended') or 0)

    def missing(self):
        return ORDERS - self._database.hlen('orders')

    def until(self, condition):
        """Wait; what has got stuck is delivered again.

        Celery itself loses a task that is killed between the queue and its list of open tasks.
        """
        for _ in range(PATIENCE // QUIET):
            with contextlib.suppress(AssertionError):
                return eventually(lambda: self._worker.is_kept_alive() and condition(), QUIET)
            self.deliver()
        raise AssertionError('not within {} s'.format(PATIENCE))


def test_orders_that_are_killed_again_and_again_train_once(emulator, redis_url, tmp_path):
    import redis
    chance, path = random.Random(14), str(tmp_path / 'ledger.sqlite')
    (tmp_path / 'tasks.py').write_text(TASKS.format(
        root=ROOT, redis=redis_url, host=emulator.host, app_id=emulator.app_id,
        token=emulator.token, ledger=path))
    database = redis.Redis.from_url(redis_url)
    eventually(lambda: is_up(database), 10)
    worker, kills = Worker(str(tmp_path)), 0
    try:
        orders = Orders(str(tmp_path), person(emulator, 'collins'), database, worker)
        while kills < KILLS:
            ended = orders.ended()
            # A worker whose process dies while it starts never ends, and does nothing.
            orders.until(lambda: orders.ended() > ended)
            if kills % 5 == 0:
                # At the moment when a training is on its way, so that it stays in doubt.
                orders.until(lambda: on_their_way(path) or not orders.missing())
                worker.kill()
                time.sleep(1.1)  # what was not acknowledged is visible again
                worker.start()
                kills += 1
            else:
                time.sleep(chance.uniform(0, 0.5))
                kills += worker.kill_child(chance) > 0
        orders.until(lambda: not orders.missing())
    finally:
        worker.kill()
    found = dict((key.decode(), model.decode())
                 for key, model in database.hgetall('orders').items())
    database.close()
    compare(emulator, path, found)


def compare(emulator, path, orders):
    """Every order is finished or in doubt; nothing was trained twice."""
    jobs = emulator.store.jobs(kind='Image')
    with Ledger(path) as ledger:
        rows = dict((row.key, row) for row in ledger.trainings(None))
        assert len(rows) == len(ledger.trainings(None)) == ORDERS
    assert len(jobs) <= ORDERS and set(orders) == set(rows)
    trained = set(row['model_id'] for row in jobs)
    doubts = [key for key, model in orders.items() if model == 'in doubt']
    for key, model in orders.items():
        assert model in trained if key not in doubts else rows[key].message is None
    print('{} trainings, in doubt: {} ({} without an answer)'.format(
        len(jobs), sorted(doubts), sum(row.state == UNSETTLED for row in rows.values())))
