"""Programs that end with a client alive or drop it say nothing; ports and order, on any Python."""
import gc
import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict

import pytest
from calls import client_of
from fault_server import FaultServer, ok, unused_port
from support import ROOT

from ai_service_python_sdk import ApiClient
from ai_service_python_sdk.client.address import base_of

PROGRAM = '''
import gc, sys
sys.path.insert(0, {root!r})
import ai_service_python_sdk as sdk
client = sdk.ApiClient({host!r}, 'app', 't')
api = sdk.AIGCImagesApi(client)
{end}
'''
ENDS = {
    'a client alive': 'api.aigc_images_train(["x"])',
    'sys.exit': 'api.aigc_images_train(["x"]); sys.exit()',
    'sys.exit in a function': 'def main():\n    mine = sdk.ApiClient({host!r}, "a", "t")\n'
                              '    sdk.AIGCImagesApi(mine).aigc_images_train(["x"])\n'
                              '    sys.exit(0)\nmain()',
    'a client in a cycle': 'client.me = client; api.aigc_images_train(["x"]); '
                           'del api, client; gc.collect()',
    'a client in a cycle at the end': 'client.me = client; client.api = api; '
                                      'api.aigc_images_train(["x"])',
    'a client in a module that outlives': 'sys.kept = client; api.aigc_images_train(["x"])',
    'an error alive': 'try:\n    api.aigc_images_train(["x"], _request_timeout=0.00001)\n'
                      'except Exception as error:\n    kept = error',
    'an answer not read': 'kept = api.aigc_images_train(["x"], _preload_content=False)',
    'an answer half read': 'kept = api.aigc_images_train(["x"], _preload_content=False); '
                           'kept[0].read(1) if isinstance(kept, tuple) else kept.read(1)',
    'a call in the background': 'kept = api.aigc_images_train(["x"], async_req=True)',
    'a call in the background, waited for': 'kept = api.aigc_images_train(["x"], async_req=True); '
                                            'kept.get(10)',
    'never called': 'pass',
    'closed twice': 'api.aigc_images_train(["x"]); client.close(); client.close()',
}


@pytest.mark.parametrize('name', sorted(ENDS))
def test_a_program_ends_without_a_word(name):
    with FaultServer() as server:
        script = PROGRAM.format(root=ROOT, host=server.host,
                                end=ENDS[name].replace('{host!r}', repr(server.host)))
        done = subprocess.run([sys.executable, '-W', 'error', '-W', 'ignore::DeprecationWarning',
                               '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b'', b'')


def test_a_call_at_the_end_of_a_program_is_made_although_one_was_made_before():
    end = ('import atexit; atexit.register(lambda: print(api.aigc_images_train(["y"]).code)); '
           'api.aigc_images_train(["x"])')
    with FaultServer() as server:
        script = PROGRAM.format(root=ROOT, host=server.host, end=end)
        shown = subprocess.check_output([sys.executable, '-c', script], timeout=60,
                                        stderr=subprocess.STDOUT)
    assert shown.split() == [b'OK']


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
def test_a_forked_child_says_nothing_of_the_paid_calls_of_its_parent():
    arrived, release = threading.Event(), threading.Event()

    def held(conversation, request):
        arrived.set()
        return release.wait(20) and ok(conversation, request)

    with FaultServer(held) as server:
        process = subprocess.Popen(
            [sys.executable, '-W', 'ignore::DeprecationWarning', '-c', PROGRAM.format(
                root=ROOT, host=server.host, end='import os\n'
                'call = api.aigc_images_train(["x"], async_req=True)\nsys.stdin.readline()\n'
                'if not os.fork():\n    sys.exit()\n'
                'print(os.wait()[1])\nsys.stdout.flush()\ncall.get(20)')],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert arrived.wait(20)
            process.stdin.write(b'\n')
            process.stdin.flush()
            ended = process.stdout.readline()
        finally:
            release.set()
            said = process.communicate(timeout=60)
    assert (process.returncode, ended, said) == (0, b'0\n', (b'', b''))


class _Pool(object):
    """A pool that notes whether it was still open when it was finalised."""

    pool = ()

    def __init__(self, ends):
        self.ends, self.is_open = ends, True

    def close(self):
        self.is_open = False

    def __del__(self):
        self.ends.append(self.is_open)


@pytest.mark.parametrize('is_older', [True, False])
def test_connections_are_closed_before_they_are_finalised_wherever_they_stand(is_older):
    ends = []
    gc.collect()
    gc.disable()  # a collection in between would change their order
    try:
        older = _Pool(ends)
        client = client_of('http://127.0.0.1:{}'.format(unused_port()))
        exchange = client.rest_client._opened()
        pool = older if is_older else _Pool(ends)
        exchange.me, exchange._own_session().adapter.pools['origin'] = exchange, pool
        del older, pool, client, exchange
        gc.collect()
    finally:
        gc.enable()
    assert ends[-1:] == [False]


@pytest.mark.parametrize('port', ['99999', '65536', '0', '-1', '١', 'x', '1_0', ' 80', '80 '])
def test_a_port_beyond_what_there_is_is_refused(port):
    host = 'http://h:' + port
    with pytest.raises(ValueError):
        base_of(host)
    with pytest.raises(ValueError):
        ApiClient('http://h', 'a', 't').rest_client.GET(host + '/x')

    def by_proxy(configuration):
        configuration.proxy = host
    with pytest.raises(Exception) as caught:
        client_of('http://service.example.com', by_proxy, repeats=0).rest_client.GET(
            'http://service.example.com/x')
    assert 'proxy' in str(caught.value)


def test_the_order_of_a_body_is_kept_on_any_python():
    pairs = [(name, index) for index, name in enumerate('zyxwvutsrqponmlkjihgfedcba')]
    body = OrderedDict([('b', OrderedDict(pairs)), ('a', [OrderedDict(pairs)])] + pairs[:5])
    client = ApiClient('http://h', 'a', 't')
    plain = client.sanitize_for_serialization(body)
    assert json.dumps(plain) == json.dumps(body)
    with FaultServer() as server:
        client_of(server.host).call_api('/x', 'POST', body=body, response_type='object')
    assert json.loads(server.requests[0].body.decode('utf-8'),
                      object_pairs_hook=OrderedDict) == body


FORKS = '''
import os, signal, sys, threading, time
sys.path.insert(0, {root!r})
import ai_service_python_sdk as sdk
from ai_service_python_sdk.client import tls
started, parent = threading.Event(), os.getpid()
sdk.ApiException  # the names of the package are loaded without holding a fork

class Slow(object):
    def find_spec(self, name, *args):
        if name == 'requests' and not started.is_set():
            started.set()
            time.sleep(0.3)

def call():
    client = sdk.ApiClient({host!r}, 'app', 't')
    client.configuration.retry_policy = sdk.RetryPolicy(0)
    try:
        sdk.AIGCImagesApi(client).aigc_images_check(['x'])
    except sdk.ApiException:
        pass

{begin}
thread = threading.Thread(target=call)
thread.start()
started.wait(20)
child = os.fork()
if not child:
    signal.alarm(20)
    call()
    os._exit(0)
status = os.waitpid(child, 0)[1]
thread.join()
sys.exit(1 if status else 0)
'''
MOMENTS = {
    'its import': 'sys.meta_path.insert(0, Slow())',
    'its TLS': '''
import ai_service_python_sdk.client.transport.exchange
make = tls._made
def slow(*args):
    if os.getpid() == parent:
        started.set()
        time.sleep(0.3)
    return make(*args)
tls._made = slow'''}


@pytest.mark.skipif(not hasattr(os, 'register_at_fork'), reason='Python 3.7 and newer, on Unix')
@pytest.mark.parametrize('name', sorted(MOMENTS))
def test_a_child_that_is_forked_while_a_thread_makes_its_first_call_makes_calls_too(name):
    host = 'https://127.0.0.1:{}'.format(unused_port())
    done = subprocess.run(
        [sys.executable, '-W', 'ignore::DeprecationWarning', '-c', FORKS.format(
            root=ROOT, host=host, begin=MOMENTS[name])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b'', b'')


@pytest.mark.parametrize('change', [
    'client.configuration.api_key["Authorization"] = "app:gateway"',
    'client.set_default_header("Authorization", "app:gateway")',
    'client.request = lambda *a, **n: type(client).request(client, *a, **dict(n, headers=dict('
    '(k, "%s" % v) for k, v in n["headers"].items())))'])
def test_a_program_that_ends_with_a_training_under_way_says_so_whoever_authorizes(change):
    arrived, release = threading.Event(), threading.Event()

    def held(conversation, request):
        arrived.set()
        return release.wait(20)

    with FaultServer(held) as server:
        process = subprocess.Popen(
            [sys.executable, '-c', PROGRAM.format(root=ROOT, host=server.host, end=change + '\n'
             'api.aigc_images_train(["x"], async_req=True)\nsys.stdin.readline()')],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert arrived.wait(20)
        finally:
            said = process.communicate(b'\n', timeout=60)
            release.set()
    assert b'/api/v1/aigc_images/train (1)' in said[1]
