"""HTTP of the emulator: requests are read, answered or broken by a fault; and a quick stop."""
import json
import os
import re
import socket
import sys
import time
from contextlib import suppress
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from . import contract
from .contract import JSON, ServiceFailure, log
from .control import FILES, Control, refuse_strangers
from .faults import OF_CALLS
from .journal import Record
from .service import resource_of
from .timed import IDLE_SECONDS, LONGEST_END, Arriving, steady

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Set, Tuple
    from .emulator import Emulator
    from .service import Service

#: After a refusal the rest of a request is read: seconds without a byte, and parts of 64 KiB.
LINGER_SECONDS, LINGER_PARTS = 1.0, 16
_LENGTH = re.compile(r'[0-9]{1,18}\Z')
#: The page loads nothing from elsewhere and is shown in no other page.
_POLICY = (('Content-Security-Policy',
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"),
           ('Cross-Origin-Resource-Policy', 'same-origin'), ('X-Content-Type-Options', 'nosniff'),
           ('Cache-Control', 'no-store'))
#: A page of the user's own may show the pictures; a script among the files does not run.
_FILE_POLICY = (('Content-Security-Policy', 'sandbox'), _POLICY[2])


class Server(ThreadingTCPServer):
    """Has a thread for each connection, and knows all connections, to break them at a stop."""

    #: On Windows it would let a second server take the same port.
    allow_reuse_address = os.name != 'nt'  # type: bool
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: "Tuple[str, int]", owner: "Emulator", service: "Service",
                 files: "Optional[str]", names: "Sequence[str]") -> None:
        self.owner = owner  # type: Emulator
        self.service = service  # type: Service
        self.control = Control(owner, files)  # type: Control
        self.names = [name.lower() for name in names]  # type: List[str]
        self.connections = set()  # type: Set[Any]
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
        end = steady() + LONGEST_END
        while self.connections and steady() < end:
            time.sleep(0.01)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = 'HTTP/1.1'
    server_version = 'AIServiceEmulator'
    #: Head and body leave together.
    wbufsize = -1
    disable_nagle_algorithm = True
    server = None  # type: Any

    def setup(self) -> None:
        BaseHTTPRequestHandler.setup(self)
        self.rfile.close()
        self._arriving = Arriving(self.connection, contract.MOST_ARRIVAL_SECONDS)
        self.rfile = self._arriving.makefile('rb')  # type: Any

    def handle_one_request(self) -> None:
        self._arriving.deadline = None
        # A head that is not understood must not keep the path and headers of the last request.
        self.path = ''  # type: str
        self.headers = HTTPMessage()  # type: Any
        self._is_read = False
        BaseHTTPRequestHandler.handle_one_request(self)

    def handle_expect_100(self) -> bool:
        is_expected = BaseHTTPRequestHandler.handle_expect_100(self)
        self.wfile.flush()
        return is_expected

    def log_message(self, format: str, *args: "Any") -> None:
        """Print nothing: the journal logs each request, without what may be secret in its path."""

    def send_error(self, code: int, message: "Optional[str]" = None,
                   explain: "Optional[str]" = None) -> None:
        """Refuse what HTTP does not know, with an envelope instead of a page."""
        if code == 501:
            # There are no methods do_GET and so on: 501 comes for every request, see _handle().
            return self._handle()
        # If the version was not understood, the base class would send no head.
        self.request_version = self.protocol_version  # type: str
        record = self._record()
        record.fail(ServiceFailure('request', message or 'not HTTP as it should be'))
        self._finish(record, {})

    def _record(self) -> Record:
        return Record(self.command or '', resource_of(self.path), self.headers)

    def _handle(self) -> None:
        """Answer as the service does, as a fault says, or what the service does not have."""
        began, record, owner = steady(), self._record(), self.server.owner
        fault = {}  # type: Dict[str, Any]
        try:
            body = self._read()
            besides = self.server.control.answer(
                self.command, self.path, self.headers, body)  # type: Any
            if besides:
                is_file = self.path.startswith(FILES)
                return self._send(*besides + (_FILE_POLICY if is_file else _POLICY,))
            record.read(body)
            fault = owner.faults.take(record.path, *OF_CALLS)
            owner.trainings.closing.wait(fault.get('delay', 0))
            if 'drop' not in fault:
                record.succeed(self.server.service.data(
                    record, resource_of(self.path), self.headers.get('Authorization'), body,
                    fault))
        except ServiceFailure as failure:
            record.fail(failure)
        except (ConnectionError, socket.timeout):
            raise
        except Exception as error:
            log.exception('%s crashed', self.command)
            record.fail(ServiceFailure('crash', 'a bug of the emulator, please report it: {}: {}'
                                       .format(type(error).__name__, error)))
        record.milliseconds = round(1000 * (steady() - began), 1)
        self._finish(record, fault)

    def _read(self) -> bytes:
        """Return the body of a request, or raise ServiceFailure for what its head says."""
        refuse_strangers(self.headers, self.server.names + [self.connection.getsockname()[0]])
        given = self.headers.get('Content-Length', '0').strip()
        if self.headers.get('Transfer-Encoding') or not _LENGTH.match(given):
            raise ServiceFailure('length', 'send Content-Length, and no Transfer-Encoding')
        length = int(given)
        if length > contract.MOST_BODY_BYTES:
            raise ServiceFailure('too_large', '{} bytes are the most'.format(
                contract.MOST_BODY_BYTES))
        if length > contract.MOST_STRANGER_BYTES and not self.server.service.knows(
                self.headers.get('Authorization')):
            raise ServiceFailure('appid', 'of an unknown app id no body of {} bytes is read'
                                 .format(length))
        body = self.rfile.read(length)  # type: bytes
        if len(body) < length:
            raise ConnectionError('the client has gone')
        self._is_read = True
        return body

    def _finish(self, record: Record, fault: "Dict[str, Any]") -> None:
        """Keep a request in the journal and send its answer, as far as a fault lets it."""
        text = json.dumps(record.answer).encode('ascii')
        if 'answer' in fault:
            record.status = fault['answer'][0]
            text = fault['answer'][1].encode('utf-8', 'surrogateescape')
        record.verdict = 'fault' if fault else record.verdict
        self.server.owner.requests.add(record)
        is_dropped = 'drop' in fault or 'drop_after' in fault
        self.close_connection = (self.close_connection or is_dropped or 'truncate' in fault
                                 or not self._is_read)  # type: bool
        if is_dropped:
            return
        allow = contract.OPERATIONS[record.operation or 'check'][0]
        self._send(record.status, text, JSON, [('Allow', allow)] if record.status == 405 else (),
                   len(text) // 2 if 'truncate' in fault else None)
        if not self._is_read:
            self._linger()

    def _send(self, status: int, body: bytes, kind: str, headers: "Sequence[Any]" = (),
              most: "Optional[int]" = None) -> None:
        self.connection.settimeout(IDLE_SECONDS)
        # 462 and 469 have no reason phrase.
        self.send_response(status, None if status in self.responses else '')
        lines = [('Content-Type', kind), ('Content-Length', str(len(body)))]
        lines += [('Connection', 'close')] if self.close_connection else []
        for name, value in lines + list(headers):
            self.send_header(name, value)
        self.end_headers()
        # A client would take a body for the next answer where none may follow the head.
        if self.command != 'HEAD' and status not in (204, 304):
            self.wfile.write(body[:most])
        self.wfile.flush()

    def _linger(self) -> None:
        """Read a little of the rest of a request: else a reset could destroy the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_SECONDS)
            for _ in range(LINGER_PARTS):
                if not self.connection.recv(65536):
                    break
