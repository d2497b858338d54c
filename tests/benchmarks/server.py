"""A fast loopback server in a process of its own: canned answers, no delayed-ACK traps.

Prints its port, serves until its standard input ends. What a request's body or path holds chooses
the answer: ``picture-5`` a picture of 5 MB, ``slow`` a pause of 20 ms, ``fail`` a documented
error. ``/stats`` tells the connections since the last look.
"""
import base64
import json
import os
import re
import socket
import ssl
import sys
import threading
import time

#: Seconds of a slow answer.
LATENCY = 0.02
#: Looks at a job until it has succeeded.
LOOKS = 3

_counts = {'connections': 0, 'requests': 0, 'open': 0, 'most_open': 0}
_lock = threading.Lock()
_looks = {}


def _answer_of(data, status='200 OK'):
    body = json.dumps({'request_id': '8f0e4d7c-5d13-4a02-b3b8-3e4b41cf6b0e', 'code': 'OK',
                       'message': 'success', 'data': data}).encode('ascii')
    return _http(body, status)


def _http(body, status='200 OK'):
    head = 'HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n'
    return head.format(status, len(body)).encode('ascii') + body


CHECK = _answer_of({'check_results': [{'code': 1, 'message': 'success', 'frontal': True,
                                       'url': 'http://a.test/{}.jpg'.format(i)}
                                      for i in range(5)], 'cost_time': 0.8})
TRAIN = _answer_of({'job_id': 11, 'model_id': 'fa4ba43a-df55-45a4-9c31-bb0dc1e50000'})
CREATE = _answer_of({'image': base64.b64encode(b'\xff\xd8\xff' + b'x' * 300).decode('ascii'),
                     'cost_time': 12.5, 'model_id': 'fa4ba43a-df55-45a4-9c31-bb0dc1e50000'})
FAILURE = _http(json.dumps({'request_id': 'r', 'code': 'error', 'data': None,
                            'message': 'Image process error'}).encode('ascii'), '462 Error')
_pictures = {}


def _picture(megabytes):
    if megabytes not in _pictures:
        image = base64.b64encode(b'\xff\xd8\xff' + os.urandom(megabytes << 20)).decode('ascii')
        _pictures[megabytes] = _answer_of({'image': image, 'cost_time': 1.0, 'model_id': 'm'})
    return _pictures[megabytes]


def _job(job_id):
    with _lock:
        _looks[job_id] = _looks.get(job_id, 0) + 1
        state = 2 if _looks[job_id] > LOOKS else 1
    return _answer_of({'job': {'id': int(job_id), 'app_id': 'a', 'state': state, 'message': '',
                               'create_time': '2023-09-11T14:31:04.000+08:00', 'Result': '',
                               'type': 'Image'}})


def _respond(path, body):
    if path == '/stats':
        with _lock:
            stats = dict(_counts)
            _counts.update(connections=0, requests=0, most_open=_counts['open'])
        return _http(json.dumps(stats).encode('ascii'))
    if b'slow' in body[:2000]:
        time.sleep(LATENCY)
    if b'fail' in body[:2000]:
        return FAILURE
    size = re.search(b'picture-([0-9]+)', body[:2000])
    if size:
        return _picture(int(size.group(1)))
    if '/async_jobs/' in path:
        return _job(path.rsplit('/', 1)[1])
    return CHECK if path.endswith('check') else TRAIN if path.endswith('train') else CREATE


def _serve(sock):
    with _lock:
        _counts['connections'] += 1
        _counts['open'] += 1
        _counts['most_open'] = max(_counts['most_open'], _counts['open'])
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = sock.makefile('rb')
        while True:
            line = stream.readline()
            if not line:
                return
            length = 0
            for header in iter(stream.readline, b'\r\n'):
                if header[:15].lower() == b'content-length:':
                    length = int(header[15:])
            body = stream.read(length) if length else b''
            with _lock:
                _counts['requests'] += 1
            sock.sendall(_respond(line.split(b' ')[1].decode('ascii'), body))
    except (OSError, ValueError):
        pass
    finally:
        with _lock:
            _counts['open'] -= 1
        sock.close()


def main():
    """Serve; two arguments are a certificate and its key."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', 0))
    listener.listen(256)
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=_greet, args=(sock,), daemon=True).start()

    def _greet(sock):
        try:
            _serve(context.wrap_socket(sock, server_side=True) if context else sock)
        except OSError:
            sock.close()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == '__main__':
    main()
