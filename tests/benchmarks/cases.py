"""What is measured, each in a process of its own: ``cases.py CASE WHO HOST COUNT``; prints JSON.

WHO is ``sdk``, ``older`` (the SDK that this Python has installed) or a baseline: ``http.client``,
``urllib3`` (its pool, directly), ``requests`` (a plain Session). A baseline sends the same bytes
and decodes the same JSON; it neither signs, checks, retries nor models.
"""
import base64
import gc
import hashlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
import tracemalloc

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
#: Empty where the SDK is measured that is installed.
ROOT = os.environ.get('BENCHMARK_ROOT', ROOT)
sys.path[:0] = [ROOT] if ROOT else []
#: Who is called by the names that all SDKs have.
SDKS = ('sdk', 'older')

PHOTOS = ['http://a.test/photos/of/a/person/{}.jpg'.format(i) for i in range(5)]
HEADERS = {'Content-Type': 'application/json', 'Accept': 'application/json',
           'User-Agent': 'benchmark', 'Authorization': '200000000000001:' + '0' * 64}


def cpu():
    """Seconds of processor that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak():
    """Bytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def now_held():
    """Bytes that this process holds."""
    with open('/proc/self/statm') as stream:
        return int(stream.read().split()[1]) * resource.getpagesize()


# the clients

def sdk(host):
    """Return an API class over a client."""
    from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi
    from ai_service_python_sdk.client.api_client import ApiClient
    from ai_service_python_sdk.client.configuration import Configuration
    who_calls = (host, '200000000000001', 'demo-token-0123456789abcdef')
    configuration = Configuration(*who_calls)
    if 'BENCHMARK_CA' in os.environ:
        # The older SDK reads it once, while the client is made.
        configuration.ssl_ca_cert = os.environ['BENCHMARK_CA']
    return AIGCImagesApi(ApiClient(*(who_calls + (configuration,))))


def sender(who, host):
    """Return a function (path, value) → decoded answer, of a baseline."""
    name = host.split('//')[1]
    if who == 'http.client':
        import http.client
        connection = http.client.HTTPConnection(name)

        def send(path, value):
            connection.request('POST', path, json.dumps(value), HEADERS)
            return json.loads(connection.getresponse().read())
    elif who == 'urllib3':
        import urllib3
        options = {'ca_certs': os.environ['BENCHMARK_CA']} if 'BENCHMARK_CA' in os.environ else {}
        pool = urllib3.connection_from_url(host, maxsize=16, **options)

        def send(path, value):
            answer = pool.urlopen('POST', path, body=json.dumps(value).encode('ascii'),
                                  headers=HEADERS, retries=False)
            return json.loads(answer.data)
    else:
        import requests
        session = requests.Session()
        # Given per call: an environment variable wins over what a session is told.
        verify = os.environ.get('BENCHMARK_CA', True)

        def send(path, value):
            return session.post(host + path, data=json.dumps(value), headers=HEADERS,
                                verify=verify).json()
    return send


CHECK_BODY = {'action': 'AIGCImageCheck', 'images': PHOTOS, 'model_name': ''}


def call_of(who, host, what='check'):
    """Return one call, ready to be repeated."""
    if who not in SDKS:
        send = sender(who, host)
        path = {'job': '/api/v1/async_jobs/11'}.get(what, '/api/v1/aigc_images/' + what)
        path = '/api/v1/aigc_images/train' if what == 'error' else path
        body = dict(CHECK_BODY, images=['fail']) if what == 'error' else CHECK_BODY
        return lambda: send(path, body)
    api = sdk(host)
    if what == 'job':
        from ai_service_python_sdk.client.api.ai_service_job_api import AiServiceJobApi
        jobs = AiServiceJobApi(api.api_client)
        if who == 'older':
            return lambda: jobs.get_async_job(11).data['job']['state']
        return lambda: jobs.get_async_job(11).job.state
    if what == 'error':
        return lambda: _refused(api)
    if who == 'older':
        return {'check': lambda: api.aigc_images_check(PHOTOS, '', None).data,
                'train': lambda: api.aigc_images_train(PHOTOS, '', None).data,
                'create': lambda: api.aigc_images_create('m', 'u', '', None).data}[what]
    return {'check': lambda: api.aigc_images_check(PHOTOS, '', None).passed,
            'train': lambda: api.aigc_images_train(PHOTOS, '', None).job_id,
            'create': lambda: api.aigc_images_create('m', 'http://a.test/t.jpg', '', None).code,
            }[what]


def _refused(api):
    from ai_service_python_sdk.client.exceptions import ApiException
    try:
        api.aigc_images_train(['fail'], '', None)
    except ApiException as error:
        return getattr(error, 'code', error.status)
    raise AssertionError('no error')


# the cases: each returns a dict of figures

#: Who to the statements that import it, and to those that make its first call.
STARTS = {
    'sdk': ("""
from ai_service_python_sdk.client.api_client import ApiClient
from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi
""", """
api = AIGCImagesApi(ApiClient(host, '200000000000001', 'demo-token-0123456789abcdef'))
assert api.aigc_images_check(['u'], '', None).data['check_results']
"""),
    'http.client': ('import http.client, json', """
connection = http.client.HTTPConnection(host.split('//')[1])
connection.request('POST', path, json.dumps(body))
assert json.loads(connection.getresponse().read())['data']['check_results']
"""),
    'urllib3': ('import urllib3, json', """
pool = urllib3.connection_from_url(host)
answer = pool.urlopen('POST', path, body=json.dumps(body), retries=False)
assert json.loads(answer.data)['data']['check_results']
"""),
    'requests': ('import requests, json', """
answer = requests.Session().post(host + path, data=json.dumps(body))
assert answer.json()['data']['check_results']
"""),
}
STARTS['older'] = STARTS['sdk']
_GIVEN = """
import sys
host, path = sys.argv[1], '/api/v1/aigc_images/check'
body = {'action': 'AIGCImageCheck', 'images': ['u'], 'model_name': ''}
"""


def started(code, host):
    """Run statements in a bare Python; return the seconds of processor that it used."""
    environment = dict(os.environ, PYTHONPATH=ROOT)
    process = subprocess.Popen([sys.executable, '-c', code, host], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    return used.ru_utime + used.ru_stime


def imported(who, host, count):
    """Import the client and the portrait API, or the baseline; over an empty Python."""
    load = STARTS[who][0]
    code = 'import sys; before = set(sys.modules)\n' + load + \
        '\nprint(len(set(sys.modules) - before))'
    modules = subprocess.check_output([sys.executable, '-c', code],
                                      env=dict(os.environ, PYTHONPATH=ROOT))
    return {'cpu': started(load, host) - started('pass', host), 'modules': int(modules)}


def first_answer(who, host, count):
    """From the start of the process to its first answer."""
    return {'cpu': started(_GIVEN + ''.join(STARTS[who]), host)}


def construct(who, host, count):
    """Make clients; and for comparison the pool of threads that the older SDK made with each."""
    from multiprocessing.pool import ThreadPool
    sdk(host)
    before, threads = cpu(), threading.active_count()
    clients = [sdk(host) for _ in range(count)]
    used, more = (cpu() - before) / count, threading.active_count() - threads
    assert len(clients) == count
    before = cpu()
    for _ in range(20):
        pool = ThreadPool()
        pool.terminate()
    return {'cpu': used, 'threads': more, 'pool': (cpu() - before) / 20}


def small(what):
    """A case of one small call, repeated."""
    def case(who, host, count):
        call = call_of(who, host, what)
        call()
        before = cpu()
        for _ in range(count):
            call()
        return {'cpu': (cpu() - before) / max(1, count)}
    return case


def tls_first(who, host, count):
    """New clients, each with its first call over TLS."""
    call_of(who, host)()
    before = cpu()
    for _ in range(count):
        call_of(who, host)()
    return {'cpu': (cpu() - before) / count}


def tls_threads(who, host, count):
    """16 threads, each with a client of its own, over TLS."""
    call_of(who, host)()
    before = cpu()
    threads = [threading.Thread(target=lambda: call_of(who, host)()) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {'cpu': cpu() - before}


def picture_call(who, host, megabytes, how):
    """Return a call that fetches a picture and gives its bytes, the answer still at hand."""
    template = 'picture-{}'.format(megabytes)
    if who in SDKS:
        api = sdk(host)

        def call():
            response = api.aigc_images_create('m', template, '', None)
            if how == 'data':
                return base64.b64decode(response.data['image'])
            return response.image_bytes
    else:
        send = sender(who, host)

        def call():
            answer = send('/api/v1/aigc_images/create', {'template_image': template})
            return base64.b64decode(answer['data']['image'])
    return call


def picture(megabytes, how):
    """A case of a creation whose answer holds a picture, until its bytes are there."""
    def case(who, host, count):
        call = picture_call(who, host, megabytes, how)
        call()
        before = cpu()
        for _ in range(count):
            assert len(call()) > megabytes << 20
        return {'cpu': (cpu() - before) / count}
    return case


def traced(call):
    """Return the bytes that Python objects take at most in a call, and those that stay."""
    call()
    gc.collect()
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    call()
    most = tracemalloc.get_traced_memory()[1]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {'peak': most - start, 'kept': kept - start}


def picture_memory(megabytes, how):
    """A case of what such a creation holds."""
    return lambda who, host, count: traced(picture_call(who, host, megabytes, how))


def save_memory(who, host, count):
    """Save a picture of 20 MB; what it takes over the answer's own text."""
    import tempfile
    response = sdk(host).aigc_images_create('m', 'picture-20', '', None)
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, 'p.jpg')
    try:
        return traced(lambda: response.save_image(path))
    finally:
        os.remove(path)
        os.rmdir(folder)


def big_body(who, host, count):
    """A request body of 5 MB; urllib3 serializes it twice and signs it, as the older SDK did."""
    value = 'x' * (5 << 20)
    body = {'model_id': 'm', 'template_image': value}
    if who in SDKS:
        api = sdk(host)

        def call():
            api.aigc_images_create('m', value, '', None)
    else:
        send = sender(who, host)

        def call():
            if who == 'urllib3':
                hashlib.md5(json.dumps(body).encode('utf-8')).hexdigest()
            send('/api/v1/aigc_images/create', body)
    call()
    before = cpu()
    for _ in range(count):
        call()
    return {'cpu': (cpu() - before) / count}


def asynchronous(who, host, count):
    """200 calls with ``async_req`` at 20 ms latency, against one after the other."""
    api = sdk(host)
    from ai_service_python_sdk.client.models.aigc_check_request import AIGCCheckRequest
    body = AIGCCheckRequest('AIGCImageCheck', ['slow'], '', None)
    api.aigc_images_check_post(body)
    before = time.monotonic()
    for call in [api.aigc_images_check_post(body, async_req=True) for _ in range(200)]:
        call.get(60)
    wall = time.monotonic() - before
    before = time.monotonic()
    for _ in range(20):
        api.aigc_images_check_post(body)
    return {'wall': wall, 'ratio': wall / ((time.monotonic() - before) * 10)}


def threads_on_one_client(who, host, count):
    """16 threads on one client at 20 ms latency: connections and warnings."""
    import logging
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    stats(host)
    api = sdk(host)

    def work():
        for _ in range(20):
            api.aigc_images_check(['slow'], '', None)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The look at the figures is a connection of its own.
    return {'connections': stats(host)['connections'] - 1, 'warnings': len(records)}


def many_at_once(who, host, count):
    """create_many at a concurrency of 64: the connections that it opens."""
    from ai_service_python_sdk import PortraitStudio
    stats(host)
    studio = PortraitStudio(sdk(host).api_client)
    done = sum(result.ok for result in studio.create_many(
        (('m', 'http://photos.example.com/slow.jpg') for _ in range(count)), concurrency=64))
    assert done == count
    return {'connections': stats(host)['connections'] - 1}


def stats(host):
    """Ask the server for its counters."""
    import http.client
    connection = http.client.HTTPConnection(host.split('//')[1])
    connection.request('GET', '/stats')
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


def thousand_jobs(who, host, count):
    """Wait for 1,000 jobs with one call."""
    from ai_service_python_sdk import AiServiceJobApi
    api = AiServiceJobApi(sdk(host).api_client)
    api.get_async_job(1)
    stats(host)
    start, most = now_held(), [0]

    def watch(job):
        most[0] = max(most[0], threading.active_count())

    done = list(api.wait_for_async_jobs(range(100, 1100), interval=0.2, longest_interval=0.2,
                                        on_progress=watch))
    assert len(done) == 1000 and all(item.ok for item in done)
    return {'threads': most[0], 'connections': stats(host)['most_open'] - 1,
            'peak': peak() - start}


def emulator_apart(who, host, count):
    """Small calls of one client while another checks 20 photos; ratio of medians."""
    from ai_service_python_sdk import AIGCImagesApi, AiServiceJobApi, ApiClient, ApiException
    from ai_service_python_sdk.emulator import Emulator
    folder = os.path.join(ROOT, 'docs', 'examples', 'photos')
    with Emulator(files=folder) as service:
        def client():
            return ApiClient(service.host, service.app_id, service.token)

        def looks(until):
            jobs, times = AiServiceJobApi(client()), []
            while not until(len(times)):
                began = time.monotonic()
                try:
                    jobs.get_async_job(1)
                except ApiException:
                    pass
                times.append(time.monotonic() - began)
                time.sleep(0.002)
            return sorted(times)[len(times) // 2]

        alone = looks(lambda done: done >= 200)
        photos = [service.url('collins_{}.jpg'.format(i % 5)) for i in range(20)]
        checker = threading.Thread(
            target=lambda: AIGCImagesApi(client()).aigc_images_check(photos))
        checker.start()
        beside = looks(lambda done: not checker.is_alive())
    return {'alone': alone, 'beside': beside, 'ratio': beside / alone}


def soak(who, host, count):
    """Calls of every kind, errors and new clients among them; what is held in the end."""
    from ai_service_python_sdk import AiServiceJobApi

    def some(times):
        for turn in range(times):
            api = sdk(host)
            for _ in range(20):
                api.aigc_images_check(PHOTOS, '', None)
            _refused(api)
            AiServiceJobApi(api.api_client).get_async_job(11)
            api.aigc_images_create('m', 'picture-1', '', None).image_bytes
            if turn % 2:
                api.api_client.close()
        gc.collect()

    def held():
        return {'memory': now_held(), 'threads': threading.active_count(),
                'descriptors': len(os.listdir('/proc/self/fd'))}

    some(max(3, count // 10))
    before = held()
    some(count)
    after = held()
    result = dict((name, after[name] - before[name]) for name in before)
    result['calls'] = count * 23
    return result


# the parts of a small call, for the profile

def transport_part(who, host, count):
    """The same bytes over the SDK's session and wire, signed and made before."""
    exchange, request, limits = _prepared(host)
    for _ in range(count):
        exchange.send(request, limits, True)
    return {}


def _prepared(host):
    from ai_service_python_sdk.client.rest import Request
    from ai_service_python_sdk.client.timeouts import limits_of
    from ai_service_python_sdk.client.transport.exchange import Exchange
    client = sdk(host).api_client
    body = json.dumps(CHECK_BODY).encode('ascii')
    path = '/api/v1/aigc_images/check'
    headers = dict(HEADERS, **{'Content-Length': str(len(body))})
    request = Request('POST', host + path, headers, body)
    return Exchange(client.configuration, 1), request, limits_of((10.0, 600.0))


def repeated(make):
    """A case that repeats a function which needs no server."""
    def case(who, host, count):
        call = make()
        for _ in range(count):
            call()
        return {}
    return case


def _serialize():
    from ai_service_python_sdk.client.models import AIGCCheckRequest
    from ai_service_python_sdk.client.serialization import to_json
    return lambda: to_json(AIGCCheckRequest('AIGCImageCheck', PHOTOS, '', None))


def _sign():
    from ai_service_python_sdk.util.sign import authorization
    body = json.dumps(CHECK_BODY).encode('ascii')
    return lambda: authorization('200000000000001', 'demo-token-0123456789abcdef', 'POST',
                                 '/api/v1/aigc_images/check', body)


def _decode():
    from ai_service_python_sdk.client.models import AIGCImageCheckResponse
    from ai_service_python_sdk.client.deserialization import from_json
    from server import CHECK
    body = CHECK.split(b'\r\n\r\n', 1)[1]
    return lambda: AIGCImageCheckResponse.from_envelope(from_json(body)).passed


#: Rows of the ledger that is listed, for each row that is written one by one.
ROWS_LISTED = 2000


def ledger_rows(who, host, count):
    """Write rows and settle them, on the disk of this folder; then list many; wall time."""
    import shutil
    import sqlite3
    import statistics
    import tempfile
    from ai_service_python_sdk.ledger import Ledger
    folder = tempfile.mkdtemp(dir=ROOT)
    try:
        with Ledger(os.path.join(folder, 'ledger.sqlite')) as ledger:
            def row(index):
                started = time.perf_counter()
                written = ledger.begin('train', photos=PHOTOS, key=str(index))
                ledger.settle(written, job_id=index, model_id='m')
                return time.perf_counter() - started

            def flush():
                started = time.perf_counter()
                os.write(file, b'x' * 8192)
                os.fsync(file)
                return time.perf_counter() - started
            file = os.open(os.path.join(folder, 'flushed'), os.O_CREAT | os.O_WRONLY)
            both = [(row(index), flush()) for index in range(count)]
            os.close(file)
            other = sqlite3.connect(ledger.path)
            other.execute('PRAGMA synchronous=OFF')
            other.execute(
                'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) '
                'INSERT INTO paid_calls (kind, operation, state, begun, key, person, photos, '
                "template, model_ids, configure, job_id, model_id) SELECT 'train', 'train', "
                "'succeeded', '', 'k' || i, 'p' || (i % 5000), '[]', 'null', '[]', 'null', i, "
                "'m' || i FROM n", (count * ROWS_LISTED,))
            other.commit()
            other.close()
            started = time.perf_counter()
            assert ledger.trainings() and ledger.find('k7') and ledger.model('p7')
            listing = time.perf_counter() - started
    finally:
        shutil.rmtree(folder)
    return {'row': statistics.median(pair[0] for pair in both), 'listing': listing,
            'flush': statistics.median(pair[1] for pair in both)}


CASES = {
    'import': imported, 'first answer': first_answer, 'construct': construct,
    'check': small('check'), 'job': small('job'), 'train': small('train'),
    'create': small('create'), 'error': small('error'),
    'first TLS call': tls_first, '16 threads TLS': tls_threads,
    'picture 1': picture(1, 'data'), 'picture 5': picture(5, 'data'),
    'picture 20': picture(20, 'data'), 'image_bytes 1': picture(1, 'bytes'),
    'image_bytes 5': picture(5, 'bytes'), 'image_bytes 20': picture(20, 'bytes'),
    'memory of picture 20': picture_memory(20, 'data'),
    'memory of image_bytes 20': picture_memory(20, 'bytes'),
    'memory of save_image 20': save_memory, '5 MB body': big_body, '200 async': asynchronous,
    '16 threads': threads_on_one_client, '64 at once': many_at_once, '1000 jobs': thousand_jobs,
    'emulator apart': emulator_apart, 'ledger': ledger_rows, 'soak': soak,
    'part transport': transport_part, 'part serialize': repeated(_serialize),
    'part sign': repeated(_sign), 'part decode': repeated(_decode)}


if __name__ == '__main__':
    print(json.dumps(CASES[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))))
