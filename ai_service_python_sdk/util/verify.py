"""The other half of ``sign.py``: is a signature right, and if not, what was signed instead."""
import itertools
import json
import os
import re

from six.moves.urllib.parse import unquote

from .sign import build_sign_string, create_sign, explain, same_signature

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Tuple

#: Characters of a signature that are shown: enough to compare, too few to use.
SHOWN = 8
#: Bytes of a body that is written otherwise to find what was signed.
MOST_GUESSED_BYTES = 256 * 1024
#: Bytes that are shown around the one that differs.
AROUND = 24
_LONGER = 'the token has a line break or blank behind it'
_TEXT = ('the string to sign is put together otherwise: method, MD5 of the body and path, a line '
         'break between them, none at the end')
_UNKNOWN = ('none of the usual mistakes: the token is another one, or method, path or body are '
            'others than those that were signed; compare the steps with those of the client')


def judged(given: str, token: str, method: str, resource: str, body: bytes) -> "Dict[str, Any]":
    """Return the ``steps`` of the right signature, and the ``problem`` of a wrong one.

    :param given: the Authorization header; its app id has been looked at.
    :param resource: path and query as they arrived.
    """
    app_id, _, signature = given.rpartition(':')
    path = resource.split('?')[0]
    # The Python SDK signs the path alone, the Go SDK a query with it.
    if same_signature(signature, create_sign(build_sign_string(method, resource, body), token)):
        path = resource
    steps = explain(app_id, token, method, path, body)
    expected = dict(steps)['signature']
    found = {'problem': ''}  # type: Dict[str, Any]
    if not same_signature(signature, expected):
        found = _explained(signature, expected, token, method, path, body)
    return dict(found, steps=steps[:-2] + [('signature', _shown(expected)),
                                           ('received', _shown(signature))])


def _shown(signature: str) -> str:
    return '{}... ({} characters)'.format(signature[:SHOWN], len(signature))


def _explained(signature: str, expected: str, token: str, method: str, path: str,
               body: bytes) -> "Dict[str, Any]":
    """Return the problem and where what was signed differs from what arrived, if it is found."""
    if signature.lower() == expected:
        return {'problem': 'the signature is right but in capitals; send lowercase hex'}
    if not re.match('[0-9a-fA-F]{64}\\Z', signature):
        return {'problem': 'a signature is 64 hex digits, of an HMAC-SHA256; {} characters arrived'
                .format(len(signature))}
    for problem, signed, received, text in _guesses(method, path, body):
        if create_sign(text, token) == signature:
            return {'problem': problem, 'difference': _difference(signed, received)}
    text = build_sign_string(method, path, body)
    for other, problem in (('', 'the token is empty'), (token + '\n', _LONGER),
                           (token + ' ', _LONGER)):
        if create_sign(text, other) == signature:
            return {'problem': problem}
    return {'problem': _UNKNOWN}


def _guesses(method: str, path: str, body: bytes) -> "Iterator[Tuple[str, Any, Any, str]]":
    """Give (problem, what was signed, what arrived, string to sign) of what is often signed."""
    for problem, signed in _bodies(body):
        yield (problem + ': sign the very bytes that are sent', signed, body,
               build_sign_string(method, path, signed))
    for other in (path[len('/api/v1'):], unquote(path), path.rstrip('/'), path + '/'):
        yield ('another path was signed: sign it from /api/v1 on, as it is on the wire', other,
               path, build_sign_string(method, other, body))
    for other in ('GET', 'POST', method.lower()):
        yield ('another method was signed: sign the one that is sent, in capitals', other, method,
               build_sign_string(other, path, body))
    text = build_sign_string(method, path, body)
    for other in (text + '\n', '\n'.join((method, body.decode('utf-8', 'replace'), path))):
        yield _TEXT, other, text, other


def _bodies(body: bytes) -> "Iterator[Tuple[str, bytes]]":
    yield 'no body was signed', b''
    yield '{} was signed', b'{}'
    yield 'the end of the body was signed otherwise', body.strip()
    yield 'the end of the body was signed otherwise', body + b'\n'
    try:
        document = json.loads(body[:MOST_GUESSED_BYTES].decode('utf-8'))
    except (ValueError, RuntimeError):
        return
    for indent, separators, is_ascii, is_sorted, end in itertools.product(
            (None, 2, 4), ((', ', ': '), (',', ':'), (',', ': ')), (True, False), (False, True),
            ('', '\n')):
        text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=is_ascii,
                          sort_keys=is_sorted) + end
        yield 'the same JSON was signed, written otherwise', text.encode('utf-8', 'replace')


def _difference(*texts: "Any") -> "Dict[str, Any]":
    """Return the first byte that differs, counted from 0, and what stands around it."""
    signed, received = (text if isinstance(text, bytes) else text.encode('utf-8')
                        for text in texts)
    byte = len(os.path.commonprefix([signed, received]))
    around = {'before': received[max(0, byte - AROUND):byte],
              'signed': signed[byte:byte + AROUND], 'received': received[byte:byte + AROUND]}
    return dict(((name, part.decode('utf-8', 'replace')) for name, part in around.items()),
                byte=byte, signed_bytes=len(signed), received_bytes=len(received))
