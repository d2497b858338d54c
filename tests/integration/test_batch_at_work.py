"""A night's work against the emulator: order of calls, asyncio, and files at a prompt."""
import asyncio
import csv
import os
import subprocess
import sys
import threading

import pytest
from helpers import client_at, person
from support import PHOTOS, ROOT
from support.oss_server import BUCKET

if sys.version_info < (3, 8):
    pytest.skip('aio needs Python 3.8', allow_module_level=True)

from ai_service_python_sdk import Ledger, PortraitStudio, aio  # noqa: E402
from ai_service_python_sdk.cli import main  # noqa: E402
from ai_service_python_sdk.client.api_client import ApiClient  # noqa: E402
from ai_service_python_sdk.plan import Plan  # noqa: E402
from ai_service_python_sdk.uploads import OssUploads  # noqa: E402


def order(emulator, name, who, template='hopper'):
    return {'person': name, 'photos': person(emulator, who),
            'template': emulator.url('template_single_{}.jpg'.format(template))}


def test_creations_of_one_person_begin_while_another_trains(own_emulator, tmp_path):
    emulator = own_emulator(training='held')
    with client_at(emulator) as client, Ledger(str(tmp_path / 'l.sqlite')) as ledger:
        studio = PortraitStudio(client, ledger=ledger, interval=0.02)
        batch = studio.batch([order(emulator, 'Grace', 'hopper'),
                              order(emulator, 'Eileen', 'collins')], str(tmp_path))
        let_go = threading.Thread(target=finish_first, args=(emulator,))
        let_go.start()
        first = next(batch)
        let_go.join()
        assert first.state == 'saved' and len(batch.people) == 1
        emulator.trainings.release()
        second, = batch
        assert second.state == 'saved' and first.order.person != second.order.person
        assert len(emulator.requests.of('train')) == len(emulator.requests.of('create')) == 2


def finish_first(emulator):
    while len(emulator.requests.of('train', status=200)) < 2:
        threading.Event().wait(0.02)
    emulator.trainings.finish(1)


def test_a_batch_is_awaited(own_emulator, tmp_path):
    emulator = own_emulator()

    async def run():
        client = aio.ApiClient(emulator.host, emulator.app_id, emulator.token)
        async with client:
            studio = aio.PortraitStudio(client, ledger=Ledger(str(tmp_path / 'l.sqlite')),
                                        interval=0.02)
            return [result.state async for result in studio.batch(
                [order(emulator, 'Grace', 'hopper')] * 1 + [
                    order(emulator, 'Grace', 'hopper', 'collins')], str(tmp_path))]
    assert asyncio.run(run()) == ['saved', 'saved']


def test_the_plan_of_a_batch_is_awaited_and_its_counts_are_read(own_emulator, tmp_path):
    emulator = own_emulator()

    async def run():
        async with aio.ApiClient(emulator.host, emulator.app_id, emulator.token) as client:
            studio = aio.PortraitStudio(client, ledger=Ledger(str(tmp_path / 'l.sqlite')),
                                        interval=0.02)
            batch = studio.batch([order(emulator, 'Grace', 'hopper')], str(tmp_path))
            plan = await batch.plan()
            assert isinstance(plan, Plan) and not emulator.requests and not batch.counts
            async for _ in batch:
                pass
            return plan, batch.counts
    plan, counts = asyncio.run(run())
    assert (plan.orders, plan.trainings, plan.creations) == (1, 1, 1) and counts == {'saved': 1}


def test_a_portrait_of_a_batch_that_nobody_awaits_is_named_with_its_key_and_its_file(
        own_emulator, tmp_path, caplog):
    emulator = own_emulator()
    slow = emulator.faults.delay(0.5, operation='create')

    async def run():
        async with aio.ApiClient(emulator.host, emulator.app_id, emulator.token) as client:
            studio = aio.PortraitStudio(client, ledger=Ledger(str(tmp_path / 'l.sqlite')),
                                        interval=0.02)
            batch = studio.batch([dict(order(emulator, 'Grace', 'hopper'), key='order-7',
                                       out='grace.jpg')], str(tmp_path))
            step = asyncio.ensure_future(batch.__anext__())
            while not slow.happened:
                await asyncio.sleep(0.02)
            step.cancel()
    asyncio.run(run())
    assert "'key': 'order-7'" in caplog.text and 'grace.jpg' in caplog.text
    assert os.path.getsize(str(tmp_path / 'grace.jpg')) > 0


def test_an_order_that_was_there_before_is_not_said_to_be_paid_for_when_a_stream_is_left(
        own_emulator, tmp_path, caplog):
    emulator = own_emulator()
    orders = [dict(order(emulator, 'Grace', 'hopper'), key=str(number)) for number in range(3)]

    async def run(leaves):
        async with aio.ApiClient(emulator.host, emulator.app_id, emulator.token) as client:
            studio = aio.PortraitStudio(client, ledger=Ledger(str(tmp_path / 'l.sqlite')),
                                        interval=0.02)
            batch, states = studio.batch(orders, str(tmp_path)), []
            async for result in batch:
                states.append(result.state)
                if leaves:
                    break
            await batch.aclose()
            return states
    assert asyncio.run(run(False)) == ['saved'] * 3
    assert asyncio.run(run(True)) == ['there'] and "'key'" not in caplog.text


def test_a_stream_that_is_left_sends_no_more(own_emulator, tmp_path):
    emulator = own_emulator()
    orders = [dict(order(emulator, 'Grace', 'hopper'), key=str(number)) for number in range(30)]

    async def run():
        async with aio.ApiClient(emulator.host, emulator.app_id, emulator.token) as client:
            studio = aio.PortraitStudio(client, ledger=Ledger(str(tmp_path / 'l.sqlite')),
                                        interval=0.02)
            async for result in studio.batch(orders, str(tmp_path)):
                return result.state
    assert asyncio.run(run()) == 'saved'
    assert len(emulator.requests.of('create')) < 30


def test_at_a_prompt_files_folders_and_patterns_are_fetched_by_the_emulator(
        tmp_path, monkeypatch, capfd, emulator):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.setenv('AI_SERVICE_LANG', 'en')
    (tmp_path / 'lists').mkdir()
    with open('lists/orders.csv', 'w') as stream:
        rows = csv.writer(stream)
        rows.writerow(['person', 'photos', 'template'])
        rows.writerow(['Grace', os.path.join(PHOTOS, 'hopper_*.jpg'),
                       os.path.join(PHOTOS, 'template_single_*.jpg')])
    words = ['batch', 'lists/orders.csv', '--emulator', '--yes', '--training-seconds', '0.1']
    assert main(words) == 0
    assert '      2  made and saved' in capfd.readouterr()[0]
    assert main(words) == 0
    assert '      2  there from before' in capfd.readouterr()[0]
    assert main([word for word in words if word != '--emulator'] + [
        '--host', emulator.host, '--app-id', emulator.app_id, '--token', emulator.token]) == 2
    assert 'lists' not in capfd.readouterr()[1].split('orders.csv, line 2')[0]


def test_portraits_under_way_are_saved_after_the_iteration_was_left(own_emulator, tmp_path):
    emulator = own_emulator()
    with ApiClient(emulator.host, emulator.app_id, emulator.token) as client, Ledger(
            str(tmp_path / 'l.sqlite')) as ledger:
        studio = PortraitStudio(client, ledger=ledger, interval=0.02)
        orders = [dict(order(emulator, 'Grace', 'hopper'), key=str(number)) for number in range(6)]
        batch = studio.batch(orders, str(tmp_path / 'out'), concurrency=3)
        assert next(batch).state == 'saved'
        batch.close()
        assert batch.settle(60)
        made = [row for row in ledger.creations() if row.state == 'succeeded']
        assert len(made) == len(emulator.requests.of('create')) == len(ledger.creations())
        assert all(os.path.getsize(row.saved) for row in made)


def test_a_batch_of_files_on_the_disk_uploads_them_and_leaves_nothing(own_emulator, oss, tmp_path):
    emulator = own_emulator()
    photos = [os.path.join(PHOTOS, 'collins_{}.jpg'.format(index)) for index in range(5)]
    rows = [{'person': 'Eileen', 'photos': photos, 'key': str(number),
             'template': os.path.join(PHOTOS, 'template_single_hopper.jpg')} for number in (1, 2)]
    with client_at(emulator) as client, Ledger(str(tmp_path / 'l.sqlite')) as ledger:
        studio = PortraitStudio(client, ledger=ledger, interval=0.02,
                                uploads=OssUploads('oss://' + BUCKET))
        for _ in range(2):
            states = [result.state for result in studio.batch(rows, str(tmp_path / 'out'))]
        assert states == ['there', 'there']
        assert [row.photos[0][0] for row in ledger.trainings()] == [photos[0]]
    assert len(emulator.requests.of('train')) == 1 and len(emulator.requests.of('create')) == 2
    assert oss.objects == {}


ABANDONED = '''
import asyncio, sys
from ai_service_python_sdk import Ledger, aio
async def step(client, order):
    studio = aio.PortraitStudio(client, ledger=Ledger('ledger.sqlite'), interval=0.02)
    async for result in studio.batch([order], 'out'):
        print(result.state)
async def run():
    client = aio.ApiClient(sys.argv[1], sys.argv[2], sys.argv[3])
    task = asyncio.ensure_future(step(client, dict(
        person='Grace', photos=sys.argv[5:], template=sys.argv[4])))
    await asyncio.sleep(0.5)
    task.cancel()
asyncio.run(run())
'''


def test_a_program_that_leaves_its_batch_comes_to_its_end(own_emulator, tmp_path):
    emulator = own_emulator(training='held')
    one = order(emulator, 'Grace', 'hopper')
    done = subprocess.run(
        [sys.executable, '-c', ABANDONED, emulator.host, emulator.app_id, emulator.token,
         one['template']] + one['photos'], cwd=str(tmp_path), timeout=60,
        env=dict(os.environ, PYTHONPATH=ROOT))
    assert done.returncode == 0
