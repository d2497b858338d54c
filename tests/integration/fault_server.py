"""A server that misbehaves as told: one action per request, over real sockets, TLS too."""
import json
import socket
import ssl
import struct
import threading
import time

OK_BODY = b'{"request_id":"r","code":"OK","message":"success","data":{"job_id":11,"n":1}}'
#: Seconds that a stalling action holds a connection at most.
STALL = 8.0


class Request(object):
    """A request as it came."""

    def __init__(self, line, headers, body):
        self.method, self.path = line.split(' ')[:2]
        self.headers = dict((name.lower(), value) for name, value in headers)
        self.body = body

    @property
    def json(self):
        return json.loads(self.body.decode('utf-8'))


class Conversation(object):
    """One connection, for the actions to play with."""

    def __init__(self, server, sock):
        self.server = server
        self.sock = sock

    def send(self, data):
        self.sock.sendall(data)

    def wait(self, seconds):
        """Wait, but not longer than the server lives."""
        self.server.stopped.wait(seconds)

    def reset(self):
        """Close with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.close()

    def close(self):
        # With plain close a reading thread would keep the connection open.
        try:
            self.sock.close()
        except OSError:
            pass


def answer(body=OK_BODY, status='200 OK', headers=(), keep=True, length=True):
    """A whole answer, with the headers given in front."""
    head = 'HTTP/1.1 {}\r\n'.format(status)
    head += ''.join('{}: {}\r\n'.format(name, value) for name, value in headers)
    if length:
        head += 'Content-Length: {}\r\n'.format(len(body))
    return raw(head.encode('latin-1') + b'\r\n' + body, keep)


def head(*lines):
    """The bytes in front of a body: the status line of a success, and these lines."""
    return '\r\n'.join(('HTTP/1.1 200 OK',) + lines).encode('latin-1') + b'\r\n\r\n'


def redirect(location, status=307):
    return answer(b'', '{} Moved'.format(status), [('Location', location)])


def raw(data, keep=False, then=None):
    """Exactly these bytes."""
    def action(conversation, request):
        conversation.send(data)
        if then:
            then(conversation)
        return keep
    return action


ok = answer()


def error(status, code='error', message='no', headers=()):
    body = json.dumps({'request_id': 'r', 'code': code, 'message': message, 'data': {}})
    return answer(body.encode('utf-8'), '{} Reason'.format(status), headers)


def lost(conversation, request):
    """Take the request and close without a word."""
    return False


def reset(conversation, request):
    conversation.reset()
    return False


def stall(conversation, request):
    """Take the request and say nothing."""
    conversation.wait(STALL)
    return False


def late(seconds):
    def action(conversation, request):
        conversation.wait(seconds)
        return ok(conversation, request)
    return action


def drip(data, pause=0.05):
    """A byte every now and then."""
    def action(conversation, request):
        for index in range(len(data)):
            if conversation.server.stopped.is_set():
                break
            conversation.send(data[index:index + 1])
            conversation.wait(pause)
        return True
    return action


def ok_then_close(conversation, request):
    """Promise to keep the connection, and close it."""
    ok(conversation, request)
    return False


class FaultServer(object):
    """Plays one action per request, the last one again and again; default: answer OK."""

    def __init__(self, *actions, **options):
        self.actions = list(actions)
        self.requests = []
        self.connections = 0
        self.greeting = options.get('greeting')  # played at once, before any request
        self.tls = options.get('tls')
        self.stopped = threading.Event()
        self.open = []
        self._lock = threading.Lock()
        self._listener = socket.socket()
        self._listener.bind(('127.0.0.1', options.get('port', 0)))
        self._listener.listen(128)
        self.port = self._listener.getsockname()[1]

    @property
    def host(self):
        name = 'localhost' if self.tls else '127.0.0.1'
        return '{}://{}:{}'.format('https' if self.tls else 'http', name, self.port)

    def __enter__(self):
        thread = threading.Thread(target=self._accept)
        thread.daemon = True
        thread.start()
        return self

    def __exit__(self, *exc):
        self.stopped.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for sock in list(self.open):
            try:
                sock.close()
            except OSError:
                pass

    def _accept(self):
        while not self.stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self.open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            thread.daemon = True
            thread.start()

    def _serve(self, sock):
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conversation = Conversation(self, sock)
            if self.greeting:
                self.greeting(conversation, None)
            self._talk(conversation)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            sock.close()

    def _talk(self, conversation):
        stream = conversation.sock.makefile('rb')
        try:
            while not self.stopped.is_set():
                request = read_request(stream)
                if request is None:
                    return
                with self._lock:
                    self.requests.append(request)
                    index = len(self.requests) - 1
                    action = self.actions[min(index, len(self.actions) - 1)] \
                        if self.actions else ok
                if not action(conversation, request):
                    return
        finally:
            stream.close()


def read_request(stream):
    """Read one request; None when the connection ended."""
    line = stream.readline().decode('latin-1').strip()
    if not line:
        return None
    headers = []
    while True:
        header = stream.readline().decode('latin-1').strip()
        if not header:
            break
        name, _, value = header.partition(':')
        headers.append((name, value.strip()))
    length = int(dict((name.lower(), value) for name, value in headers).get('content-length', 0))
    return Request(line, headers, stream.read(length))


def unused_port():
    """A port at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def server_context(certificate, client_authority=None):
    """A TLS context of a server, perhaps one that asks for certificates of its clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        client_authority.configure_trust(context)
    return context
