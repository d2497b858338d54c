"""kill -9 in the middle of trainings and creations: ledger and emulator tell the same story."""
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from helpers import client_at, person
from support import PHOTOS, ROOT

from ai_service_python_sdk import InDoubtError, Ledger, PortraitStudio
from ai_service_python_sdk.ledger import ACCEPTED, SUCCEEDED, UNSETTLED

pytestmark = pytest.mark.skipif(not hasattr(signal, 'SIGKILL'), reason='kill -9 as on POSIX')
#: Moments at which a worker is killed.
KILLS = int(os.environ.get('KILLS', 200))
#: Seconds in which a kill falls: as long as training and creation take.
LONGEST = 0.08
#: Forks a worker for each line of arguments, so that none has to start a Python of its own; it
#: stays, dead or alive, until the next line.
WORKERS = '''
import json, os, sys
sys.path.insert(0, {root!r})
from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio
from ai_service_python_sdk.client.transport import exchange

def work(host, app, token, ledger, key, model, template, *photos):
    studio = PortraitStudio(ApiClient(host, app, token), ledger=Ledger(ledger))
    studio.train(photos, wait=False, key=key, person=key)
    studio.create(model, template, key=key)

for line in sys.stdin:
    worker = os.fork()
    if not worker:
        work(*json.loads(line))
        os._exit(0)
    print(worker, flush=True)
    sys.stdin.readline()
    print(os.waitpid(worker, 0)[1], flush=True)
'''


@pytest.fixture(scope='module')
def emulator(quick_eyes):
    from ai_service_python_sdk.emulator import Emulator
    with Emulator(files=PHOTOS, training_seconds=0.1) as service:
        yield service


@pytest.fixture
def workers():
    with subprocess.Popen([sys.executable, '-c', WORKERS.format(root=ROOT)], bufsize=0,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.stdin.close()


def is_killed(workers, moment, arguments):
    """Let a worker begin, and kill it so many seconds later; return whether it still ran."""
    workers.stdin.write(json.dumps(arguments).encode('ascii') + b'\n')
    worker = int(workers.stdout.readline())
    time.sleep(moment)
    os.kill(worker, signal.SIGKILL)
    workers.stdin.write(b'\n')
    return int(workers.stdout.readline()) == signal.SIGKILL


def jobs_of(emulator):
    """Return the trainings that the emulator has accepted, as job id to model id."""
    rows = emulator.store.jobs(kind='Image')
    return dict((row['id'], row['model_id']) for row in rows)


def compare(emulator, ledger, before):
    """Compare both; what is accepted a moment later has a row already."""
    rows = ledger.trainings(None)
    known = dict((row.job_id, row.model_id) for row in rows if row.state in (ACCEPTED, SUCCEEDED))
    jobs = dict(pair for pair in jobs_of(emulator).items() if pair[0] not in before)
    assert all(jobs[job_id] == model_id for job_id, model_id in known.items())
    unknown = len(jobs) - len(known)
    assert 0 <= unknown <= sum(1 for row in rows if row.state == UNSETTLED)
    return jobs, rows


def test_after_kill_9_at_random_moments_ledger_and_emulator_tell_the_same_story(
        emulator, workers, tmp_path):
    chance = random.Random(os.environ.get('KILLS_SEED', '14'))
    path = str(tmp_path / 'l.sqlite')
    photos = person(emulator, 'collins')
    template = emulator.url('template_single_hopper.jpg')
    with client_at(emulator) as client, Ledger(path) as ledger:
        studio = PortraitStudio(client, interval=0.05)
        model = studio.train(photos)
        before = set(jobs_of(emulator))
        killed = 0
        for number in range(KILLS):
            # A training is the shorter part.
            moment = LONGEST * chance.random() ** 2
            killed += is_killed(workers, moment, [
                emulator.host, emulator.app_id, emulator.token, path,
                'order-{}'.format(number), model.model_id, template] + photos)
            compare(emulator, ledger, before)
        time.sleep(1)  # what the last one had sent is answered
        jobs, rows = compare(emulator, ledger, before)
        assert len(set(row.key for row in rows)) == len(rows) and len(jobs) <= len(rows) <= KILLS
        made = sum(1 for record in emulator.requests
                   if record.path.endswith('/create') and record.status == 200)
        creations = ledger.creations(None)
        settled = [row for row in creations if row.state == SUCCEEDED]
        assert len(settled) <= made <= len(creations) and killed
        print("{} killed: {} trainings accepted, {} in doubt; {} creations made, {} in doubt"
              .format(killed, len(jobs), sum(row.state == UNSETTLED for row in rows), made,
                      len(creations) - len(settled)))
        deliver_again(studio_of(client, ledger), ledger, photos, rows)
        assert jobs_of(emulator).keys() - before == jobs.keys()


def studio_of(client, ledger):
    return PortraitStudio(client, ledger=ledger, interval=0.05)


def deliver_again(studio, ledger, photos, rows):
    """A queue delivers each order once more: it gets its model, or is told that it is in doubt."""
    for row in rows:
        if row.state == UNSETTLED:
            with pytest.raises(InDoubtError, match=row.key):
                studio.train(photos, key=row.key)
        else:
            assert studio.train(photos, key=row.key, wait=False).job_id == row.job_id
