"""Why a signature is right or wrong, step by step, down to the byte that differs."""
import json

from six.moves.urllib.parse import quote, unquote

from ..util.sign import build_sign_string, create_sign, same_signature

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Tuple
    Guess = Tuple[str, str, bytes, bytes]

#: Characters of a signature that are shown: enough to compare, too few to use.
SHOWN = 8
#: Bytes of a body that is written otherwise to find what was signed.
MOST_GUESSED_BYTES = 256 * 1024
#: Bytes that are shown around the one that differs.
AROUND = 24
BLANK = 'the token has a line break or blank behind it'
UNKNOWN = ('none of the usual mistakes: the token is another one, or method, path or body are '
           'others than those that were signed; compare the steps with those of the client')


def judged(given: str, token: str, method: str, resource: str, body: bytes) -> "Dict[str, Any]":
    """Return the ``steps`` of the right signature, and the ``problem`` of a wrong one.

    :param given: the Authorization header; its app id has been looked at.
    :param resource: path and query as they arrived.
    """
    app_id, _, signature = given.rpartition(':')
    # The Python SDK signs the path alone, the Go SDK a query with it.
    path, text, expected = resource.split('?')[0], '', ''
    for path in (resource, path):
        text = build_sign_string(method, path, body)
        expected = create_sign(text, token)
        if same_signature(given, app_id + ':' + expected):
            break
    judgement = {'problem': '', 'steps': [
        ('method', method), ('path', path), ('body bytes', str(len(body))),
        ('body md5', text.split('\n')[1]), ('string to sign', text),
        ('token', '*** ({} bytes)'.format(len(token.encode('utf-8')))),
        ('signature', _shown(expected)), ('received', _shown(signature))]}
    if not same_signature(signature, expected):
        judgement.update(_explained(signature, expected, token, _guesses(method, path, body)))
    return judgement


def _shown(signature: str) -> str:
    return '{}... ({} characters)'.format(signature[:SHOWN], len(signature))


def _explained(signature: str, expected: str, token: str,
               guesses: "Iterator[Guess]") -> "Dict[str, Any]":
    """Return the problem and where what was signed differs from what arrived, if it is found."""
    if signature.lower() == expected:
        return {'problem': 'the signature is right but in capitals; send lowercase hex'}
    if len(signature) != len(expected):
        return {'problem': 'a signature is 64 hex digits; {} characters arrived'.format(
            len(signature))}
    for words, text, signed, received in guesses:
        for other, what in ((token, words), (token + '\n', BLANK), (token + ' ', BLANK),
                            ('', 'the token is empty')):
            # The token is doubted for what arrived alone.
            if (other == token) == bool(words) and create_sign(text, other) == signature:
                return dict({'problem': what}, **(
                    {'difference': difference(signed, received)} if words else {}))
    return {'problem': UNKNOWN}


def _guesses(method: str, path: str, body: bytes) -> "Iterator[Guess]":
    """Give (words, string to sign, signed bytes, received bytes) of what is often signed."""
    text = build_sign_string(method, path, body)
    yield '', text, b'', b''
    for words, other in _bodies(body):
        yield (words + ': sign the very bytes that are sent',
               build_sign_string(method, path, other), other, body)
    for other_path in (path[len('/api/v1'):], unquote(path), quote(path), path.rstrip('/'),
                       path + '/', path.lstrip('/'), path + '?', ''):
        yield ('another path was signed: sign it from /api/v1 on, as it is on the wire',
               build_sign_string(method, other_path, body), other_path.encode('utf-8'),
               path.encode('utf-8'))
    for verb in ('get', 'post', 'GET', 'POST', method.lower()):
        yield ('another method was signed: sign the one that is sent, in capitals',
               build_sign_string(verb, path, body), verb.encode('ascii'), method.encode('utf-8'))
    raw = '\n'.join((method, body.decode('utf-8', 'replace'), path))
    for wrong in (text + '\n', raw, text.replace('\n', ''), text.replace('\n', '\r\n')):
        yield ('the string to sign is put together otherwise: method, MD5 of the body and path, '
               'a line break between them, none at the end', wrong, wrong.encode('utf-8'),
               text.encode('utf-8'))


def _bodies(body: bytes) -> "Iterator[Tuple[str, bytes]]":
    for words, other in (('no body was signed', b''), ('{} was signed', b'{}'),
                         ('the end of the body was signed otherwise', body.strip()),
                         ('the end of the body was signed otherwise', body + b'\n')):
        yield words, other
    try:
        document = json.loads(body[:MOST_GUESSED_BYTES].decode('utf-8'))
    except (ValueError, RuntimeError):
        return
    for indent in (None, 2, 4):
        for separators in ((', ', ': '), (',', ':'), (',', ': ')):
            for number in range(4):
                text = json.dumps(document, ensure_ascii=bool(number & 1), indent=indent,
                                  sort_keys=bool(number & 2), separators=separators)
                for end in ('', '\n'):
                    yield ('the same JSON was signed, written otherwise',
                           (text + end).encode('utf-8', 'replace'))


def difference(signed: bytes, received: bytes) -> "Dict[str, Any]":
    """Return the first byte that differs, counted from 0, and what stands around it."""
    byte = next((index for index, pair in enumerate(zip(signed, received)) if pair[0] != pair[1]),
                min(len(signed), len(received)))

    def text(data: bytes, begin: int, end: int) -> str:
        return data[max(0, begin):end].decode('utf-8', 'replace')

    return {'byte': byte, 'before': text(received, byte - AROUND, byte),
            'signed': text(signed, byte, byte + AROUND),
            'received': text(received, byte, byte + AROUND),
            'signed_bytes': len(signed), 'received_bytes': len(received)}
