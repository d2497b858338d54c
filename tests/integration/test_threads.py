"""Threads, forks and exits."""
import gc
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref

import pytest
import urllib3
from calls import client_of, job, text, train
from support import ROOT
from fault_server import OK_BODY, FaultServer, answer, error, late, ok, stall

from ai_service_python_sdk import AiServiceJobApi, AiServiceTextApi, ApiClient, ApiException


def echo(conversation, request):
    """Answer with the text that was asked."""
    data = json.dumps({'code': 'OK', 'data': request.json['text']}).encode('ascii')
    return answer(data)(conversation, request)


def descriptors():
    return len(os.listdir('/proc/self/fd')) if os.path.isdir('/proc/self/fd') else 0


def run_script(code, *arguments, **options):
    """Run a script of a user's; return (exit code, output, seconds)."""
    begun = time.monotonic()
    environment = dict(os.environ, PYTHONPATH=ROOT)
    # A script that becomes another user could not write what it ran through.
    environment.pop('COVERAGE_PROCESS_START', None)
    # Whoever runs the tests in the background has Ctrl-C ignored, and the script would inherit it.
    start = 'import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n'
    process = subprocess.Popen(
        [sys.executable, '-c', start + code] + [str(item) for item in arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    if options.get('signal_after'):
        time.sleep(options['signal_after'])
        process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=20)[0].decode('utf-8', 'replace')
    return process.returncode, output, time.monotonic() - begun


def test_32_threads_on_one_client_get_their_own_answers():
    with FaultServer(echo) as server:
        client = client_of(server.host)
        api = AiServiceTextApi(client)
        wrong, errors = [], []

        def work(number):
            try:
                for index in range(10):
                    mine = '{}-{}'.format(number, index)
                    if api.ner_text(mine).data != mine:
                        wrong.append(mine)
            except Exception as error:  # told below, not lost in the thread
                errors.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong and not errors and len(server.requests) == 320
        client.close()


def test_32_async_calls_get_their_own_answers():
    with FaultServer(echo) as server:
        client = client_of(server.host)
        api = AiServiceTextApi(client)
        running = [api.ner_text(str(number), async_req=True) for number in range(32)]
        assert [call.get(10).data for call in running] == [str(number) for number in range(32)]
        client.close()


def test_a_client_that_makes_no_async_call_starts_no_thread():
    with FaultServer() as server:
        # Some of these may be on their way out, from an earlier test.
        before = set(threading.enumerate())
        client = ApiClient(server.host, 'app', 'token')
        assert set(threading.enumerate()) <= before
        text(client)
        new = set(threading.enumerate()) - before
        assert not [thread for thread in new if thread.name.startswith('ai-service')]
        client.close()


def test_a_forgotten_client_closes_its_connections_without_a_warning():
    with FaultServer() as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        text(client_of(server.host))
        gc.collect()
    assert [str(warning.message) for warning in caught
            if warning.category is ResourceWarning and str(server.port) in str(warning.message)
            ] == []


def test_200_clients_made_and_dropped_leave_no_thread_and_no_open_file():
    with FaultServer() as server:
        text(client_of(server.host))
        gc.collect()
        time.sleep(0.2)
        threads, files = threading.active_count(), descriptors()
        for _ in range(200):
            text(client_of(server.host))
        gc.collect()
        deadline = time.time() + 5
        while time.time() < deadline and (threading.active_count() > threads + 1
                                          or descriptors() > files + 2):
            time.sleep(0.05)
        assert threading.active_count() <= threads + 1 and descriptors() <= files + 2


def test_20_clients_with_async_calls_leave_no_thread():
    with FaultServer() as server:
        before = threading.active_count()
        for _ in range(20):
            client = client_of(server.host)
            AiServiceTextApi(client).ner_text('x', async_req=True).get(5)
            client.close()
        deadline = time.time() + 5
        while time.time() < deadline and threading.active_count() > before + 1:
            gc.collect()
            time.sleep(0.05)
        assert threading.active_count() <= before + 1


def test_a_dropped_client_with_a_running_async_call_leaves_no_thread_in_the_end():
    with FaultServer(late(0.3)) as server:
        before = threading.active_count()
        running = text(client_of(server.host), async_req=True)
        gc.collect()
        assert running.get(5).code == 'OK'
        deadline = time.time() + 5
        while time.time() < deadline and threading.active_count() > before + 2:
            gc.collect()
            time.sleep(0.05)
        assert threading.active_count() <= before + 2


CALL = ('import sys\n'
        'from ai_service_python_sdk import AiServiceTextApi, ApiClient\n'
        'client = ApiClient(sys.argv[1], "app", "token")\n'
        'api = AiServiceTextApi(client)\n')


@pytest.mark.parametrize('rest', [
    'api.ner_text("x")\n', 'call = api.ner_text("x", async_req=True)\n',
    'calls = [api.ner_text("x", async_req=True) for _ in range(50)]\n',
    'call = api.ner_text("x", async_req=True)\ndel client, api\n',
    'api.ner_text("x", async_req=True); sys.exit(0)\n'],
    ids=['a live client', 'a pending call', '50 pending calls', 'dropped', 'sys.exit'])
def test_a_script_ends_at_once(rest):
    script = ok if rest.startswith('api.ner_text("x")\n') else stall
    with FaultServer(script) as server:
        code, output, seconds = run_script(CALL + rest, server.host)
    assert code == 0 and seconds < 5
    # Said once, and only of calls that had left by then.
    assert output == '' or script is stall and re.match(
        r'/api/v1/text \(\d+\) was on its way[^\n]*it may be paid for\n$', output)


def test_ctrl_c_ends_a_script_in_a_call_within_seconds():
    with FaultServer(stall) as server:
        code, output, seconds = run_script(CALL + 'api.ner_text("x")\n', server.host,
                                           signal_after=1.5)
    assert 'KeyboardInterrupt' in output and seconds < 6


def test_ctrl_c_in_a_call_leaves_the_client_usable(ctrl_c):
    with FaultServer(stall, ok) as server:
        client = client_of(server.host)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            train(client)
        timer.join()
        assert train(client).job_id == 11
        assert len(server.requests) == 2 and server.connections == 2


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
def test_a_fork_shares_no_connection():
    with FaultServer(echo) as server:
        client = client_of(server.host)
        api = AiServiceTextApi(client)
        assert api.ner_text('parent').data == 'parent'
        children = []
        for number in range(4):
            child = os.fork()
            if child == 0:
                try:
                    good = all(api.ner_text('c{}'.format(number)).data == 'c{}'.format(number)
                               for _ in range(5))
                    os._exit(0 if good else 1)
                finally:
                    os._exit(2)
            children.append(child)
        assert all(api.ner_text('p').data == 'p' for _ in range(5))
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
        assert server.connections == 5


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
def test_async_calls_work_after_a_fork():
    with FaultServer(echo) as server:
        client = client_of(server.host)
        api = AiServiceTextApi(client)
        assert api.ner_text('a', async_req=True).get(5).data == 'a'
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if api.ner_text('b', async_req=True).get(5).data == 'b' else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        client.close()


def test_no_handler_and_no_level_of_the_users_loggers_is_touched():
    loggers = [logging.getLogger(name) for name in ('', 'client', 'urllib3', 'requests',
                                                    'ai_service_python_sdk')]
    logging.getLogger('urllib3').setLevel(logging.ERROR)
    before = [(logger.level, list(logger.handlers), logger.propagate, logger.disabled)
              for logger in loggers]
    with FaultServer() as server:
        for _ in range(3):
            text(client_of(server.host))
    assert before == [(logger.level, list(logger.handlers), logger.propagate, logger.disabled)
                      for logger in loggers]
    logging.getLogger('urllib3').setLevel(logging.NOTSET)


def test_a_thread_that_fails_leaves_the_others_alone():
    def sometimes(conversation, request):
        if request.json['text'] == 'bad':
            return False
        return echo(conversation, request)

    with FaultServer(sometimes) as server:
        client = client_of(server.host, repeats=0)
        api = AiServiceTextApi(client)
        results = []

        def work(word):
            try:
                results.append((word, api.ner_text(word).data))
            except ApiException:
                results.append((word, None))

        threads = [threading.Thread(target=work, args=('bad' if number % 2 else 'good',))
                   for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(value == (None if word == 'bad' else 'good') for word, value in results)
        assert len(results) == 16


def test_close_twice_and_a_call_after_it_work():
    with FaultServer() as server:
        client = client_of(server.host)
        job(client)
        client.close()
        client.close()
        assert job(client).code == 'OK' and server.connections == 2


def test_a_with_block_ends_async_calls_and_connections():
    with FaultServer(late(0.2)) as server:
        before = threading.active_count()
        with client_of(server.host) as client:
            running = text(client, async_req=True)
        assert running.ready() and running.get(1).code == 'OK'
        deadline = time.time() + 3
        while time.time() < deadline and threading.active_count() > before + 1:
            time.sleep(0.05)
        assert threading.active_count() <= before + 1


def test_the_limits_of_one_thread_do_not_reach_another():
    with FaultServer(late(0.6)) as server:
        client = client_of(server.host)
        api = AiServiceJobApi(client)
        outcome = {}

        def short():
            try:
                api.get_async_job(1, _request_timeout=0.1)
            except ApiException as error:
                outcome['short'] = type(error).__name__

        def long():
            outcome['long'] = api.get_async_job(2, _request_timeout=5).code

        threads = [threading.Thread(target=short), threading.Thread(target=long)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcome['long'] == 'OK' and 'Timeout' in outcome['short']


def test_the_answer_of_a_raw_call_is_the_users_to_read():
    with FaultServer() as server:
        client = client_of(server.host)
        response = AiServiceJobApi(client).get_async_job(11, _preload_content=False)
        assert response.read() == OK_BODY
        response.release_conn()
        assert job(client).code == 'OK'


@pytest.mark.parametrize('size', [None, 0, -1, 1])
def test_any_number_of_kept_connections_lets_every_call_come_home(size):
    with FaultServer() as server:
        client = client_of(server.host, lambda settings: setattr(
            settings, 'connection_pool_maxsize', size))
        calls = [train(client, async_req=True) for _ in range(4)]
        assert [call.get(5).job_id for call in calls] == [11] * 4


def test_a_connection_that_comes_too_late_is_closed_at_once(monkeypatch):
    def connect(self):
        socks.append(made(self))
        time.sleep(0.1)
        return socks[-1]
    socks, made = [], urllib3.connection.HTTPConnection._new_conn
    monkeypatch.setattr(urllib3.connection.HTTPConnection, '_new_conn', connect)
    with FaultServer() as server:
        with pytest.raises(ApiException):
            train(client_of(server.host, repeats=0), _request_timeout=0.05)
    assert [sock.fileno() for sock in socks] == [-1]


def test_a_failed_async_call_and_its_client_are_collected():
    def fail(client):
        try:
            train(client, async_req=True).get(5)
        except ApiException:
            return weakref.ref(client)

    with FaultServer(error(400)) as server:
        seen = fail(client_of(server.host))
        deadline = time.time() + 3
        while time.time() < deadline and seen() is not None:
            gc.collect()
            time.sleep(0.01)
        assert seen() is None


# a system without threads to give

NO_THREADS = '''
import os, resource, sys
from ai_service_python_sdk import AIGCImagesApi, ApiClient
client = ApiClient(sys.argv[1], "app", "token")
api, photos = AIGCImagesApi(client), ["http://localhost/a.jpg"]
api.aigc_images_check(photos)                     # all that a call needs is loaded
api.aigc_images_check(photos, async_req=True).get(5)
client.close()
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
resource.setrlimit(resource.RLIMIT_NPROC, (0, most))
for _ in range(3):
    try:
        api.aigc_images_train(photos, async_req=True)
    except RuntimeError:
        print("refused")
client.close()
resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
with client:
    print(api.aigc_images_train(photos, async_req=True).get(5).job_id)
'''


@pytest.mark.skipif(not hasattr(os, 'getuid') or os.getuid() != 0 or sys.platform != 'linux',
                    reason='the limit holds for users other than root, which only root becomes')
def test_a_training_that_a_limit_on_threads_refused_is_never_sent():
    with FaultServer() as server:
        code, output, _ = run_script(NO_THREADS, server.host)
        asked = [request.path.split('/')[-1] for request in server.requests]
    assert (code, output.split()) == (0, ['refused'] * 3 + ['11']), output
    assert asked == ['check', 'check', 'train']


def test_a_training_that_no_thread_could_start_is_never_sent(monkeypatch):
    start = threading.Thread.start

    def refuse(thread):
        if thread.name == 'ai-service-async':
            raise RuntimeError("can't start new thread")
        start(thread)

    with FaultServer() as server:
        with client_of(server.host) as client:
            monkeypatch.setattr(threading.Thread, 'start', refuse)
            for _ in range(3):
                with pytest.raises(RuntimeError):
                    train(client, async_req=True)
            monkeypatch.undo()
            assert train(client, async_req=True).get(5).job_id == 11
        assert len(server.requests) == 1


def test_context_variables_travel_to_hooks_of_a_background_call():
    contextvars = pytest.importorskip('contextvars', reason='needs Python 3.7')
    import requests
    trace, seen = contextvars.ContextVar('trace', default='lost'), []
    session = requests.Session()
    session.hooks['response'].append(lambda answer, **options: seen.append(trace.get()))
    with FaultServer() as server:
        client = client_of(server.host, lambda settings: setattr(settings, 'session', session))
        with client:
            trace.set('span 7')
            train(client, async_req=True).get(5)
    assert seen == ['span 7']


ENDINGS = ['sys.exit()', 'del client, api', 'raise SystemExit(0)', 'client.self = client',
           'client.self = client; del client, api; import gc; gc.collect()']


@pytest.mark.parametrize('ending', ENDINGS)
def test_a_program_with_background_threads_ends_in_silence(ending):
    with FaultServer() as server:
        code, output, seconds = run_script(
            CALL + 'assert api.ner_text("x", async_req=True).get(5).code == "OK"\n' + ending,
            server.host)
    assert (code, output) == (0, '') and seconds < 5
