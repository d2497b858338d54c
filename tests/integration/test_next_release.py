"""The next release: what is below the SDK changed as a later release, or a tool, may change it.

Each change is made in a process of its own, before the package is imported. A training gives its
id, exactly one request arrives, nothing is raised; where a promise is lost, one warning says so.
"""
import os
import subprocess
import sys

import pytest
from fault_server import FaultServer, head, lost, raw
from support import ROOT

#: Prepares names, makes the change, then trains twice; prints what the program saw.
SCRIPT = '''
import functools, http.client as H, logging, sys, warnings
import requests, urllib3
from urllib3 import connection as C, connectionpool as P, response as R
from requests import adapters as A
sys.path.insert(0, {root!r})
records = []
class Keep(logging.Handler):
    def emit(self, record):
        records.append(record.getMessage())
logging.getLogger('ai_service_python_sdk').addHandler(Keep())
def wrapped(owner, name, **extra):
    """Replace a method by a closure that takes and demands more."""
    inner = getattr(owner, name)
    def method(self, *args, **kwargs):
        for key in extra:
            assert kwargs.pop(key, extra[key]) == extra[key]
        return inner(self, *args, **kwargs)
    setattr(owner, name, method)
def gone(owner, name):
    """Rename, as a release does with what it calls private."""
    for kind in owner.__mro__:
        if name in vars(kind):
            setattr(kind, name + '_renamed', vars(kind)[name])
            delattr(kind, name)
{change}
from ai_service_python_sdk import AIGCImagesApi, ApiClient, ApiException
with ApiClient({host!r}, 'app', 'token') as client:
    client.configuration.timeout = {timeout}
    for call in range({calls}):
        try:
            answer = AIGCImagesApi(client).aigc_images_train(['http://localhost/a.jpg'])
            print('id', answer.job_id)
        except ApiException as error:
            print('in doubt' if error.is_in_doubt else 'certain', error.never_left, error.summary)
for record in records:
    print('warning', record)
'''


def run(change, *actions, **options):
    """Return (lines that the program printed, requests that arrived)."""
    with FaultServer(*actions) as server:
        script = SCRIPT.format(root=ROOT, change=change, host=server.host,
                               calls=options.get('calls', 2), timeout=options.get('timeout', 10))
        done = subprocess.run([sys.executable, '-W', 'error::ResourceWarning', '-c', script],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env=dict(os.environ, PYTHONPATH=''))
        assert done.returncode == 0, done.stderr.decode('utf-8')
        assert done.stderr == b''
        return done.stdout.decode('utf-8').splitlines(), len(server.requests)


#: Changes that cost no promise.
HARMLESS = {
    'begin with a keyword of its own (CPython 3.15)': '''
begin = H.HTTPResponse.begin
def later_begin(self, *, _max_headers=None):
    return begin(self)
H.HTTPResponse.begin = later_begin''',
    'begin wrapped by a tool': "wrapped(H.HTTPResponse, 'begin')",
    'begin with a closure and a default': '''
begin = H.HTTPResponse.begin
def make(limit):
    def later_begin(self, limit=limit, *, strict=False):
        assert limit == 7
        return begin(self)
    return later_begin
H.HTTPResponse.begin = make(7)''',
    'begin called again': '''
getresponse = H.HTTPConnection.getresponse
def twice(self, *args, **kwargs):
    response = getresponse(self, *args, **kwargs)
    response.begin()
    return response
H.HTTPConnection.getresponse = twice''',
    'parse_headers with a second argument': '''
parse = H.parse_headers
def later_parse(fp, _class=None, *, _max_headers=None):
    return parse(fp) if _class is None else parse(fp, _class)
H.parse_headers = later_parse''',
    'HTTPResponse with more arguments': '''
init = H.HTTPResponse.__init__
def later_init(self, sock, debuglevel=0, method=None, url=None, *, lenient=True, limits=None):
    init(self, sock, debuglevel, method, url)
H.HTTPResponse.__init__ = later_init''',
    'a response class that is given more': '''
getresponse = H.HTTPConnection.getresponse
def later_getresponse(self, *args, **kwargs):
    inner = self.response_class
    self.response_class = lambda sock, *args, **kwargs: inner(sock, *args, url=None, **kwargs)
    try:
        return getresponse(self, *args, **kwargs)
    finally:
        self.response_class = inner
H.HTTPConnection.getresponse = later_getresponse''',
    '_read_status renamed': '''
status = H.HTTPResponse._read_status
def later_status(self):
    return status(self)
H.HTTPResponse._read_next_status = later_status
begin = H.HTTPResponse.begin
gone(H.HTTPResponse, '_read_status')
def later_begin(self):
    self._read_status = lambda: status(self)
    try:
        return begin(self)
    finally:
        del self._read_status
H.HTTPResponse.begin = later_begin''',
    'a new attribute of Response that is used': '''
init, content = requests.Response.__init__, requests.Response.ok
def later_init(self, *args, **kwargs):
    init(self, *args, **kwargs)
    self.protocol = 'h1'
requests.Response.__init__ = later_init
requests.Response.ok = property(lambda self: self.protocol == 'h1' and self.status_code < 400)
send = requests.Session.send
def later_send(self, request, **kwargs):
    response = send(self, request, **kwargs)
    assert response.protocol == 'h1' and response.ok
    return response
requests.Session.send = later_send''',
    'a new attribute of PreparedRequest that is used': '''
init = requests.PreparedRequest.__init__
def later_init(self, *args, **kwargs):
    init(self, *args, **kwargs)
    self.trace = []
requests.PreparedRequest.__init__ = later_init
send = requests.Session.send
def later_send(self, request, **kwargs):
    request.trace.append(1)
    return send(self, request, **kwargs)
requests.Session.send = later_send''',
    'HTTPAdapter.send with a new argument': '''
send, session_send = A.HTTPAdapter.send, requests.Session.send
def later_send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None,
               *, extensions=None):
    return send(self, request, stream, timeout, verify, cert, proxies)
A.HTTPAdapter.send = later_send''',
    'build_response with new arguments': '''
build = A.HTTPAdapter.build_response
A.HTTPAdapter.build_response = lambda self, req, resp, history=None: build(self, req, resp)
''',
    'build_response is given more by send': '''
send = A.HTTPAdapter.send
def later_send(self, *args, **kwargs):
    inner = type(self).build_response
    self.build_response = lambda req, resp: inner(self, req, resp, elapsed=None)
    return send(self, *args, **kwargs)
A.HTTPAdapter.send = later_send''',
    'request_url is given more by send': '''
send = A.HTTPAdapter.send
def later_send(self, *args, **kwargs):
    inner = type(self).request_url
    self.request_url = lambda request, proxies: inner(self, request, proxies, quote=True)
    return send(self, *args, **kwargs)
A.HTTPAdapter.send = later_send''',
    'cert_verify and the look-up of a pool are given more by send': '''
send = A.HTTPAdapter.send
def later_send(self, *args, **kwargs):
    kind = type(self)
    self.cert_verify = lambda *a, **k: kind.cert_verify(self, *a, pins=None, **k)
    for name in ('get_connection_with_tls_context', 'get_connection'):
        inner = functools.partial(getattr(kind, name), self)
        setattr(self, name, functools.partial(inner, happy_eyeballs=True))
    return send(self, *args, **kwargs)
A.HTTPAdapter.send = later_send''',
    'add_headers is given more, and hooks too': '''
add = A.HTTPAdapter.add_headers
A.HTTPAdapter.add_headers = lambda self, request, *args, **kwargs: None''',
    'Session.send with a new argument': "wrapped(requests.Session, 'send', priority=None)",
    'resolve_redirects is given more': '''
send = requests.Session.send
def later_send(self, request, **kwargs):
    for _ in self.resolve_redirects(None, request, limit=3, **kwargs):
        pass
    return send(self, request, **kwargs)
requests.Session.send = later_send''',
    'urllib3 request with a new argument': "wrapped(C.HTTPConnection, 'request', trailers=None)",
    'urllib3 request hands more to send': '''
request = C.HTTPConnection.request
def later_request(self, *args, **kwargs):
    inner = self.send
    self.send = lambda data, *rest: inner(data, *rest, more_to_come=False)
    try:
        return request(self, *args, **kwargs)
    finally:
        del self.send
later_send = H.HTTPConnection.send
H.HTTPConnection.send = lambda self, data, more_to_come=False: later_send(self, data)
if 'send' in vars(C.HTTPConnection):
    u_send = C.HTTPConnection.send
    C.HTTPConnection.send = lambda self, data, more_to_come=False: u_send(self, data)
C.HTTPConnection.request = later_request''',
    'send with a new argument': "wrapped(C.HTTPConnection, 'send', flags=0)",
    'connect with a new argument': "wrapped(C.HTTPConnection, 'connect', family=None)",
    'connect is given more': '''
send = C.HTTPConnection.send
connect = C.HTTPConnection.connect
C.HTTPConnection.connect = lambda self, retries=0: connect(self)
def later_send(self, *args, **kwargs):
    if self.sock is None:
        self.connect(retries=0)
    return send(self, *args, **kwargs)
C.HTTPConnection.send = later_send''',
    '_new_conn renamed': '''
new = C.HTTPConnection._new_conn
gone(C.HTTPConnection, '_new_conn')
def connect(self):
    self.sock = new(self)
C.HTTPConnection.connect = connect''',
    'headers copied into another type': '''
urlopen = P.HTTPConnectionPool.urlopen
def later_urlopen(self, method, url, body=None, headers=None, *args, **kwargs):
    headers = urllib3._collections.HTTPHeaderDict(headers)
    assert headers['authorization'] and headers['content-type'] and len(headers) >= 5
    return urlopen(self, method, url, body, headers, *args, **kwargs)
P.HTTPConnectionPool.urlopen = later_urlopen''',
    'headers walked as a mapping': '''
urlopen = P.HTTPConnectionPool.urlopen
def later_urlopen(self, method, url, body=None, headers=None, *args, **kwargs):
    from collections import ChainMap
    names = [name for name in headers]
    assert list(headers.keys()) == names == [name for name, _ in headers.items()]
    assert dict(headers) == dict((name, headers[name.upper()]) for name in names)
    assert len(headers.values()) == len(headers) and headers.get('X-Absent', 1) == 1
    assert dict(**headers) == dict(headers) == dict(ChainMap({}, headers))
    return urlopen(self, method, url, body, dict(headers), *args, **kwargs)
P.HTTPConnectionPool.urlopen = later_urlopen''',
    'a header more, put by requests': '''
send = A.HTTPAdapter.send
def later_send(self, request, *args, **kwargs):
    request.headers.setdefault('Priority', 'u=3')
    request.headers['content-TYPE'] = request.headers['Content-Type']
    return send(self, request, *args, **kwargs)
A.HTTPAdapter.send = later_send''',
    'the constructor of a connection with new arguments': '''
init = C.HTTPConnection.__init__
def later_init(self, *args, **kwargs):
    kwargs.pop('keepalive', None)
    init(self, *args, **kwargs)
C.HTTPConnection.__init__ = later_init
make = P.HTTPConnectionPool._new_conn
def later_make(self):
    self.conn_kw['keepalive'] = 1
    return make(self)
P.HTTPConnectionPool._new_conn = later_make''',
    'a response of urllib3 without a name that was private': '''
gone(R.HTTPResponse, '_init_length')
R.HTTPResponse._init_length = R.HTTPResponse._init_length_renamed''',
    'a pool manager with more schemes': '''
import urllib3.poolmanager as M
M.pool_classes_by_scheme['h3'] = P.HTTPSConnectionPool''',
    'Timeout makes floats of its seconds': '''
import urllib3.util.timeout as T
init = T.Timeout.__init__
def later_init(self, *args, **kwargs):
    args = [arg if not isinstance(arg, float) else float.__add__(arg, 0.0) for arg in args]
    kwargs = dict((name, value if not isinstance(value, float) else float.__add__(value, 0.0))
                  for name, value in kwargs.items())
    init(self, *args, **kwargs)
T.Timeout.__init__ = later_init''',
}
#: Changes that cost a promise: with what the warning names.
COSTLY = {
    'ConnectionCls gone': ('''
urlopen = P.HTTPConnectionPool._new_conn
plain, tls = P.HTTPConnectionPool.ConnectionCls, P.HTTPSConnectionPool.ConnectionCls
del P.HTTPConnectionPool.ConnectionCls, P.HTTPSConnectionPool.ConnectionCls
def later_new(self):
    self.num_connections += 1
    return plain(self.host, self.port, timeout=self.timeout.connect_timeout)
P.HTTPConnectionPool._new_conn = later_new''', 'ConnectionCls'),
    'pool_classes_by_scheme gone': ('''
import urllib3.poolmanager as M
def later_pool(self, scheme, host, port, request_context=None):
    context = dict(self.connection_pool_kw if request_context is None else request_context)
    for name in ('scheme', 'host', 'port', 'blocksize'):
        context.pop(name, None)
    return P.HTTPConnectionPool(host, port, maxsize=context.get('maxsize', 1))
M.PoolManager._new_pool = later_pool
init = M.PoolManager.__init__
def later_init(self, *args, **kwargs):
    init(self, *args, **kwargs)
    del self.pool_classes_by_scheme
M.PoolManager.__init__ = later_init''', 'pool_classes_by_scheme'),
    'response_class gone': ('''
plain = H.HTTPResponse
getresponse = H.HTTPConnection.getresponse
gone(H.HTTPConnection, 'response_class')
def later_getresponse(self, *args, **kwargs):
    kept = vars(self).pop('response_class', None)
    H.HTTPConnection.response_class = plain
    try:
        return getresponse(self, *args, **kwargs)
    finally:
        del H.HTTPConnection.response_class
H.HTTPConnection.getresponse = later_getresponse''', 'response_class'),
    '_decoder renamed': ('''
init = R.HTTPResponse.__init__
def later_init(self, *args, **kwargs):
    init(self, *args, **kwargs)
    vars(self).pop('_decoder', None)
R.HTTPResponse.__init__ = later_init
for kind in R.HTTPResponse.__mro__:
    if '_decoder' in vars(kind):
        delattr(kind, '_decoder')
read = R.HTTPResponse.read
def later_read(self, *args, **kwargs):
    self._decoder = None
    try:
        return read(self, *args, **kwargs)
    finally:
        vars(self).pop('_decoder', None)
R.HTTPResponse.read = later_read''', '_decoder'),
    'Timeout.clone renamed': ('''
import urllib3.util.timeout as T
gone(T.Timeout, 'clone')
def later_get(self, timeout):
    if isinstance(timeout, T.Timeout):
        return T.Timeout(connect=timeout._connect, read=timeout._read)
    return T.Timeout.from_float(timeout)
P.HTTPConnectionPool._get_timeout = later_get''', 'clone'),
    'Timeout.connect_timeout renamed': ('''
import urllib3.util.timeout as T
class Later(T.Timeout):
    connect_timeout = T.Timeout.connect_timeout
gone(T.Timeout, 'connect_timeout')
def later_get(self, timeout):
    return Later(connect=timeout._connect, read=timeout._read)
P.HTTPConnectionPool._get_timeout = later_get
make = P.HTTPConnectionPool._new_conn
def later_make(self):
    self.timeout = later_get(self, self.timeout)
    return make(self)
P.HTTPConnectionPool._new_conn = later_make''', 'connect_timeout'),
    'HTTPResponse.begin renamed': ('''
begin, getresponse = H.HTTPResponse.begin, H.HTTPConnection.getresponse
gone(H.HTTPResponse, 'begin')
def later_getresponse(self, *args, **kwargs):
    inner = self.response_class
    def made(*args, **kwargs):
        response = inner(*args, **kwargs)
        response.begin = functools.partial(begin, response)
        return response
    self.response_class = made
    try:
        return getresponse(self, *args, **kwargs)
    finally:
        self.response_class = inner
H.HTTPConnection.getresponse = later_getresponse''', '`begin`'),
    'HTTPConnection.connect renamed': ('''
connect, send = C.HTTPConnection.connect, H.HTTPConnection.send
gone(C.HTTPConnection, 'connect')
def later_send(self, *args, **kwargs):
    if self.sock is None:
        connect(self)
    return send(self, *args, **kwargs)
H.HTTPConnection.send = later_send''', '`connect`'),
    'HTTPConnection.send renamed': ('''
request, send = C.HTTPConnection.request, C.HTTPConnection.send
gone(C.HTTPConnection, 'send')
def later_request(self, *args, **kwargs):
    self.send = functools.partial(send, self)  # what http.client calls is not overridden
    try:
        return request(self, *args, **kwargs)
    finally:
        del self.send
C.HTTPConnection.request = later_request''', '`send`'),
}


@pytest.mark.parametrize('name', sorted(HARMLESS))
def test_a_training_gives_its_id_and_arrives_once_after_a_change_below(name):
    lines, count = run(HARMLESS[name])
    assert lines == ['id 11', 'id 11']
    assert count == 2


@pytest.mark.parametrize('name', sorted(COSTLY))
def test_a_lost_promise_is_told_once_and_the_training_arrives_once(name):
    change, named = COSTLY[name]
    lines, count = run(change)
    assert lines[:2] == ['id 11', 'id 11']
    assert count == 2
    assert len(lines) == 3 and named in lines[2] and lines[2].startswith('warning '), lines


@pytest.mark.parametrize('name', sorted(COSTLY))
def test_a_training_that_breaks_after_it_has_left_is_in_doubt_whatever_is_lost_below(name):
    lines, count = run(COSTLY[name][0], lost, calls=1)
    assert lines[0].startswith('in doubt False ') and count == 1


def test_interim_answers_are_still_skipped_where_begin_has_changed():
    for name in ('begin wrapped by a tool', 'begin with a keyword of its own (CPython 3.15)'):
        interim = raw(b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + answer_bytes(), True)
        assert run(HARMLESS[name], interim) == (['id 11', 'id 11'], 2)


def answer_bytes():
    body = b'{"request_id":"r","code":"OK","message":"","data":{"job_id":11}}'
    return head('Content-Length: {}'.format(len(body))) + body
