"""What a night's work costs: ``python tests/benchmarks/batch.py [ORDERS] [CREATIONS]``.

Plans so many orders (100,000), then makes so many portraits (10,000) at concurrency 32 against the
fast server of ``server.py``: a batch, ``create_many``, and ``aigc_images_create`` in a
``ThreadPoolExecutor``, which is how programs of the older SDK do it.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
PEOPLE, CONCURRENCY = 1000, 32
PHOTO, TEMPLATE = 'https://a.test/{}/{}.jpg', 'https://a.test/t/{}.jpg'


class Server(object):
    """The server's process."""

    def __init__(self):
        self._process = subprocess.Popen([sys.executable, os.path.join(HERE, 'server.py')],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.host = 'http://localhost:{}'.format(int(self._process.stdout.readline()))

    def stop(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def order(number, people=PEOPLE):
    who = number % people
    return {'person': 'p{}'.format(who), 'photos': [PHOTO.format(who, i) for i in range(6)],
            'template': TEMPLATE.format(number // people)}


def resident():
    """Return the megabytes that this process has in memory now."""
    with open('/proc/self/statm') as stream:
        return int(stream.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6


def planned(studio, count, folder):
    path = os.path.join(folder, 'orders.csv')
    with open(path, 'w') as stream:
        stream.write('person,photos,template\n')
        for number in range(count):
            each = order(number)
            stream.write('{},{},{}\n'.format(each['person'], '|'.join(each['photos']),
                                             each['template']))
    began, before = time.perf_counter(), resident()
    plan = studio.batch(path, folder).plan()
    print('{} orders planned: {:.1f} s, {:.0f} MB, {:.0f} MB more than before'.format(
        plan.orders, time.perf_counter() - began, resident(), resident() - before))


def timed(name, host, count, work):
    urlopen(host + '/stats').read()
    began, memory = time.perf_counter(), []
    for number, _ in enumerate(work):
        if number in (count // 10, count - 1):
            memory.append(resident())
    seconds = time.perf_counter() - began
    stats = json.loads(urlopen(host + '/stats').read().decode('ascii'))
    print('{:<28} {:6.0f} portraits/s, {} connections at most {} open, memory {:.0f} to {:.0f} MB'
          .format(name, count / seconds, stats['connections'] - 1, stats['most_open'] - 1,
                  memory[0], memory[-1]))


def direct(client, count):
    from ai_service_python_sdk import AIGCImagesApi
    api = AIGCImagesApi(client)
    client._expect(CONCURRENCY)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for answer in pool.map(lambda number: api.aigc_images_create(
                'm', TEMPLATE.format(number)).data['image'], range(count)):
            yield answer


def main(orders=100000, count=10000):
    from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio
    folder, server = tempfile.mkdtemp(), Server()
    try:
        with Ledger(os.path.join(folder, 'ledger.sqlite')) as ledger:
            def client():
                return ApiClient(server.host, 'app', 'token')
            planned(PortraitStudio(client(), ledger=ledger), orders, folder)
            with client() as own:
                timed('a pool of 32 threads', server.host, count, direct(own, count))
            with client() as own:
                timed('create_many', server.host, count, PortraitStudio(own).create_many(
                    (('m', TEMPLATE.format(number)) for number in range(count)), CONCURRENCY))
            row = ledger.begin('train', photos=order(0, 1)['photos'], person='p0')
            ledger.settle(row, job_id=1, model_id='m', state='succeeded')
            with client() as own:
                timed('batch, ledger, saved', server.host, count, PortraitStudio(
                    own, ledger=ledger).batch((order(number, 1) for number in range(count)),
                                              os.path.join(folder, 'out'), CONCURRENCY))
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
