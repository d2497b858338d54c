"""HTTP of the emulator: reading requests, sending answers, files, faults, a quick stop."""
import io
import json
import logging
import os
import shutil
import socket
import sys
import threading
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn

from . import contract
from .control import Control, refused
from .journal import Record
from .photos import file_in
from .routes import resource_of
from .timed import IDLE_SECONDS, Arriving, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence, Tuple
    from .emulator import Emulator
    from .faults import Faults
    from .journal import Journal
    from .routes import Routes

_log = logging.getLogger('ai_service_python_sdk.emulator')
#: Seconds that a stop waits for requests at work.
LONGEST_END = 1.5
#: Seconds and bytes that are still read from who is refused, lest a reset takes the answer away.
LINGER_SECONDS, LINGER_BYTES = 1.0, 1024 * 1024
FILES = '/files/'
#: The page loads nothing from elsewhere and is shown in no other page.
_POLICY = (('Content-Security-Policy',
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"),
           ('Cross-Origin-Resource-Policy', 'same-origin'), ('X-Content-Type-Options', 'nosniff'),
           ('Cache-Control', 'no-store'))
_TYPES = {'.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.png': 'image/png'}


class Server(ThreadingMixIn, HTTPServer):
    """A thread per connection; every connection is known, so that a stop need not wait."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: "Tuple[str, int]", owner: "Emulator", routes: "Routes",
                 files: "Optional[str]", names: "Sequence[str]") -> None:
        self.routes = routes  # type: Routes
        self.faults = owner.faults  # type: Faults
        self.journal = owner.requests  # type: Journal
        self.control = Control(owner, owner.control_key)  # type: Control
        self.files = files  # type: Optional[str]
        self.names = tuple(name.lower() for name in names)  # type: Tuple[str, ...]
        self._threads_at_work = {}  # type: Dict[threading.Thread, Any]
        #: Set when connections are being broken.
        self.closing = threading.Event()  # type: threading.Event
        if ':' in address[0]:
            self.address_family = socket.AF_INET6  # type: Any
        HTTPServer.__init__(self, address, Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's own: it looks its name up, which can take seconds without a network.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()  # type: Any
        self.server_name = str(self.server_address[0])  # type: str
        self.server_port = self.server_address[1]  # type: int

    def process_request(self, request: "Any", client_address: "Any") -> None:
        """Start a thread that is known before it runs."""
        thread = threading.Thread(target=self.process_request_thread,
                                  args=(request, client_address))
        thread.daemon = True
        self._threads_at_work[thread] = request
        thread.start()

    def process_request_thread(self, request: "Any", client_address: "Any") -> None:
        try:
            ThreadingMixIn.process_request_thread(self, request, client_address)
        finally:
            del self._threads_at_work[threading.current_thread()]

    def handle_error(self, request: "Any", client_address: "Any") -> None:
        """Say nothing of clients that went away, and all of a crash."""
        if not isinstance(sys.exc_info()[1], OSError):
            _log.exception('a connection crashed')

    def pause(self, seconds: float) -> None:
        self.closing.wait(seconds)

    def break_connections(self) -> None:
        """Wake every thread that waits for a client, and wait for those that are at work.

        An interpreter that ends while a daemon thread is inside of OpenCV is aborted.
        """
        threads = self._threads_at_work.copy()
        for sock in threads.values():
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        # After the sockets: what a stop cuts short is not to be answered.
        self.closing.set()
        end = steady() + LONGEST_END
        for thread in filter(threading.Thread.is_alive, threads):
            thread.join(max(0.0, end - steady()))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = 'HTTP/1.1'
    server_version = 'AIServiceEmulator'
    sys_version = ''
    #: Head and body leave together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        BaseHTTPRequestHandler.setup(self)
        self.rfile.close()
        self._arriving = Arriving(self.connection, contract.MOST_ARRIVAL_SECONDS, True)
        self.rfile = io.BufferedReader(self._arriving)  # type: Any

    def handle_one_request(self) -> None:
        self._arriving.deadline = None
        # A head that is not understood has those of no earlier request.
        self.headers = HTTPMessage()  # type: Any
        BaseHTTPRequestHandler.handle_one_request(self)

    def log_message(self, format: str, *args: "Any") -> None:
        """Print nothing: a path may hold what is nobody's business."""

    def log_error(self, format: str, *args: "Any") -> None:
        """Say that a request did not arrive in time; an idle connection is not worth a line."""
        if self._arriving.deadline is not None:
            _log.warning('a request was given up: it took longer than %g s to arrive',
                         contract.MOST_ARRIVAL_SECONDS)

    def _handle(self) -> None:
        server = self.server  # type: Any
        try:
            self._answer()
        except Exception as error:
            if isinstance(error, (ConnectionError, socket.timeout)) or server.closing.is_set():
                raise
            _log.exception('%s crashed', self.command)
            self._refuse('crash', '{}: {}'.format(type(error).__name__, error))

    def handle_expect_100(self) -> bool:
        """Let a client that asks send its body, unless it will be refused."""
        problem = self._unread()
        if problem:
            self._refuse(*problem)
            return False
        BaseHTTPRequestHandler.handle_expect_100(self)
        self.wfile.flush()
        return True

    def _answer(self) -> None:
        server = self.server  # type: Any
        problem = self._unread()
        if problem:
            return self._refuse(*problem)
        length = int(self.headers.get('Content-Length', '0'))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        target = self._target()
        if target.startswith(FILES) and self.command in ('GET', 'HEAD'):
            return self._file(target[len(FILES):])
        ours = server.control.answer(self.command, target, self.headers, body)
        if ours is not None:
            status, text, kind = ours
            return self._send(status, text, kind, headers=_POLICY)
        self._serve(target, body)

    def _target(self) -> str:
        return (self.requestline.split() + ['', ''])[1]

    def _serve(self, target: str, body: bytes) -> None:
        """Answer as the service does, unless a fault says otherwise."""
        server = self.server  # type: Any
        began = steady()
        record = Record(self.command, resource_of(target), self.headers, body)
        fault = server.faults.take(record.path)
        server.pause(fault.get('delay', 0))
        if 'drop' in fault:
            record.verdict = 'fault'
        else:
            server.routes.answer(record, target, self.headers.get('Authorization'), body, fault)
        text = json.dumps(record.answer).encode('ascii')
        if 'answer' in fault:
            record.status, text = fault['answer']
        record.milliseconds = round(1000 * (steady() - began), 1)
        server.journal.add(record)
        _say(record)
        if 'drop' in fault or 'drop_after' in fault:
            self.close_connection = True
            return
        allow = server.routes.method_of(record.path) if record.status == 405 else None
        self._send(record.status, text, truncate='truncate' in fault,
                   headers=(('Allow', allow),) if allow else ())

    do_GET = _handle  # type: Any
    do_POST = _handle  # type: Any
    do_PUT = _handle  # type: Any
    do_DELETE = _handle  # type: Any
    do_PATCH = _handle  # type: Any
    do_HEAD = _handle  # type: Any
    do_OPTIONS = _handle  # type: Any

    def send_error(self, code: int, message: "Optional[str]" = None,
                   explain: "Optional[str]" = None) -> None:
        """Refuse what HTTP does not know, with an envelope instead of a page."""
        if code == 501:
            # A method that nobody knows is one that the path does not take.
            return self._handle()
        # Without a version that was understood there would be no head.
        self.request_version = self.protocol_version  # type: str
        self._refuse('request', message or 'not HTTP as it should be')

    def _unread(self) -> "Optional[Tuple[str, str]]":
        """Return (error, reason) for what is refused before its body is read."""
        server = self.server  # type: Any
        stranger = refused(self.headers, server.names, self.connection.getsockname()[0])
        head = sum(len(name) + len(value) for name, value in self.headers.items())
        length = self.headers.get('Content-Length', '0').strip()
        if stranger:
            return stranger
        if head > contract.MOST_HEAD_BYTES:
            return 'request', '{} bytes of headers; {} are the most'.format(
                head, contract.MOST_HEAD_BYTES)
        if self.headers.get('Transfer-Encoding') or not (length.isdigit() and length.isascii()):
            return 'length', 'send Content-Length, and no Transfer-Encoding'
        if len(length) > 18 or int(length) > contract.MOST_BODY_BYTES:
            return 'too_large', '{} bytes are the most'.format(contract.MOST_BODY_BYTES)
        if int(length) > contract.MOST_STRANGER_BYTES and not server.routes.knows(
                self.headers.get('Authorization')):
            return 'appid', 'of an unknown app id no body of {} bytes is read'.format(length)
        return None

    def _refuse(self, error: str, reason: str) -> None:
        server = self.server  # type: Any
        record = Record(self.command or '', resource_of(self._target()), self.headers, b'')
        record.fail(contract.ServiceFailure(error, reason))
        server.journal.add(record)
        _say(record)
        self.close_connection = True
        self._send(record.status, json.dumps(record.answer).encode('ascii'))
        self._linger()

    def _linger(self) -> None:
        end, count = steady() + LINGER_SECONDS, 0
        try:
            self.connection.shutdown(socket.SHUT_WR)
            part = b'-'
            while part and count < LINGER_BYTES and steady() < end:
                self.connection.settimeout(max(0.01, end - steady()))
                part = self.connection.recv(65536)
                count += len(part)
        except OSError:
            pass

    def _send(self, status: int, text: bytes, kind: str = 'application/json',
              truncate: bool = False, headers: "Sequence[Any]" = ()) -> None:
        self.connection.settimeout(IDLE_SECONDS)
        # 462 and 469 have no reason phrase.
        self.send_response(status, None if status in self.responses else '')
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(text)))
        for name, value in headers:
            self.send_header(name, value)
        if truncate or self.close_connection:
            self.close_connection = True  # type: bool
            self.send_header('Connection', 'close')
        self.end_headers()
        # What stands behind a head without a body would be taken for the next answer.
        if self.command != 'HEAD' and status not in (204, 304):
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


def _say(record: Record) -> None:
    reason, request_id = record.answer.get(contract.REASON), record.answer['request_id']
    why = ' {}: {}'.format(record.answer['message'], reason) if reason else ''
    _log.info('%s %s %s %.0f ms %s%s', record.method, record.path, record.status or 'dropped',
              record.milliseconds, request_id, why, extra={'emulated': {
                  'method': record.method, 'path': record.path, 'status': record.status,
                  'ms': record.milliseconds, 'request_id': request_id,
                  'verdict': record.verdict, 'reason': reason}})
