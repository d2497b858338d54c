"""HTTP of the emulator: reading requests, sending answers, files, faults, a quick stop."""
import json
import os
import shutil
import socket
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn

from . import contract
from .photos import file_in
from .routes import resource_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Dict, Optional
    from .faults import Faults
    from .routes import Routes

#: Seconds that an idle connection is kept.
IDLE_SECONDS = 60
#: Seconds that a stop waits for requests at work.
LONGEST_END = 5.0
FILES, CONTROL = '/files/', '/control/'
_TYPES = {'.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.png': 'image/png'}


class Server(ThreadingMixIn, HTTPServer):
    """A thread per connection; every connection is known, so that a stop need not wait."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, routes: "Routes", faults: "Faults",
                 files: "Optional[str]", control: bool) -> None:
        self.routes = routes
        self.faults = faults
        self.files = files
        self.control = control
        self._sockets = set()  # type: set[Any]
        self._threads_at_work = set()  # type: set[threading.Thread]
        self._closing = threading.Event()
        self._lock = threading.Lock()
        if ':' in host:
            self.address_family = socket.AF_INET6  # type: Any
        HTTPServer.__init__(self, (host, port), Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's own: it looks its name up, which can take seconds without a network.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()  # type: Any
        self.server_name = str(self.server_address[0])  # type: str
        self.server_port = self.server_address[1]  # type: int

    def process_request(self, request: "Any", client_address: "Any") -> None:
        with self._lock:
            self._sockets.add(request)
        ThreadingMixIn.process_request(self, request, client_address)

    def shutdown_request(self, request: "Any") -> None:
        with self._lock:
            self._sockets.discard(request)
        HTTPServer.shutdown_request(self, request)

    def handle_error(self, request: "Any", client_address: "Any") -> None:
        """Say nothing of clients that went away."""

    def process_request_thread(self, request: "Any", client_address: "Any") -> None:
        thread = threading.current_thread()
        with self._lock:
            self._threads_at_work.add(thread)
        try:
            ThreadingMixIn.process_request_thread(self, request, client_address)
        finally:
            with self._lock:
                self._threads_at_work.discard(thread)

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the server."""
        self._closing.wait(seconds)

    def break_connections(self) -> None:
        """Wake every thread that waits for a client, and wait for those that are at work.

        An interpreter that ends while a daemon thread is inside of OpenCV is aborted.
        """
        self._closing.set()
        with self._lock:
            sockets, threads = list(self._sockets), list(self._threads_at_work)
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        end = time.monotonic() + LONGEST_END
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = 'HTTP/1.1'
    server_version = 'AIServiceEmulator'
    sys_version = ''
    timeout = IDLE_SECONDS  # type: ClassVar[Optional[float]]
    #: Head and body leave together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: "Any") -> None:
        """Print nothing: a path may hold what is nobody's business."""

    def _handle(self) -> None:
        server = self.server  # type: Any
        target = self.requestline.split()[1]
        body = self._body()
        if body is None:
            return
        if target.startswith(FILES) and self.command in ('GET', 'HEAD'):
            return self._file(target[len(FILES):])
        if target.startswith(CONTROL) and server.control:
            return self._control(target[len(CONTROL):], body)
        path = resource_of(target).split('?')[0]
        fault = server.faults.take(path)
        server.pause(fault.get('delay', 0))
        if 'drop' in fault:
            return self._drop()
        status, envelope = server.routes.answer(self.command, target,
                                                self.headers.get('Authorization'), body, fault)
        if 'drop_after' in fault:
            return self._drop()
        text = json.dumps(envelope).encode('ascii')
        if 'answer' in fault:
            status, text = fault['answer']
        allow = server.routes.method_of(path) if status == 405 else None
        self._send(status, text, truncate='truncate' in fault, allow=allow)

    do_GET = _handle
    do_POST = _handle
    do_PUT = _handle
    do_DELETE = _handle
    do_PATCH = _handle
    do_HEAD = _handle
    do_OPTIONS = _handle

    def send_error(self, code: int, message: "Optional[str]" = None,
                   explain: "Optional[str]" = None) -> None:
        """Refuse what HTTP does not know, with an envelope instead of a page."""
        if code == 501:
            # A method that nobody knows is one that the path does not take.
            return self._handle()
        # Without a version that was understood there would be no head.
        self.request_version = self.protocol_version  # type: str
        self._refuse('request')

    def _body(self) -> "Optional[bytes]":
        """Return the body; None if it was refused, which ends the connection."""
        length = self.headers.get('Content-Length', '0').strip()
        if self.headers.get('Transfer-Encoding') or not length.isdigit():
            self._refuse('length')
            return None
        if len(length) > 18 or int(length) > contract.MOST_BODY_BYTES:
            self._refuse('too_large')
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self._drop()
            return None
        return body

    def _refuse(self, error: str) -> None:
        status, code, message = contract.ERRORS[error]
        self.close_connection = True
        envelope = {'request_id': str(uuid.uuid4()), 'code': code, 'message': message}
        self._send(status, json.dumps(envelope).encode('ascii'))

    def _drop(self) -> None:
        self.close_connection = True

    def _send(self, status: int, text: bytes, kind: str = 'application/json',
              truncate: bool = False, allow: "Optional[str]" = None) -> None:
        # 462 and 469 have no reason phrase.
        self.send_response(status, None if status in self.responses else '')
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(text)))
        if allow:
            self.send_header('Allow', allow)
        if truncate or self.close_connection:
            self.close_connection = True  # type: bool
            self.send_header('Connection', 'close')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(text[:len(text) // 2] if truncate else text)
        self.wfile.flush()

    def _file(self, name: str) -> None:
        server = self.server  # type: Any
        path = file_in(server.files, name.split('?')[0])
        if path is None:
            return self._send(404, b'no such file', 'text/plain')
        kind = _TYPES.get(os.path.splitext(path)[1].lower(), 'application/octet-stream')
        with open(path, 'rb') as stream:
            self.send_response(200)
            self.send_header('Content-Type', kind)
            self.send_header('Content-Length', str(os.fstat(stream.fileno()).st_size))
            self.end_headers()
            if self.command != 'HEAD':
                shutil.copyfileobj(stream, self.wfile, 65536)

    def _control(self, name: str, body: bytes) -> None:
        """Script faults over HTTP: ``POST /control/faults`` {action, value, ...}, DELETE."""
        server = self.server  # type: Any
        problem = None
        if name != 'faults' or self.command not in ('POST', 'DELETE'):
            return self._send(404, b'{}')
        if self.command == 'DELETE':
            server.faults.clear()
        else:
            problem = _script(server.faults, body)
        text = json.dumps({'problem': problem} if problem else {}).encode('ascii')
        self._send(400 if problem else 200, text)


def _script(faults: "Any", body: bytes) -> "Optional[str]":
    try:
        wanted = json.loads(body.decode('utf-8'))  # type: Dict[str, Any]
        action, value = wanted.pop('action'), wanted.pop('value', None)
        if action == 'answer':
            value = (int(value[0]), str(value[1]).encode('utf-8'))
        elif action == 'delay':
            value = float(value)
        faults.add(action, value, **wanted)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return '{}: {}'.format(type(error).__name__, error)
    return None
