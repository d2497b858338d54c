"""What is measured, each in a process of its own: ``cases.py CASE WHO HOST COUNT``; prints JSON.

WHO is ``sdk`` or a baseline: ``http.client``, ``urllib3`` (its pool, directly), ``requests`` (a
plain Session). A baseline sends the same bytes and decodes the same JSON; it neither signs,
checks, retries nor models.
"""
import base64
import gc
import json
import os
import resource
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

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
    client = ApiClient(host, '200000000000001', 'demo-token-0123456789abcdef')
    if 'BENCHMARK_CA' in os.environ:
        client.configuration.ssl_ca_cert = os.environ['BENCHMARK_CA']
    return AIGCImagesApi(client)


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
    if who != 'sdk':
        send = sender(who, host)
        path = {'job': '/api/v1/async_jobs/11'}.get(what, '/api/v1/aigc_images/' + what)
        path = '/api/v1/aigc_images/train' if what == 'error' else path
        body = dict(CHECK_BODY, images=['fail']) if what == 'error' else CHECK_BODY
        return lambda: send(path, body)
    api = sdk(host)
    if what == 'job':
        from ai_service_python_sdk.client.api.ai_service_job_api import AiServiceJobApi
        jobs = AiServiceJobApi(api.api_client)
        return lambda: jobs.get_async_job(11).job.state
    if what == 'error':
        return lambda: _refused(api)
    return {'check': lambda: api.aigc_images_check(PHOTOS, '', None).passed,
            'train': lambda: api.aigc_images_train(PHOTOS, '', None).job_id,
            'create': lambda: api.aigc_images_create('m', 'http://a.test/t.jpg', '', None).code,
            }[what]


def _refused(api):
    from ai_service_python_sdk.client.exceptions import ApiException
    try:
        api.aigc_images_train(['fail'], '', None)
    except ApiException as error:
        return error.code
    raise AssertionError('no error')


# the cases: each returns a dict of figures

def imported(who, host, count):
    """Import the client and the portrait API, or the baseline."""
    before, modules = cpu(), len(sys.modules)
    if who == 'sdk':
        from ai_service_python_sdk.client.api import ai_service_aigc_images_api  # noqa: F401
        from ai_service_python_sdk.client import api_client  # noqa: F401
    else:
        __import__(who)
    return {'cpu': cpu() - before, 'modules': len(sys.modules) - modules}


def first_answer(who, host, count):
    """From the start of the process to its first answer."""
    call_of(who, host)()
    return {'cpu': cpu()}


def construct(who, host, count):
    """Make clients."""
    make = sdk if who == 'sdk' else lambda host: sender(who, host)
    make(host)
    before, threads = cpu(), threading.active_count()
    for _ in range(count):
        make(host)
    return {'cpu': (cpu() - before) / count, 'threads': threading.active_count() - threads}


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


def picture(megabytes, how):
    """A case of a creation whose answer holds a picture."""
    def case(who, host, count):
        template = 'picture-{}'.format(megabytes)
        api = sdk(host) if who == 'sdk' else None
        send = None if api else sender(who, host)
        call_of(who, host)() if api is None else api.aigc_images_check(PHOTOS, '', None)
        gc.collect()
        start, before = now_held(), cpu()
        for _ in range(count):
            if api is None:
                data = send('/api/v1/aigc_images/create', {'template_image': template})
                size = len(base64.b64decode(data['data']['image']))
                data = None
            else:
                response = api.aigc_images_create('m', template, '', None)
                size = len(base64.b64decode(response.data['image']) if how == 'data'
                           else response.image_bytes)
                response = None
            assert size > megabytes << 20
        used, most = cpu() - before, peak()
        gc.collect()
        return {'cpu': used / count, 'peak': most - start, 'kept': now_held() - start}
    return case


def save_image(who, host, count):
    """Save a picture of 20 MB; what it takes over the answer's own text."""
    import tempfile
    api = sdk(host)
    response = api.aigc_images_create('m', 'picture-20', '', None)
    gc.collect()
    with open('/proc/self/clear_refs', 'w') as stream:
        stream.write('5')
    start = now_held()
    path = os.path.join(tempfile.mkdtemp(), 'p.jpg')
    response.save_image(path)
    with open('/proc/self/status') as stream:
        high = [int(line.split()[1]) * 1024 for line in stream if line.startswith('VmHWM')][0]
    os.remove(path)
    return {'peak': high - start}


def big_body(who, host, count):
    """A request body of 5 MB."""
    value = 'x' * (5 << 20)
    call = (lambda: sdk_api.aigc_images_create('m', value, '', None)) if who == 'sdk' else None
    sdk_api = sdk(host) if who == 'sdk' else None
    if call is None:
        send = sender(who, host)

        def call():
            send('/api/v1/aigc_images/create', {'model_id': 'm', 'template_image': value})
    call()
    before = cpu()
    for _ in range(count):
        call()
    return {'cpu': (cpu() - before) / count}


def asynchronous(who, host, count):
    """200 calls with ``async_req`` at 20 ms latency, against one after the other."""
    api = sdk(host)
    from ai_service_python_sdk import AIGCCheckRequest
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


CASES = {
    'import': imported, 'first answer': first_answer, 'construct': construct,
    'check': small('check'), 'job': small('job'), 'train': small('train'),
    'create': small('create'), 'error': small('error'),
    'first TLS call': tls_first, '16 threads TLS': tls_threads,
    'picture 1': picture(1, 'data'), 'picture 5': picture(5, 'data'),
    'picture 20': picture(20, 'data'), 'image_bytes 1': picture(1, 'bytes'),
    'image_bytes 5': picture(5, 'bytes'), 'image_bytes 20': picture(20, 'bytes'),
    'save_image 20': save_image, '5 MB body': big_body, '200 async': asynchronous,
    '16 threads': threads_on_one_client, '1000 jobs': thousand_jobs,
    'emulator apart': emulator_apart, 'soak': soak}


if __name__ == '__main__':
    print(json.dumps(CASES[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))))
