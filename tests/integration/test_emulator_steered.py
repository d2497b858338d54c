"""The emulator is steered: the time of trainings, faults, photo verdicts, clocks, a quick end."""
import os
import sqlite3
import sys
import threading
import time

import pytest
from helpers import person, urls, wait

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceJobApi, AiServiceVideoApi, ApiClient, ApiException)
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.emulator.store import Store
from ai_service_python_sdk.emulator.trainings import HELD

pytestmark = pytest.mark.usefixtures('emulator')
#: Seconds that a training of the tests would take if it were not steered.
LONG = 3600
#: Calls of each of 50 clients; 200 take ten seconds.
CALLS = int(os.environ.get('CALLS', 40))


class Caller(object):
    """Calls an emulator of the test's own."""

    def __init__(self, service):
        self.service = service
        client = ApiClient(service.host, service.app_id, service.token)
        self.api, self.jobs = AIGCImagesApi(client), AiServiceJobApi(client)
        self.videos = AiServiceVideoApi(client)

    def train(self, count=2):
        return self.api.aigc_images_train(person(self.service, 'collins')[:count]).job_id

    def state(self, job_id):
        return self.jobs.get_async_job(job_id).job.state

    def codes(self, *names):
        checked = self.api.aigc_images_check(urls(self.service, *names)).check_results
        return [result.code for result in checked]


@pytest.fixture
def caller(own_emulator):
    return lambda **options: Caller(own_emulator(**options))


# the time of trainings

def test_after_three_looks_the_fourth_sees_the_job_done(caller):
    one = caller(training='after 3 looks')
    first, second = one.train(), one.train()
    assert [one.state(first) for _ in range(5)] == [1, 1, 1, 2, 2]
    assert [one.state(second) for _ in range(4)] == [1, 1, 1, 2]


def test_jobs_of_a_store_that_is_gone_say_nothing_of_new_ones(caller):
    one = caller(training='after 1 look')
    assert one.state(one.train()) == 1
    one.service.stop()
    with one.service:
        again = Caller(one.service)
        job = again.train()
        assert [again.state(job) for _ in range(3)] == [1, 2, 2]


def test_a_job_that_was_finished_stays_so_over_a_stop(caller, tmp_path):
    one = caller(training=HELD, store=str(tmp_path / 'jobs.sqlite'))
    job = one.train()
    one.service.trainings.finish(job)
    one.service.stop()
    with one.service:
        assert Caller(one.service).state(job) == 2


def test_looks_of_the_page_do_not_count(caller):
    one = caller(training='after 1 look')
    job = one.train()
    for row in one.service.store.latest_jobs(9) * 5:
        one.service.trainings.state(row)
    assert [one.state(job), one.state(job)] == [1, 2]


def test_a_held_training_ends_when_it_is_released(caller):
    one = caller(training='held')
    job = one.train()
    time.sleep(0.5)
    assert one.state(job) == 1
    one.service.trainings.release()
    assert wait(one.jobs, job).state == 2


def test_hold_and_finish_end_one_job_and_leave_the_others(caller):
    one = caller()
    one.service.trainings.hold()
    assert one.service.trainings.mode == 'held'
    first, second = one.train(), one.train()
    one.service.trainings.finish(first)
    assert (one.state(first), one.state(second)) == (2, 1)


def test_a_running_job_fails_with_a_documented_error_and_makes_no_model(caller):
    one = caller(training_seconds=LONG)
    training = one.api.aigc_images_train(person(one.service, 'collins'))
    one.service.trainings.fail(training, 'train_template')
    job = one.jobs.get_async_job(training.job_id).job
    assert (job.state, job.message) == (3, 'Training - Not get best template image')
    with pytest.raises(exceptions.ModelNotTrainedError):
        one.api.aigc_images_create(training.model_id, one.service.url('template_two.jpg'))


def test_the_pace_may_change_at_any_time(caller):
    one = caller(training_seconds=LONG)
    slow = one.train()
    one.service.trainings.mode = 0
    quick = one.train()
    assert wait(one.jobs, quick).state == 2 and one.state(slow) == 1
    one.service.trainings.mode = 'after 1 looks'
    assert one.service.trainings.mode == 'after 1 looks'


@pytest.mark.parametrize('steer, problem', [
    (lambda trainings: trainings.finish(99), 'there is no such job; running: none'),
    (lambda trainings: trainings.fail(99), 'there is no such job'),
    (lambda trainings: trainings.finish('one'), 'there is no such job'),
    (lambda trainings: setattr(trainings, 'mode', 'soon'), 'after 3 looks'),
    (lambda trainings: setattr(trainings, 'mode', 'after 3 looks\n'), 'give seconds'),
    (lambda trainings: setattr(trainings, 'mode', -1), 'after 3 looks'),
    (lambda trainings: setattr(trainings, 'mode', float('nan')), 'after 3 looks'),
    (lambda trainings: setattr(trainings, 'mode', None), 'after 3 looks')])
def test_what_cannot_be_steered_is_said_with_what_can(own_emulator, steer, problem):
    with pytest.raises(ValueError, match=problem):
        steer(own_emulator().trainings)


def test_a_job_that_has_ended_cannot_be_failed_and_stays(caller):
    one = caller(training_seconds=0)
    job = one.train()
    assert wait(one.jobs, job).state == 2
    with pytest.raises(ValueError, match='it has ended'):
        one.service.trainings.fail(job)
    assert one.state(job) == 2


def test_by_default_a_job_is_1_until_it_is_2_as_the_guides_java_sample_needs(caller):
    one = caller(training_seconds=0.4)
    job, states = one.train(), []
    # The sample: anything but 1 (go on) and 2 (done) is a failure.
    while not states or states[-1] == 1:
        states.append(one.state(job))
        time.sleep(0.02)
    assert set(states) == {1, 2}


@pytest.mark.parametrize('share', [-0.1, 1.1, float('nan')])
def test_a_share_that_is_none_is_refused(share):
    from ai_service_python_sdk.emulator import Emulator
    with pytest.raises(ValueError, match='from 0 to 1'):
        Emulator(initial_share=share)


def test_a_share_of_state_0_can_be_asked_for(caller):
    one = caller(training='after 4 looks', initial_share=0.5)
    job = one.train()
    assert [one.state(job) for _ in range(5)] == [0, 0, 1, 1, 2]


def test_videos_follow_the_same_pace(caller):
    one = caller(training='after 1 look')
    job = one.videos.video_qa('http://127.0.0.1/v.mp4', 'title').job_id
    assert [one.state(job), one.state(job)] == [1, 2]


# clocks

def test_a_training_ends_while_the_clock_of_a_test_stands_still(caller):
    freezegun = pytest.importorskip('freezegun')
    one = caller(training_seconds=0.3)
    with freezegun.freeze_time('2024-05-06 12:00:00'):
        job = one.train()
        for _ in range(400):
            state = one.state(job)
            if state == 2:
                break
            threading.Event().wait(0.02)
    assert state == 2


def test_a_clock_that_is_set_back_returns_no_job_to_an_earlier_state(caller, monkeypatch):
    one = caller(training_seconds=0.1, initial_share=0.5)
    done, running = one.train(), None
    assert wait(one.jobs, done).state == 2
    one.service.trainings.mode = LONG
    one.service.trainings.initial_share = 0.0
    running = one.train()
    real = time.time
    monkeypatch.setattr(time, 'time', lambda: real() - 86400)
    assert (one.state(done), one.state(running)) == (2, 1)


def test_a_clock_that_leaps_ends_no_training_that_nobody_has_looked_at(caller, monkeypatch):
    one = caller(training=LONG)
    job, real = one.train(), time.time
    while one.service.store.job(id=job)['outcome'] is None:
        time.sleep(0.01)
    monkeypatch.setattr(time, 'time', lambda: real() + 86400)
    assert one.state(job) == 1


def test_a_reset_ends_who_waits_for_a_training(caller):
    one = caller(training='held')
    one.service.trainings._work = lambda job_id: None
    waiting = threading.Thread(target=one.service.trainings.finish, args=(one.train(),))
    waiting.start()
    time.sleep(0.05)
    one.service.reset()
    waiting.join(5)
    assert not waiting.is_alive()


# faults

@pytest.mark.parametrize('code', [2, 3, 4, 5, 6])
def test_every_code_can_be_given_to_a_photo_by_name(caller, code):
    one = caller()
    one.service.faults.photo(code, url='collins_1.jpg')
    for _ in range(2):
        assert one.codes('collins_0.jpg', 'collins_1.jpg') == [1, code]
    job = one.train()
    state = [state['code'] for state in wait(one.jobs, job).result['states']]
    assert state == [1, code]
    signed = one.service.url('collins_1.jpg') + '?Signature=x'
    assert one.api.aigc_images_check([signed]).check_results[0].code == code


def test_a_photo_fault_without_a_url_takes_every_photo_as_often_as_it_says(caller):
    one = caller()
    fault = one.service.faults.photo(5, times=3)
    assert one.codes('collins_0.jpg', 'collins_1.jpg') == [5, 5]
    assert one.codes('collins_0.jpg', 'collins_1.jpg') == [5, 1]
    assert fault.happened == 3 and one.service.faults.pending == []


@pytest.mark.parametrize('operation', [
    'async_jobs', '/api/v1/async_jobs/', '/api/v1/async*', '/api/v1/async_jobs/*', '*'])
def test_a_fault_for_the_start_of_a_path_meets_jobs_whose_id_is_not_known_before(caller,
                                                                                 operation):
    one = caller()
    job = one.train()
    one.service.faults.fail((418, 'error', 'teapot'), operation=operation)
    with pytest.raises(ApiException, match='teapot'):
        one.state(job)


def test_a_fault_for_one_job_leaves_the_others(caller):
    one = caller(training_seconds=LONG)
    first, second = one.train(), one.train()
    one.service.faults.fail('job_id', operation='/api/v1/async_jobs/{}'.format(second))
    assert one.state(first) == 1
    with pytest.raises(ApiException):
        one.state(second)


@pytest.mark.parametrize('script, listed', [
    (lambda faults: faults.fail('quota', operation='/api/v1/aigc_images/chekc'), 'check, create'),
    (lambda faults: faults.fail('quota', operation=5), 'async_jobs'),
    (lambda faults: faults.fail('quotas'), 'quota'),
    (lambda faults: faults.fail(None), 'quota'),
    (lambda faults: faults.fail(('x', 'error', 'y')), 'quota'),
    (lambda faults: faults.fail_training('weights'), 'train_weights'),
    (lambda faults: faults.photo(1), '2, 3, 4, 5, 6'),
    (lambda faults: faults.photo('5'), '2, 3, 4, 5, 6'),
    (lambda faults: faults.photo(5, url=5), '`url`'),
    (lambda faults: faults.photo(5, operation='check'), 'photo takes none'),
    (lambda faults: faults.fail_training(operation='create'), 'fail_training takes none'),
    (lambda faults: faults.fail('quota', times='x'), '`times`'),
    (lambda faults: faults.fail('quota', times=0), '`times`'),
    (lambda faults: faults.fail('quota', time=1), '`time` is unknown; a fault has action'),
    (lambda faults: faults.add('explode'), 'drop_after'),
    (lambda faults: faults.delay(-1), 'seconds from 0 to 3600'),
    (lambda faults: faults.delay('soon'), 'seconds from 0 to 3600'),
    (lambda faults: faults.delay(True), 'seconds from 0 to 3600'),
    (lambda faults: faults.fail((500, {}, None)), 'quota'),
    (lambda faults: faults.answer(199, b''), r'\[status, body\]'),
    (lambda faults: faults.answer(200, 5), r'\[status, body\]'),
    (lambda faults: faults.add('drop', 5), 'drop takes nothing')])
def test_a_fault_that_would_never_happen_is_refused_with_what_exists(emulator, script, listed):
    with pytest.raises(ValueError, match=listed):
        script(emulator.faults)
    assert emulator.faults.all == []


def test_a_fault_of_trainings_may_name_their_operation_in_any_way(own_emulator):
    faults = own_emulator().faults
    one = faults.fail_training('train_weights', operation='train')
    assert faults.fail_training('train_weights', operation=one.operation).takes(one.operation)


def test_pending_names_what_has_not_happened(caller):
    one = caller()
    faults = one.service.faults
    faults.fail('quota', times=2, operation='check')
    always = faults.delay(0, times=None)
    assert [fault.action for fault in faults.pending] == ['error', 'delay']
    with pytest.raises(exceptions.QuotaExceededError):
        one.codes('collins_0.jpg')
    assert [(fault.action, fault.times) for fault in faults.pending] == [('error', 1)]
    assert always.happened == 1 and repr(faults.pending[0]) == (
        "Fault('error', operation='/api/v1/aigc_images/check', "
        "value=(400, 'EXCEEDED_QUOTA_ERROR', 'exceeded quota'))")


# jobs of many, and the end

def test_the_ids_of_batches_that_are_made_at_once_differ_and_each_has_its_own_jobs(caller):
    one, ids = caller(), []

    def work():
        for _ in range(15):
            ids.append(one.videos.batch_video_qa([{'url': 'u'}] * 3).batch_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == len(ids) == 60
    assert all(len(one.jobs.get_batch_job(batch_id).jobs) == 3 for batch_id in ids)


def test_two_emulators_over_one_file_give_no_batch_id_twice(own_emulator, tmp_path):
    ids = []
    stores = [own_emulator(store=str(tmp_path / 'jobs.sqlite')).store for _ in range(2)]

    def work(store):
        for _ in range(30):
            ids.append(store.add_jobs(2, True, kind='Video', request='{}')[0])

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == len(ids) == 60


def test_300_queued_trainings_hold_up_no_end_and_are_two_threads(caller):
    one = caller()
    one.train(5)  # its connection has a thread too
    before = set(threading.enumerate())
    for _ in range(300):
        one.train(5)
    assert len(set(threading.enumerate()) - before) <= 2
    began = time.time()
    one.service.stop()
    # A container is killed after 10 seconds.
    assert time.time() - began < 3


def test_a_photo_host_that_hangs_holds_up_no_end(caller):
    from fault_server import FaultServer
    gone = threading.Event()
    with FaultServer(lambda *args: gone.wait(20)) as server:
        one = caller()
        hanging = 'http://127.0.0.1:{}/a.jpg'.format(server.port)
        one.api.aigc_images_train([hanging] * 2)
        one.api.aigc_images_train([hanging] * 2)
        time.sleep(0.3)
        began = time.time()
        one.service.stop()
        took = time.time() - began
        gone.set()
    assert took < 4


def test_started_twice_it_is_one_server_and_a_failed_start_leaves_nothing_open(
        own_emulator, tmp_path):
    from ai_service_python_sdk.emulator import Emulator
    with own_emulator() as service:
        port = service.port
        assert service.start() is service and service.port == port
        store = str(tmp_path / 'jobs.sqlite')
        other = Emulator(port=port, store=store)
        with pytest.raises(OSError):
            other.start()
        other.stop()
    if os.path.isdir('/proc/self/fd'):
        held = [os.readlink('/proc/self/fd/' + name) for name in os.listdir('/proc/self/fd')
                if os.path.exists('/proc/self/fd/' + name)]
        assert not [name for name in held if name.startswith(store)]


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has other rights')
def test_the_store_is_for_its_owner_alone(own_emulator, tmp_path):
    store = tmp_path / 'jobs.sqlite'
    store.write_bytes(b'')
    os.chmod(str(store), 0o644)
    own_emulator(store=str(store))
    for name in os.listdir(str(tmp_path)):
        assert os.stat(str(tmp_path / name)).st_mode & 0o077 == 0, name


@pytest.mark.skipif(sys.platform == 'win32', reason='links need rights there')
def test_the_store_may_be_a_link_to_a_file_that_is_not_there_yet(own_emulator, tmp_path):
    store, link = tmp_path / 'real.sqlite', tmp_path / 'link'
    link.symlink_to(store)
    own_emulator(store=str(link))
    assert store.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has other rights')
@pytest.mark.parametrize('make', [
    lambda path: path.write_bytes(b'no database at all' * 100),
    lambda path: os.mkfifo(str(path)), lambda path: path.symlink_to(os.devnull)],
    ids=['text', 'pipe', 'device'])
def test_what_cannot_be_a_store_is_refused_and_left_as_it_is(tmp_path, monkeypatch, make):
    monkeypatch.setattr(os, 'chmod', None)  # root would take /dev/null from all others
    path = tmp_path / 'mine'
    make(path)
    with pytest.raises(sqlite3.DatabaseError):
        Store(str(path))
    assert os.listdir(str(tmp_path)) == ['mine']


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no kill -9')
def test_trainings_go_on_after_a_kill_9(tmp_path):
    import subprocess
    from support import PHOTOS

    def started(port):
        process = subprocess.Popen(
            [sys.executable, '-m', 'ai_service_python_sdk.emulator', '--port', str(port),
             '--files', PHOTOS, '--store', str(tmp_path / 'jobs.sqlite'), '--quiet'],
            stdout=subprocess.PIPE)
        return process, process.stdout.readline().decode('ascii').split()[1]

    process, host = started(0)
    client = ApiClient(host, '200000000000001', 'demo-token-0123456789abcdef')
    api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)
    photos = ['{}/files/collins_{}.jpg'.format(host, index) for index in range(2)]
    ids = [api.aigc_images_train(photos).job_id for _ in range(3)]
    process.kill()
    process.communicate()
    process, _ = started(host.rsplit(':', 1)[1])
    try:
        assert [wait(jobs, job_id, 60).state for job_id in ids] == [2] * 3
    finally:
        process.terminate()
        process.communicate()


def test_thousands_of_calls_of_50_clients_are_all_answered(caller):
    one, failures = caller(training_seconds=LONG), []
    job = one.train()

    def work():
        try:
            other = Caller(one.service)
            for _ in range(CALLS):
                assert other.state(job) == 1
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(one.service.requests) == 1000
