"""A night's work that is killed and interrupted: run again to the end, each call is paid once."""
import collections
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from helpers import client_at
from support import PHOTOS, ROOT

from ai_service_python_sdk import Ledger
from ai_service_python_sdk.ledger import SUCCEEDED, UNSETTLED

pytestmark = pytest.mark.skipif(not hasattr(signal, 'SIGKILL'), reason='kill -9 as on POSIX')
#: People and orders; 30 and 200 are the whole promise.
PEOPLE, ORDERS = [int(number) for number in os.environ.get('BATCH', '3 9').split()]
SIGNALS = [signal.SIGKILL, signal.SIGINT] * 2 + [signal.SIGKILL]
#: Pixels of the longer side: as few as a training takes with faces found.
SIDE = 620


@pytest.fixture
def photos(tmp_path):
    """A folder with five small photos of each person, and a template."""
    image = pytest.importorskip('PIL.Image', reason='the extra "test" brings Pillow')
    folder = tmp_path / 'photos'
    folder.mkdir()
    for number in range(PEOPLE):
        for shot in range(5):
            name = '{}_{}.jpg'.format(('collins', 'hopper')[number % 2], shot)
            small(image, name, folder / 'p{}_{}.jpg'.format(number, shot))
    small(image, 'template_single_hopper.jpg', folder / 'template.jpg')
    return folder


def small(image, name, path):
    with image.open(os.path.join(PHOTOS, name)) as picture:
        least = SIDE / min(picture.size)
        picture.resize([int(side * least) for side in picture.size]).save(str(path), quality=80)


def orders_of(emulator, path):
    with open(path, 'w') as stream:
        rows = csv.writer(stream)
        rows.writerow(['person', 'photos', 'template', 'sharp_ratio'])
        for number in range(ORDERS):
            who = number % PEOPLE
            rows.writerow([
                'person {}'.format(who),
                '|'.join(emulator.url('p{}_{}.jpg'.format(who, shot)) for shot in range(5)),
                emulator.url('template.jpg'), '{:.3f}'.format(number / 1000.0)])


def start(emulator, folder):
    environment = dict(os.environ, AI_SERVICE_HOST=emulator.host, AI_SERVICE_LANG='en',
                       AI_SERVICE_APP_ID=emulator.app_id, AI_SERVICE_TOKEN=emulator.token,
                       PYTHONPATH=ROOT)
    return subprocess.Popen(
        [sys.executable, '-m', 'ai_service_python_sdk', 'batch', 'orders.csv', '--out', 'out',
         '--yes', '--interval', '0.1', '--ledger', 'ledger.sqlite'],
        cwd=str(folder), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)


def accepted(emulator, operation):
    """Return what the service has accepted and is paid for."""
    return emulator.requests.of(operation, status=200)


def until_quiet(emulator):
    """Wait until what the killed ones had sent is done, or was never taken up."""
    time.sleep(0.3)
    until = time.time() + 60
    while emulator._server.connections and time.time() < until:
        time.sleep(0.05)
    assert not emulator._server.connections


def told(emulator, ledger):
    """Do what a user does who asks the service: settle what it has seen, let go what it has not.

    A creation that it has seen stays in doubt: its portrait is lost, and paid.
    """
    for row in ledger.unsettled():
        if row.kind == 'train':
            seen = [record for record in accepted(emulator, 'train')
                    if record.body['images'] == [name for name, _ in row.photos]]
            if seen:
                ledger.settle(row, **seen[0].answer['data'])
        else:
            seen = emulator.requests.of('create', status=200, model_id=row.model_ids[0],
                                        configure=row.configure)
        if not seen:
            ledger.forget(row)


def is_whole(folder):
    """Hold that a batch has written its report to the end, and that its ledger can be read."""
    report = (folder / 'out' / 'report.jsonl').read_text('utf-8').splitlines()
    assert len([json.loads(line) for line in report]) == ORDERS
    assert (folder / 'out' / 'contact-sheet.html').read_text('utf-8').endswith('</html>\n')
    with Ledger(str(folder / 'ledger.sqlite')) as ledger:
        assert len(list(ledger.creations(None))) == ORDERS


def test_three_kills_and_two_ctrl_c_then_run_to_the_end_pay_each_call_once(
        own_emulator, photos, tmp_path, ctrl_c):
    chance = random.Random(os.environ.get('KILLS_SEED', '16'))
    emulator = own_emulator(files=str(photos), training_seconds=0.05)
    emulator.faults.delay(0.05, operation='/api/v1/aigc_images/create')
    # Every request of the night, not the latest thousand.
    emulator.requests._records = collections.deque()
    orders_of(emulator, str(tmp_path / 'orders.csv'))
    for number in SIGNALS:
        worker = start(emulator, tmp_path)
        while not worker.stdout.readline().startswith((b'calls', b'')[worker.poll() is not None]):
            pass  # the plan
        time.sleep(chance.uniform(0, 0.6 + ORDERS / 15.0))
        worker.send_signal(number)
        printed = worker.communicate(timeout=30)[0].decode('utf-8')
        if worker.returncode == -signal.SIGINT:
            is_whole(tmp_path)  # the batch had ended, and the interpreter was about to
        else:
            assert number == signal.SIGKILL or worker.returncode in (0, 10, 130), printed
        if worker.returncode == 130:
            assert 'go on with: ai-portrait batch orders.csv --out out' in printed
    until_quiet(emulator)
    with Ledger(str(tmp_path / 'ledger.sqlite')) as ledger, client_at(emulator):
        doubts = len(ledger.unsettled())
        told(emulator, ledger)
        last = start(emulator, tmp_path)
        printed = last.communicate(timeout=300)[0].decode('utf-8')
        lost = [row for row in ledger.creations(None) if row.state == UNSETTLED]
        assert last.returncode == (10 if lost else 0), printed
        assert len(accepted(emulator, 'train')) == PEOPLE
        assert len(accepted(emulator, 'create')) == ORDERS
        saved = [row for row in ledger.creations(None) if row.state == SUCCEEDED]
        assert all(os.path.getsize(row.saved) for row in saved)
        assert len(saved) + len(lost) == ORDERS
        pictures = [name for name in os.listdir(str(tmp_path / 'out')) if name.endswith('.jpg')]
        assert len(pictures) == len(saved)
        print('{} in doubt after the signals, {} portraits lost'.format(doubts, len(lost)))
