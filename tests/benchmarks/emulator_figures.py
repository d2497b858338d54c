"""Measures the figures of the page "Emulator": ``python tests/benchmarks/emulator_figures.py``."""
import os
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import requests  # noqa: E402

from ai_service_python_sdk import AIGCImagesApi, AiServiceJobApi, ApiClient  # noqa: E402
from ai_service_python_sdk.emulator import Emulator  # noqa: E402

PHOTOS = os.path.join(ROOT, 'docs', 'examples', 'photos')
ROUNDS, CLIENTS, CALLS, QUEUED = 5, 50, 200, 300


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work, rounds=ROUNDS):
    return statistics.median(seconds(work) for _ in range(rounds))


def first_answer():
    """From the start of the command to an answer over HTTP."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port',
                                '0', '--quiet'], cwd=ROOT, stdout=subprocess.PIPE)
    host = process.stdout.readline().decode('ascii').split()[1]
    assert requests.get(host + '/health').ok
    took = time.perf_counter() - began
    process.terminate()
    process.wait()
    process.stdout.close()
    return took


def calls_per_second(service):
    """Job queries of many clients at once, in threads of this process."""
    client = ApiClient(service.host, service.app_id, service.token)
    job = AIGCImagesApi(client).aigc_images_train(
        [service.url('collins_0.jpg'), service.url('collins_1.jpg')]).job_id
    jobs = AiServiceJobApi(client)

    def work():
        for _ in range(CALLS):
            jobs.get_async_job(job)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    took = seconds(lambda: [thread.join() for thread in threads])
    client.close()
    return CLIENTS * CALLS / took


def end_with_a_queue():
    service = Emulator(files=PHOTOS).start()
    with ApiClient(service.host, service.app_id, service.token) as client:
        api = AIGCImagesApi(client)
        for _ in range(QUEUED):
            api.aigc_images_train([service.url('collins_{}.jpg'.format(i)) for i in range(5)])
    return seconds(service.stop)


def main():
    print('start of the command to its first answer: {:.2f} s'.format(
        statistics.median(first_answer() for _ in range(ROUNDS))))
    with Emulator(files=PHOTOS, training_seconds=0) as service:
        client = ApiClient(service.host, service.app_id, service.token)
        api = AIGCImagesApi(client)
        photos = [service.url('collins_{}.jpg'.format(i)) for i in range(5)]
        api.aigc_images_check(photos)
        print('check of five photos: {:.2f} s'.format(median(
            lambda: api.aigc_images_check(photos))))
        training = api.aigc_images_train(photos)
        service.trainings.finish(training)
        print('create: {:.2f} s'.format(median(lambda: api.aigc_images_create(
            training.model_id, service.url('template_single_hopper.jpg')))))
        print('calls per second: {:.0f}'.format(calls_per_second(service)))
        client.close()
    print('end with {} queued trainings: {:.1f} s'.format(QUEUED, end_with_a_queue()))


if __name__ == '__main__':
    main()
