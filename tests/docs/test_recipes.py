"""The programs of the pages on frameworks and clusters, run against the emulator."""
import asyncio
import contextlib
import errno
import hashlib
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from blocks import blocks_of, pages
from support import PHOTOS, ROOT
from support.oss_server import KEY, REGION, SECRET, OssServer

from ai_service_python_sdk import JobTimeoutError, Ledger, PortraitStudio, ServiceError, results
from ai_service_python_sdk.client.job_waiter import JobWaiter

EXAMPLES = os.path.join(ROOT, 'docs', 'examples')
PROGRAMS = sorted(name for name in os.listdir(EXAMPLES) if name.startswith('recipe_'))
#: Lines of a program at most, and seconds that one may run.
MOST_LINES, LONGEST = 60, 120
SERIES = ['portrait_hopper_0.1.jpg', 'portrait_hopper_0.2.jpg', 'portrait_hopper_0.3.jpg']


@pytest.fixture(autouse=True)
def reader(emulator, tmp_path, monkeypatch):
    """A folder and an environment as a reader of the pages has them; jobs are asked for fast."""
    monkeypatch.chdir(tmp_path)
    for name, value in (('HOST', emulator.host), ('APP_ID', emulator.app_id),
                        ('TOKEN', emulator.token)):
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join([
        os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fast'), ROOT]))
    plain = JobWaiter.__init__

    def fast(self, *args, **kwargs):
        plain(self, *args, **kwargs)
        self.interval = self.longest_interval = 0.05
    monkeypatch.setattr(JobWaiter, '__init__', fast)


def need(name):
    return pytest.importorskip(name, reason='this recipe is for {}: pip install it'.format(name))


def loaded(name):
    """Import a program as a module."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(EXAMPLES, name + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*words):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = process.communicate(timeout=LONGEST)[0].decode('utf-8', 'replace')
    assert process.returncode == 0, printed
    return printed


def pictures():
    return sorted(name for name in os.listdir('.') if name.endswith('.jpg'))


def bytes_of(path):
    with open(path, 'rb') as stream:
        return stream.read()


def states():
    with Ledger('orders.sqlite') as ledger:
        return [(row.kind, row.state) for row in reversed(ledger.calls())]


def eventually(condition):
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def photos_of(service, name):
    return [service.url('{}_{}.jpg'.format(name, index)) for index in range(5)]


def test_every_program_stands_on_a_page_and_is_short():
    shown = set(block.argument for page in pages() for block in blocks_of(page)
                if block.mark == 'program')
    assert shown == set(PROGRAMS)
    for name in PROGRAMS:
        with open(os.path.join(EXAMPLES, name), 'rb') as stream:
            assert len(stream.readlines()) < MOST_LINES, name


# one series, elsewhere

SERIES_STATES = [('train', 'succeeded')] + [('create', 'succeeded')] * 3


def test_the_processes_of_this_computer():
    assert run(sys.executable, os.path.join(EXAMPLES, 'recipe_processes.py')) == ''
    assert pictures() == SERIES and states() == SERIES_STATES


#: In a process of its own: who imports Dask gets another way to pickle errors.
ON_DASK = """
import dask.config, distributed, recipe_dask
with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
    with dask.config.set(scheduler_address=cluster.scheduler_address):
        recipe_dask.main()
"""


def test_dask(monkeypatch):
    if importlib.util.find_spec('distributed') is None:
        pytest.skip('this recipe is for Dask: the extra "test" brings it from Python 3.10 on')
    monkeypatch.setenv('PYTHONPATH', EXAMPLES + os.pathsep + os.environ['PYTHONPATH'])
    run(sys.executable, '-c', ON_DASK)
    assert pictures() == SERIES and states() == SERIES_STATES


def test_ray():
    need('ray')
    run(sys.executable, os.path.join(EXAMPLES, 'recipe_ray.py'))
    assert pictures() == SERIES and states() == SERIES_STATES


def test_mpi(monkeypatch):
    need('mpi4py')
    beside = os.path.join(os.path.dirname(sys.executable), 'mpiexec')
    run(beside if os.path.exists(beside) else 'mpiexec', '-n', '3', sys.executable, '-m',
        'mpi4py.futures', os.path.join(EXAMPLES, 'recipe_mpi.py'))
    assert pictures() == SERIES and states() == SERIES_STATES


# frameworks

def file_of(key):
    return 'portrait_{}.jpg'.format(hashlib.sha256(key.encode()).hexdigest()[:16])


def test_celery_does_an_order_that_comes_twice_once(emulator, monkeypatch):
    need('celery')
    monkeypatch.setenv('CELERY_BROKER', 'memory://')
    order = loaded('recipe_celery').order
    template = emulator.url('template_single_collins.jpg')
    words = 'order-7', photos_of(emulator, 'hopper'), template
    first, second = [order.apply(words).get() for _ in range(2)]
    assert first == second == {'portrait': os.path.abspath(file_of('order-7'))}
    assert pictures() == [file_of('order-7')]
    with Ledger('orders.sqlite') as ledger:
        assert len(ledger.calls()) == 2
    slow = emulator.faults.fail((429, 'error', 'too many calls'), operation='train')
    wrong = emulator.url('noface_coffee.jpg')
    assert order.apply(('order-8', words[1], wrong)).get()['class'] == 'TemplateFaceMissingError'
    assert slow.happened == 1


def test_celery_makes_a_file_of_any_key_and_keeps_what_the_disk_does_not_take(
        emulator, tmp_path, monkeypatch):
    need('celery')
    monkeypatch.setenv('CELERY_BROKER', 'memory://')
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    order, write = loaded('recipe_celery').order, results.write_whole
    words = photos_of(emulator, 'hopper'), emulator.url('template_single_collins.jpg')
    made = order.apply(('shop/../7',) + words).get()
    assert made == {'portrait': os.path.abspath(file_of('shop/../7'))}
    place = os.path.abspath(file_of('order-9'))

    def full(data, path, *more, **options):
        if path == place:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        write(data, path, *more, **options)
    monkeypatch.setattr(results, 'write_whole', full)
    with pytest.raises(OSError):
        order.apply(('order-9',) + words).get()
    with Ledger('orders.sqlite') as ledger:
        row = ledger.creations()[0]
    assert row.saved.startswith(str(tmp_path / 'data')) and os.path.getsize(row.saved) > 10000
    monkeypatch.setattr(results, 'write_whole', write)
    assert order.apply(('order-9',) + words).get() == {'portrait': place}
    assert bytes_of(place) == bytes_of(row.saved) and len(states()) == 4


def test_pandas_gets_a_column_of_files_and_one_of_errors():
    pandas = need('pandas')
    loaded('recipe_pandas')
    done = pandas.read_csv('done.csv').set_index('order')
    assert list(done['file'].dropna()) == ['portrait_a1.jpg', 'portrait_a2.jpg'] == pictures()
    assert done['request_id'].notna().tolist() == [True, True, False]
    assert done['error']['a3'].startswith('TemplateFaceMissingError')


def test_a_table_whose_program_dies_with_an_answer_in_hand_goes_on_without_paying_again(
        monkeypatch):
    need('pandas')
    plain = PortraitStudio.create_many

    def dies(self, tasks):
        for _ in plain(self, tasks, concurrency=1):
            raise SystemExit('killed before it looks at the result')
    monkeypatch.setattr(PortraitStudio, 'create_many', dies)
    with pytest.raises(SystemExit):
        loaded('recipe_pandas')
    assert pictures() == ['portrait_a1.jpg']
    monkeypatch.setattr(PortraitStudio, 'create_many', plain)
    loaded('recipe_pandas')
    assert pictures() == ['portrait_a1.jpg', 'portrait_a2.jpg']
    assert states().count(('train', 'succeeded')) == 2
    assert states().count(('create', 'succeeded')) == 2


def test_celery_looks_again_at_a_training_that_goes_on_and_checks_again_what_is_not_paid(
        emulator, monkeypatch):
    need('celery')
    monkeypatch.setenv('CELERY_BROKER', 'memory://')
    order, look, check = loaded('recipe_celery').order, JobWaiter.wait_for_async_job, \
        PortraitStudio.check
    broken = [JobTimeoutError(1), ServiceError(503, 'later')]
    away = [ServiceError(503, 'later')]

    def looks(self, *job):
        if broken:
            raise broken.pop()
        return look(self, *job)

    def checks(self, images):
        if away:
            raise away.pop()
        return check(self, images)
    monkeypatch.setattr(JobWaiter, 'wait_for_async_job', looks)
    monkeypatch.setattr(PortraitStudio, 'check', checks)
    words = photos_of(emulator, 'hopper'), emulator.url('template_single_collins.jpg')
    assert order.apply(('order-3',) + words).get() == {
        'portrait': os.path.abspath(file_of('order-3'))}
    assert not broken and not away
    assert states() == [('train', 'succeeded'), ('create', 'succeeded')]
    unfit = words[0][:4] + [emulator.url('noface_coffee.jpg')]
    assert order.apply(('order-4', unfit, words[1])).get()['class'] == 'ImageCheckError'
    assert len(states()) == 2


def test_a_training_that_failed_does_not_keep_the_program_step_by_step_from_training_again(
        emulator):
    program = [sys.executable, os.path.join(EXAMPLES, 'step_by_step.py')]
    emulator.faults.fail_training('train_weights')
    assert subprocess.call(program, stderr=subprocess.DEVNULL) == 1
    assert not os.path.exists('model.json')
    run(*program)
    assert pictures() == ['portrait.jpg'] and os.path.exists('model.json')


@contextlib.contextmanager
def served(app):
    """Serve an application; give its address, and end it as SIGTERM does."""
    import uvicorn
    with contextlib.closing(socket.socket()) as listening:
        listening.bind(('127.0.0.1', 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level='warning', ws='none'))
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        try:
            yield 'http://127.0.0.1:{}'.format(listening.getsockname()[1]), server
        finally:
            server.should_exit = True
            thread.join(LONGEST)


def test_fastapi_serves_portraits_and_speaks_the_readers_language(emulator, capsys):
    httpx = need('httpx')
    need('fastapi')
    need('uvicorn')
    template = {'template': emulator.url('template_single_collins.jpg')}
    with served(loaded('recipe_fastapi').app) as (address, server), httpx.Client(
            base_url=address, timeout=60) as reader:
        photos = photos_of(emulator, 'hopper')
        trainings = [reader.post('/models/hopper', json=photos) for _ in range(2)]
        assert [answer.status_code for answer in trainings] == [202, 202]
        assert trainings[0].json() == trainings[1].json()
        eventually(lambda: reader.get('/models/hopper').json()['state'] == 2)
        made = [reader.post('/portraits/hopper/1', params=template) for _ in range(2)]
        assert len(os.listdir('portraits')) == 1
        assert made[0].content == made[1].content and made[0].headers['x-request-id']
        assert made[0].headers['content-type'] == 'image/jpeg'
        assert reader.post('/models/nobody', json=photos[:2]).status_code == 422
        wrong = {'template': emulator.url('noface_coffee.jpg')}
        for language, text in (('zh-CN,zh;q=0.9', '人脸'), ('de', 'face')):
            answer = reader.post('/portraits/hopper/' + language[:2], params=wrong,
                                 headers={'Accept-Language': language})
            assert answer.status_code == 422 and text in answer.json()['summary']
            assert answer.json()['request_id'] and emulator.token not in answer.text
        # What is under way when it is told to end is answered.
        slow, answers = emulator.faults.delay(0.5, operation='create'), []
        late = threading.Thread(target=lambda: answers.append(
            reader.post('/portraits/hopper/2', params=template)))
        late.start()
        eventually(lambda: slow.happened)
        server.should_exit = True
        late.join(LONGEST)
        assert answers[0].status_code == 200
    assert 'still out: []' in capsys.readouterr().out
    with Ledger('orders.sqlite') as ledger:
        assert len(ledger.trainings()) == 1 and not ledger.unsettled()


def test_fastapi_says_whose_fault_it_is(emulator):
    httpx = need('httpx')
    need('fastapi')
    need('uvicorn')
    with served(loaded('recipe_fastapi').app) as (address, _), httpx.Client(
            base_url=address, timeout=60) as reader:
        photos, single = photos_of(emulator, 'hopper'), emulator.url('template_single_collins.jpg')
        unfit = photos[:4] + [emulator.url('noface_coffee.jpg')]
        assert reader.post('/models/hopper', json=unfit).status_code == 422
        assert reader.get('/models/hopper').status_code == 404
        assert reader.post('/portraits/nobody/1', params={'template': single}).status_code == 404
        assert reader.post('/models/hopper', json=photos).status_code == 202
        eventually(lambda: reader.get('/models/hopper').json()['state'] == 2)
        two = {'template': emulator.url('template_two.jpg')}
        assert reader.post('/portraits/hopper/1', params=two).status_code == 422
        os.rmdir('portraits')
        failed = reader.post('/portraits/hopper/2', params={'template': single})
        assert failed.status_code == 500


def test_fastapi_makes_two_files_of_two_orders_whatever_their_names(emulator):
    httpx = need('httpx')
    need('fastapi')
    need('uvicorn')
    template = {'template': emulator.url('template_single_collins.jpg')}
    orders = ('a', 'b_c'), ('a_b', 'c')
    with served(loaded('recipe_fastapi').app) as (address, _), httpx.Client(
            base_url=address, timeout=60) as reader:
        for person, photos in (('a', 'hopper'), ('a_b', 'collins')):
            reader.post('/models/' + person, json=photos_of(emulator, photos))
        for person, _ in orders:
            eventually(lambda: reader.get('/models/' + person).json()['state'] == 2)
        made = [reader.post('/portraits/{}/{}'.format(*names), params=template)
                for names in orders]
    files = [os.path.join('portraits', name) for name in os.listdir('portraits')]
    assert len(files) == 2
    assert sorted(bytes_of(path) for path in files) == sorted(each.content for each in made)


#: What a person does on the page, without a browser.
AT_THE_PAGE = """
import gradio, sys
from recipe_gradio import make
photos, template, unfit = sys.argv[1:6], sys.argv[6], sys.argv[7]
print(make(photos, template).size)
for wrong in (photos[:4] + [unfit], []):
    try:
        make(wrong, template)
    except gradio.Error as error:
        print(error)
"""


def test_gradio_makes_a_portrait_of_photos_on_the_disk(monkeypatch):
    need('gradio')
    need('alibabacloud_oss_v2')
    monkeypatch.setenv('PYTHONPATH', EXAMPLES + os.pathsep + os.environ['PYTHONPATH'])
    with OssServer(buckets=(('my-bucket', REGION),)) as oss:
        for name, value in (('AI_SERVICE_UPLOAD', 'oss://my-bucket/portraits'),
                            ('OSS_ENDPOINT', oss.endpoint), ('OSS_REGION', REGION),
                            ('OSS_ACCESS_KEY_ID', KEY), ('OSS_ACCESS_KEY_SECRET', SECRET)):
            monkeypatch.setenv(name, value)
        photos = ['hopper_{}.jpg'.format(index) for index in range(5)]
        printed = run(sys.executable, '-c', AT_THE_PAGE, *[os.path.join(PHOTOS, name) for name in (
            photos + ['template_single_collins.jpg', 'noface_coffee.jpg'])])
        assert not oss.objects
    size, unfit, missing = printed.splitlines()[-3:]
    assert size.startswith('(') and len(pictures()) == 1, printed
    assert 'ImageCheckError' in unfit and '5 to 20' in missing, printed


def test_only_a_training_that_is_paid_for_ends_the_checks_of_its_photos(monkeypatch):
    with Ledger('many.sqlite') as ledger:
        ledger.fail(ledger.begin('train', key='hopper'), 'refused', True)
    checked, check = [], PortraitStudio.check

    def counted(self, photos):
        checked.append(photos)
        return check(self, photos)
    monkeypatch.setattr(PortraitStudio, 'check', counted)
    for _ in range(2):
        loaded('many')
    assert len(checked) == 1
    for name in PROGRAMS:
        assert b'if not ledger.find(' not in bytes_of(os.path.join(EXAMPLES, name)), name
