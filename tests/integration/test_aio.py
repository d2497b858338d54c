"""asyncio over the same classes: awaited against the emulator, cancelled without losing ids."""
import asyncio
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers import person

if sys.version_info < (3, 8):
    pytest.skip('aio needs Python 3.8', allow_module_level=True)

from ai_service_python_sdk import aio  # noqa: E402
from ai_service_python_sdk import (  # noqa: E402
    AIGCImagesApi, AiServiceJobApi, Ledger, PortraitStudio, SignatureError, TrainedModel)


def client_of(service, **options):
    return aio.ApiClient(service.host, service.app_id, service.token, **options)


def test_the_whole_job_is_awaited(emulator):
    async def whole():
        async with client_of(emulator) as client:
            studio = aio.PortraitStudio(client, interval=0.1)
            return await studio.portrait(person(emulator, 'collins'),
                                         emulator.url('template_single_hopper.jpg'))

    portrait = asyncio.run(whole())
    assert portrait.media_type == 'image/jpeg' and portrait.models[0].job_id


def test_calls_run_side_by_side_and_errors_are_raised_where_they_are_awaited(emulator):
    async def calls():
        async with client_of(emulator) as client:
            api = aio.AIGCImagesApi(client)
            checks = [api.aigc_images_check(person(emulator, 'collins')) for _ in range(5)]
            answers = await asyncio.gather(*checks)
            client.plain.configuration.token = 'wrong'
            with pytest.raises(SignatureError):
                await api.aigc_images_check(person(emulator, 'collins'))
            return answers

    answers = asyncio.run(calls())
    assert all(answer.passed for answer in answers)
    assert len(set(answer.request_id for answer in answers)) == 5


def test_a_ledger_of_the_client_keeps_awaited_calls_too(emulator, tmp_path):
    async def train(ledger):
        async with client_of(emulator) as client:
            client.ledger = ledger
            answer = await aio.AIGCImagesApi(client).aigc_images_train(
                person(emulator, 'collins'))
            model = await aio.PortraitStudio(client).train(
                person(emulator, 'collins'), wait=False)
            return [model.job_id, answer.job_id], client.ledger

    with Ledger(str(tmp_path / 'ledger.sqlite')) as ledger:
        ids, kept = asyncio.run(train(ledger))
        assert [row.job_id for row in ledger.trainings()] == ids and kept is ledger


def test_what_has_no_row_is_awaited_too(emulator):
    async def calls():
        async with client_of(emulator) as client:
            quality = await aio.AiServiceImageApi(client).image_qa(emulator.url('collins_0.jpg'))
            judged = await aio.AiServiceLlmApi(client).llm_evaluation.create(
                'm', [{'role': 'user', 'content': 'x'}])
            info = await aio.AiServiceJobApi(client).get_async_job_with_id(1)
            return quality, judged, info

    try:
        quality, judged, _ = asyncio.run(calls())
    except Exception as error:
        assert getattr(error, 'status', None) == 404  # nobody has job 1 in a fresh emulator
    else:
        assert quality.ok and judged is not None


def test_every_method_of_the_plain_classes_has_an_awaitable_twin():
    for name in aio.__all__:
        twin = getattr(aio, name)
        kind = getattr(twin, '_kind', None)
        for method in vars(kind) if kind else ():
            if not method.startswith('_') and method != 'llm_evaluation':
                assert callable(getattr(twin(aio.ApiClient('http://h', 'a', 't')), method))
    rows = [name for name in vars(PortraitStudio) if not name.startswith('_')]
    assert all(hasattr(aio.PortraitStudio, name) for name in rows)


def test_many_jobs_come_as_they_end(emulator):
    async def wait():
        async with client_of(emulator) as client:
            studio = aio.PortraitStudio(client)
            models = [await studio.train(person(emulator, 'collins'), wait=False)
                      for _ in range(3)]
            jobs = aio.AiServiceJobApi(client)
            done = [item async for item in jobs.wait_for_async_jobs(
                [model.job_id for model in models], interval=0.1)]
            assert studio.trainings == models
            return models, done

    models, done = asyncio.run(wait())
    assert sorted(item.job_id for item in done) == [model.job_id for model in models]
    assert all(item.ok for item in done)


@pytest.mark.parametrize('elsewhere', [False, True], ids=['from here', 'over an executor'])
def test_portraits_of_many_tasks_stream(emulator, monkeypatch, elsewhere):
    monkeypatch.setenv('AI_SERVICE_APP_ID', emulator.app_id)
    monkeypatch.setenv('AI_SERVICE_TOKEN', emulator.token)

    async def stream():
        async with client_of(emulator) as client:
            studio = aio.PortraitStudio(client, interval=0.1)
            model = await studio.train(person(emulator, 'collins'))
            task = model, emulator.url("template_single_hopper.jpg")
            tasks = [task] * 3 + [("no", "http://x")]
            with ThreadPoolExecutor(2) as pool:
                return [item async for item in studio.create_many(
                    tasks, concurrency=2, executor=pool if elsewhere else None)]

    results = asyncio.run(stream())
    assert sorted(item.index for item in results if item.ok) == [0, 1, 2] and len(results) == 4


class Held(object):
    """A plain client's call that goes on until it is let go."""

    def __init__(self):
        self.begun, self.release, self.calls = threading.Event(), threading.Event(), 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        self.begun.set()
        self.release.wait(10)
        return TrainedModel('m-held', 77)


def test_a_call_cancelled_in_the_queue_is_not_sent():
    held, queued = Held(), Held()
    queued.release.set()

    async def calls():
        client = aio.ApiClient('http://h', 'a', 't', concurrency=1)
        first = asyncio.ensure_future(client.run(held))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(client.run(queued))
        await asyncio.sleep(0.05)
        second.cancel()
        held.release.set()
        await first
        await client.close()

    asyncio.run(calls())
    assert held.calls == 1 and queued.calls == 0


def test_a_call_cancelled_on_its_way_leaves_its_ids_in_the_log(caplog):
    held = Held()

    async def calls():
        client = aio.ApiClient('http://h', 'a', 't')
        call = asyncio.ensure_future(client.run(held))
        while not held.begun.is_set():
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        held.release.set()
        await client.close()

    with caplog.at_level(logging.WARNING, 'ai_service_python_sdk'):
        asyncio.run(calls())
    assert "'job_id': 77" in caplog.text and 'm-held' in caplog.text


def test_a_wait_that_is_cancelled_asks_no_more(own_emulator):
    service = own_emulator(training_seconds=60)
    asked = []

    async def wait():
        async with client_of(service) as client:
            studio = aio.PortraitStudio(client, interval=0.05, longest_interval=0.05)
            model = await studio.train(person(service, 'collins'), wait=False)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(studio.wait(model), 0.5)
            await asyncio.sleep(0.3)
            asked.append(len(service.requests))
            await asyncio.sleep(0.5)
            asked.append(len(service.requests))

    asyncio.run(wait())
    assert asked[0] == asked[1]


def test_calls_do_not_stand_behind_waits(own_emulator):
    service = own_emulator(training_seconds=60)

    async def calls():
        async with client_of(service, concurrency=1) as client:
            studio, jobs = aio.PortraitStudio(client, interval=0.05), aio.AiServiceJobApi(client)
            model = await studio.train(person(service, 'collins'), wait=False)
            waits = [asyncio.ensure_future(studio.wait(model)) for _ in range(5)]
            await asyncio.sleep(0.1)
            answer = await asyncio.wait_for(jobs.get_async_job(model.job_id), 30)
            for wait in waits:
                wait.cancel()
            return answer

    assert asyncio.run(calls()).job.id == 1


def test_a_training_that_is_cancelled_in_its_wait_leaves_its_ids_in_the_log(own_emulator, caplog):
    service = own_emulator(training_seconds=60)

    async def train():
        async with client_of(service) as client:
            studio = aio.PortraitStudio(client, interval=0.05)
            call = asyncio.ensure_future(studio.train(person(service, 'collins')))
            while not studio.trainings:
                await asyncio.sleep(0.01)
            call.cancel()
            return studio.trainings

    model, = asyncio.run(train())
    assert repr(model) in caplog.text


def test_a_whole_job_that_is_cancelled_in_its_check_pays_for_nothing(own_emulator):
    service = own_emulator()
    service.faults.delay(0.5, operation='/api/v1/aigc_images/check')

    async def whole():
        async with client_of(service) as client:
            studio = aio.PortraitStudio(client)
            photos = person(service, 'collins')
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(studio.portrait(photos, 'http://t'), 0.1)

    asyncio.run(whole())
    assert [record.path for record in service.requests] == ['/api/v1/aigc_images/check']


def test_a_portrait_of_a_stream_that_nobody_awaits_any_more_is_logged(own_emulator, caplog):
    emulator = own_emulator()
    emulator.faults.delay(0.3, operation='/api/v1/aigc_images/create')

    async def stream():
        async with client_of(emulator) as client:
            studio = aio.PortraitStudio(client, interval=0.1)
            model = await studio.train(person(emulator, 'collins'))
            portraits = studio.create_many([(model, emulator.url('template_single_hopper.jpg'))])
            step = asyncio.ensure_future(portraits.__anext__())
            await asyncio.sleep(0.05)
            step.cancel()

    asyncio.run(stream())
    assert 'request_id' in caplog.text


def test_a_stream_whose_step_was_cancelled_is_over(own_emulator):
    service = own_emulator(training_seconds=60)

    async def wait():
        async with client_of(service) as client:
            model = await aio.PortraitStudio(client).train(person(service, 'collins'), wait=False)
            stream = aio.AiServiceJobApi(client).wait_for_async_jobs([model.job_id], interval=0.05)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.3)
            await asyncio.sleep(0.3)
            return [item async for item in stream]

    assert asyncio.run(wait()) == []


def test_an_interpreter_with_a_call_on_its_way_exits_at_once(tmp_path):
    import subprocess
    from support import ROOT
    script = tmp_path / 'script.py'
    script.write_text(
        'import asyncio, time\nfrom ai_service_python_sdk import aio\n'
        'async def main():\n'
        '    client = aio.ApiClient("http://h", "a", "t")\n'
        '    call = asyncio.ensure_future(client.run(lambda: time.sleep(600)))\n'
        '    await asyncio.sleep(0.2)\n'
        'asyncio.run(main())\n')
    subprocess.run([sys.executable, str(script)], check=True, timeout=60,
                   env=dict(__import__('os').environ, PYTHONPATH=ROOT))


def test_credentials_come_from_the_environment(emulator, monkeypatch):
    monkeypatch.setenv('AI_SERVICE_HOST', emulator.host)
    monkeypatch.setenv('AI_SERVICE_APP_ID', emulator.app_id)
    monkeypatch.setenv('AI_SERVICE_TOKEN', emulator.token)

    async def check():
        async with aio.ApiClient.from_env() as client:
            assert emulator.token not in repr(client)
            return await aio.AIGCImagesApi(client).aigc_images_check(person(emulator, 'collins'))

    assert asyncio.run(check()).passed


def test_plain_and_awaited_classes_are_different_but_named_alike():
    assert aio.AIGCImagesApi.aigc_images_train.__doc__ == AIGCImagesApi.aigc_images_train.__doc__
    assert aio.AiServiceJobApi.wait_for_async_job.__name__ == (
        AiServiceJobApi.wait_for_async_job.__name__)
