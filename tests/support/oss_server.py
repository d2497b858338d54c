"""A stand-in for OSS on this computer: objects in memory, behind V4 signatures as documented.

Written from the pages "Include a V4 signature in the Authorization header" and "V4 signatures in
presigned URLs" of the OSS documentation. Buckets are in the path, as for any address that is a
number. Objects are private: without a signature that fits nothing is given away.
"""
import hashlib
import hmac
import socket
import struct
import threading
import time
from calendar import timegm
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from urllib.parse import quote, unquote, urlsplit

ALGORITHM, PRODUCT, END = 'OSS4-HMAC-SHA256', 'oss', 'aliyun_v4_request'
KEY, SECRET, REGION, BUCKET = 'LTAIexample', 'secret-of-the-example', 'cn-hangzhou', 'photos'
#: Seconds that the clock of a client may be wrong; seconds that a URL may be signed for.
MOST_SKEW, LONGEST_LIFETIME = 900, 604800
#: Headers that are signed wherever they are, besides those that begin with x-oss-.
SIGNED = ('content-type', 'content-md5')


class Refused(Exception):
    """An answer of OSS: status, code and message."""


class Late(Refused):
    """An answer that says no, though the object was stored."""


def signature(secret, stamp, region, method, bucket, key, query, headers, more=()):
    """Return the signature of a request: ``query`` as encoded pairs, ``headers`` in lower case."""
    signed = sorted((name, value.strip()) for name, value in headers.items()
                    if name.startswith('x-oss-') or name in SIGNED or name in more)
    request = '\n'.join((
        method, quote('/{}/{}'.format(bucket, key), safe='/'),
        '&'.join(name + ('=' + value if value else '') for name, value in sorted(query)),
        ''.join('{}:{}\n'.format(*pair) for pair in signed), ';'.join(sorted(more)),
        headers.get('x-oss-content-sha256', 'UNSIGNED-PAYLOAD')))
    scope = (stamp[:8], region, PRODUCT, END)
    text = '\n'.join((ALGORITHM, stamp, '/'.join(scope),
                      hashlib.sha256(request.encode('utf-8')).hexdigest()))
    mac = ('aliyun_v4' + secret).encode('utf-8')
    for part in scope + (text,):
        mac = hmac.new(mac, part.encode('utf-8'), hashlib.sha256).digest()
    return ''.join('{:02x}'.format(byte) for byte in mac)


class OssServer(ThreadingMixIn, HTTPServer):
    """``with OssServer() as oss``; what it keeps and was asked lies open.

    ``faults`` are taken one for each PUT: a :class:`Refused` is answered, a :class:`Late` one
    after the object was stored; ``'cut'`` breaks the connection in the middle of the body,
    ``'lost'`` after the object was stored. ``deaf`` breaks every connection. ``ahead`` is what the
    clock is ahead of this computer's, in seconds.
    """

    daemon_threads = True

    def __init__(self, keys=((KEY, SECRET),), buckets=((BUCKET, REGION),), room=10 ** 9):
        HTTPServer.__init__(self, ('127.0.0.1', 0), _Handler)
        self.keys, self.buckets, self.room = dict(keys), dict(buckets), room
        self.objects, self.types, self.acls = {}, {}, {}
        self.requests, self.faults, self.deaf, self.ahead = [], [], False, 0
        self.endpoint = 'http://127.0.0.1:{}'.format(self.server_address[1])

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.05},
                         daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Connections break here on purpose."""

    def check(self, method, bucket, key, query, headers):
        """Refuse a request that is not signed as it has to be."""
        values = dict(query)
        if 'x-oss-signature' in values:
            self._check_url(method, bucket, key, query, values, headers)
        elif headers.get('authorization', '').startswith(ALGORITHM + ' '):
            self._check_header(method, bucket, key, query, headers)
        else:
            raise Refused(403, 'AccessDenied', 'Anonymous access is forbidden for this operation.')

    def _check_header(self, method, bucket, key, query, headers):
        fields = dict(part.strip().split('=', 1) for part in
                      headers['authorization'].split(' ', 1)[1].split(','))
        stamp = headers['x-oss-date']
        if abs(self.now() - seconds_of(stamp)) > MOST_SKEW:
            raise Refused(403, 'RequestTimeTooSkewed', 'The difference between the request time '
                          'and the current time is too large.')
        self._compare(fields['Credential'], stamp, fields['Signature'], method, bucket, key, query,
                      headers, fields.get('AdditionalHeaders', ''), 'Authorization header')

    def _check_url(self, method, bucket, key, query, values, headers):
        stamp, lifetime = values['x-oss-date'], int(values['x-oss-expires'])
        if values['x-oss-signature-version'] != ALGORITHM or not 0 < lifetime <= LONGEST_LIFETIME:
            raise Refused(400, 'AuthorizationQueryParametersError', 'Invalid parameters.')
        if self.now() > seconds_of(stamp) + lifetime:
            raise Refused(403, 'AccessDenied', 'Request has expired.')
        rest = [pair for pair in query if pair[0] != 'x-oss-signature']
        self._compare(unquote(values['x-oss-credential']), stamp, values['x-oss-signature'],
                      method, bucket, key, rest, headers,
                      unquote(values.get('x-oss-additional-headers', '')), 'query')

    def _compare(self, credential, stamp, given, method, bucket, key, query, headers, more, where):
        name, day, region, product, end = credential.split('/')
        if name not in self.keys:
            raise Refused(403, 'InvalidAccessKeyId',
                          'The OSS Access Key Id you provided does not exist in our records.')
        if bucket in self.buckets and region != self.buckets[bucket]:
            raise Refused(400, 'InvalidArgument', 'Invalid signing region in {}.'.format(where))
        wanted = signature(self.keys[name], stamp, region, method, bucket, key, query, headers,
                           [part for part in more.split(';') if part])
        if (day, product, end, given) != (stamp[:8], PRODUCT, END, wanted):
            raise Refused(403, 'SignatureDoesNotMatch', 'The request signature we calculated does '
                          'not match the signature you provided.')
        if bucket not in self.buckets:
            raise Refused(404, 'NoSuchBucket', 'The specified bucket does not exist.')

    def now(self):
        return time.time() + self.ahead


def seconds_of(stamp):
    """Return the seconds since 1970 of a stamp such as ``20231216T162057Z``."""
    return timegm(time.strptime(stamp, '%Y%m%dT%H%M%SZ'))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 20

    def log_message(self, *args):
        """Say nothing; ``requests`` has it."""

    def handle_one(self):
        if self.server.deaf:
            return self.reset()
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path)[1:].partition('/')
        query = [tuple((pair + '=').split('=')[:2]) for pair in parts.query.split('&') if pair]
        headers = dict((name.lower(), value) for name, value in self.headers.items())
        fault = self.server.faults.pop(0) if self.command == 'PUT' and self.server.faults else None
        body = self.rfile.read(int(headers.get('content-length', 0)) // (1 + (fault == 'cut')))
        if fault == 'cut':
            return self.reset()
        try:
            self.server.check(self.command, bucket, key, query, headers)
            if isinstance(fault, Refused) and not isinstance(fault, Late):
                raise fault
            status, answer = getattr(self, 'on_' + self.command)((bucket, key), body)
            if isinstance(fault, Late):
                raise fault
        except Refused as refused:
            status, code, message = refused.args
            answer = ('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}'
                      '</Message><RequestId>5C3D9175B6FC201293AD</RequestId></Error>'
                      .format(code, message).encode('ascii'))
        self.server.requests.append((self.command, bucket + '/' + key, status))
        if fault == 'lost':
            return self.reset()
        self.answer(status, answer, (bucket, key))

    do_PUT = do_GET = do_DELETE = handle_one

    def on_PUT(self, place, body):
        if sum(map(len, self.server.objects.values())) + len(body) > self.server.room:
            raise Refused(403, 'QuotaExceeded', 'The storage capacity of the bucket is used up.')
        self.server.objects[place] = body
        self.server.types[place] = self.headers.get('content-type')
        self.server.acls[place] = self.headers.get('x-oss-object-acl', 'default')
        return 200, b''

    def on_GET(self, place, body):
        if place not in self.server.objects:
            raise Refused(404, 'NoSuchKey', 'The specified key does not exist.')
        return 200, self.server.objects[place]

    def on_DELETE(self, place, body):
        self.server.objects.pop(place, None)
        return 204, b''

    def answer(self, status, body, place):
        self.send_response(status)
        kind = 'application/xml' if status >= 300 else self.server.types.get(place)
        self.send_header('Content-Type', kind or 'application/octet-stream')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.connection.close()
