"""HTTP of the emulator: reading requests, sending answers, files, faults, a quick stop."""
import io
import json
import mimetypes
import os
import shutil
import socket
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from . import contract
from .contract import JSON, ServiceFailure, log
from .control import Control, refuse_strangers
from .faults import OF_CALLS
from .journal import Record
from .photos import file_in
from .service import resource_of
from .timed import IDLE_SECONDS, LONGEST_END, Arriving, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import IO, Any, List, Optional, Sequence, Set, Tuple
    from .emulator import Emulator
    from .service import Service

#: Seconds and bytes that are still read from who is refused, lest a reset takes the answer away.
LINGER_SECONDS, LINGER_BYTES = 1.0, 1024 * 1024
FILES = '/files/'
#: The page loads nothing from elsewhere and is shown in no other page.
_POLICY = (('Content-Security-Policy',
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"),
           ('Cross-Origin-Resource-Policy', 'same-origin'), ('X-Content-Type-Options', 'nosniff'),
           ('Cache-Control', 'no-store'))


class Server(ThreadingTCPServer):
    """A thread per connection; every connection is known, so that a stop need not wait."""

    #: On Windows it would let a second server take the same port.
    allow_reuse_address = os.name != 'nt'  # type: bool
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: "Tuple[str, int]", owner: "Emulator", service: "Service",
                 files: "Optional[str]", names: "Sequence[str]") -> None:
        self.owner = owner  # type: Emulator
        self.service = service  # type: Service
        self.control = Control(owner)  # type: Control
        self.files = files  # type: Optional[str]
        self.names = [name.lower() for name in names]  # type: List[str]
        self.connections = set()  # type: Set[Any]
        #: Set when connections are being broken.
        self.closing = threading.Event()  # type: threading.Event
        if ':' in address[0]:
            self.address_family = socket.AF_INET6  # type: Any
        ThreadingTCPServer.__init__(self, address, Handler)

    def process_request(self, request: "Any", client_address: "Any") -> None:
        self.connections.add(request)
        ThreadingTCPServer.process_request(self, request, client_address)

    def shutdown_request(self, request: "Any") -> None:
        ThreadingTCPServer.shutdown_request(self, request)
        self.connections.discard(request)

    def handle_error(self, request: "Any", client_address: "Any") -> None:
        """Say nothing of clients that went away, and all of a crash."""
        if not isinstance(sys.exc_info()[1], OSError):
            log.exception('a connection crashed')

    def break_connections(self) -> None:
        """Wake every thread that waits for a client, and wait for those that are at work.

        An interpreter that ends while a daemon thread is inside of OpenCV is aborted.
        """
        for connection in self.connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        # After the sockets: what a stop cuts short is not to be answered.
        self.closing.set()
        end = steady() + LONGEST_END
        while self.connections and steady() < end:
            time.sleep(0.01)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = 'HTTP/1.1'
    server_version = 'AIServiceEmulator'
    sys_version = ''
    #: Head and body leave together.
    wbufsize = -1
    disable_nagle_algorithm = True
    server = None  # type: Any

    @property
    def target(self) -> str:
        """Path and query as they arrived, which the path of http.server is not always."""
        return (self.requestline.split() + ['', ''])[1]

    def setup(self) -> None:
        BaseHTTPRequestHandler.setup(self)
        self.rfile.close()
        self._arriving = Arriving(self.connection, contract.MOST_ARRIVAL_SECONDS)
        self.rfile = self._arriving.makefile('rb')  # type: Any

    def handle_one_request(self) -> None:
        self._arriving.deadline = None
        # A head that is not understood has those of no earlier request.
        self.headers = HTTPMessage()  # type: Any
        self._body = b''
        BaseHTTPRequestHandler.handle_one_request(self)

    def log_message(self, format: str, *args: "Any") -> None:
        """Print nothing: a path may hold what is nobody's business."""

    def send_error(self, code: int, message: "Optional[str]" = None,
                   explain: "Optional[str]" = None) -> None:
        """Refuse what HTTP does not know, with an envelope instead of a page."""
        if code == 501:
            # There is no do_GET and so on: the path decides which method it takes.
            return self._handle()
        # Without a version that was understood there would be no head.
        self.request_version = self.protocol_version  # type: str
        self._refuse(ServiceFailure('request', message or 'not HTTP as it should be'))

    def handle_expect_100(self) -> bool:
        BaseHTTPRequestHandler.handle_expect_100(self)
        # Head and body of an answer leave together: this one alone would wait for the next.
        self.wfile.flush()
        return True

    def _handle(self) -> None:
        try:
            self._answer()
        except ServiceFailure as failure:
            self._refuse(failure)
        except (ConnectionError, socket.timeout):
            raise
        except Exception as error:
            if self.server.closing.is_set():
                raise
            log.exception('%s crashed', self.command)
            self._refuse(ServiceFailure('crash', 'a bug of the emulator, please report it: {}: {}'
                                        .format(type(error).__name__, error)))

    def _answer(self) -> None:
        self._check_head()
        length = int(self.headers.get('Content-Length', '0'))
        self._body = self.rfile.read(length)
        if len(self._body) < length:
            self.close_connection = True  # type: bool
            return
        if self.target.startswith(FILES) and self.command in ('GET', 'HEAD'):
            return self._file(self.target[len(FILES):])
        ours = self.server.control.answer(self.command, self.target, self.headers, self._body)
        if ours is None:
            return self._serve()
        status, text, kind = ours
        self._send(status, io.BytesIO(text), kind, _POLICY)

    def _check_head(self) -> None:
        """Raise ServiceFailure for what is refused before its body is read."""
        refuse_strangers(self.headers, self.server.names + [self.connection.getsockname()[0]])
        head = sum(len(name) + len(value) for name, value in self.headers.items())
        length = self.headers.get('Content-Length', '0').strip()
        if head > contract.MOST_HEAD_BYTES:
            raise ServiceFailure('request', '{} bytes of headers; {} are the most'.format(
                head, contract.MOST_HEAD_BYTES))
        if self.headers.get('Transfer-Encoding') or not (length.isdigit() and length.isascii()):
            raise ServiceFailure('length', 'send Content-Length, and no Transfer-Encoding')
        if len(length) > 18 or int(length) > contract.MOST_BODY_BYTES:
            raise ServiceFailure('too_large', '{} bytes are the most'.format(
                contract.MOST_BODY_BYTES))
        if int(length) > contract.MOST_STRANGER_BYTES and not self.server.service.knows(
                self.headers.get('Authorization')):
            raise ServiceFailure('appid', 'of an unknown app id no body of {} bytes is read'
                                 .format(length))

    def _record(self) -> Record:
        return Record(self.command or '', resource_of(self.target), self.headers, self._body)

    def _serve(self) -> None:
        """Answer as the service does, unless a fault says otherwise."""
        began, record = steady(), self._record()
        fault = self.server.owner.faults.take(record.path, *OF_CALLS)
        self.server.closing.wait(fault.get('delay', 0))
        try:
            if 'drop' not in fault:
                record.succeed(self.server.service.data(
                    record, resource_of(self.target), self.headers.get('Authorization'),
                    self._body, fault))
        except ServiceFailure as failure:
            record.fail(failure)
        text = json.dumps(record.answer).encode('ascii')
        if 'answer' in fault:
            record.status, text = fault['answer']
        record.verdict = 'fault' if fault else record.verdict
        record.milliseconds = round(1000 * (steady() - began), 1)
        self.server.owner.requests.add(record)
        if 'drop' in fault or 'drop_after' in fault:
            self.close_connection = True
            return
        allow = contract.OPERATIONS[record.operation or 'check'][0]
        self._send(record.status, io.BytesIO(text), JSON,
                   [('Allow', allow)] if record.status == 405 else [], 'truncate' in fault)

    def _refuse(self, failure: ServiceFailure) -> None:
        """Answer an error and close, without what may still be on its way."""
        record = self._record()
        record.fail(failure)
        self.server.owner.requests.add(record)
        self.close_connection = True
        self._send(record.status, io.BytesIO(json.dumps(record.answer).encode('ascii')), JSON)
        end, count, part = steady() + LINGER_SECONDS, 0, b'-'
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while part and count < LINGER_BYTES and steady() < end:
                self.connection.settimeout(max(0.01, end - steady()))
                part = self.connection.recv(65536)
                count += len(part)

    def _send(self, status: int, body: "IO[bytes]", kind: str, headers: "Sequence[Any]" = (),
              truncate: bool = False) -> None:
        self.connection.settimeout(IDLE_SECONDS)
        self.close_connection = self.close_connection or truncate
        length = body.seek(0, os.SEEK_END)
        body.seek(0)
        # 462 and 469 have no reason phrase.
        self.send_response(status, None if status in self.responses else '')
        lines = [('Content-Type', kind), ('Content-Length', str(length))]
        lines += [('Connection', 'close')] if self.close_connection else []
        for name, value in lines + list(headers):
            self.send_header(name, value)
        self.end_headers()
        # What stands behind a head without a body would be taken for the next answer.
        if self.command != 'HEAD' and status not in (204, 304):
            shutil.copyfileobj(io.BytesIO(body.read(length // 2)) if truncate else body,
                               self.wfile)
        self.wfile.flush()

    def _file(self, name: str) -> None:
        path = file_in(self.server.files, name.split('?')[0])
        if path is None:
            return self._send(404, io.BytesIO(b'no such file'), 'text/plain')
        with open(path, 'rb') as stream:
            self._send(200, stream, mimetypes.guess_type(path)[0] or 'application/octet-stream')
