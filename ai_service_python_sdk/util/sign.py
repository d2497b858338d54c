"""The signature of a request: pure functions from text and bytes to text.

Facts (service reference, 1.2)::

    body_md5       = lowercase hex MD5 of the exact body bytes that are sent
    string_to_sign = METHOD + "\\n" + body_md5 + "\\n" + resource
    signature      = lowercase hex HMAC-SHA256(key = token, message = string_to_sign)
    Authorization  : appId + ":" + signature

Neither a timestamp nor a nonce is signed, so a recorded request can be replayed: use https.
"""
from .later import Later

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    import hashlib
    import hmac
    from typing import Any, List, Optional, Tuple, Union
    Text = Union[str, bytes]
else:
    # They load OpenSSL, which would be a fifth of importing the client.
    hashlib, hmac = Later(__name__, 'hashlib'), Later(__name__, 'hmac')


def _bytes(text: "Text") -> bytes:
    return text.encode('utf-8') if isinstance(text, str) else text


def md5(msg: "Text") -> str:
    """Return the lowercase hex MD5 of ``msg``; text is taken as UTF-8."""
    data = _bytes(msg)
    try:
        # A machine in FIPS mode refuses MD5 unless told that it guards nothing (Python 3.9+).
        return hashlib.md5(data, usedforsecurity=False).hexdigest()
    except TypeError:
        return hashlib.md5(data).hexdigest()


def build_sign_string(method: str, path: str, body: "Text", query_params: "Any" = None) -> str:
    """Return the string to sign.

    :param method: HTTP method in upper case.
    :param path: path as the service sees it, from ``/api/v1`` on, escaped as on the wire.
    :param body: the very body that is sent, ``''`` for none.
    :param query_params: ignored, as in the old SDK; no endpoint takes any.
    """
    return '\n'.join((method, md5(body), path))


def create_sign(sign: "Text", secret: "Text") -> str:
    """Return the lowercase hex HMAC-SHA256 of the string to sign, keyed with the token."""
    try:
        if hasattr(hmac, 'digest'):  # 3.7 and newer
            return hmac.digest(_bytes(secret), _bytes(sign), 'sha256').hex()
        return hmac.new(_bytes(secret), _bytes(sign), hashlib.sha256).hexdigest()
    except UnicodeEncodeError:
        problem = '`token` has a character that UTF-8 cannot carry; copy it again'
    # Outside of the except block, and without the token in this frame.
    del secret
    raise ValueError(problem)


def authorization(appid: str, token: "Text", method: str, path: str, body: "Text") -> str:
    """Return the value of the Authorization header for exactly this request."""
    return appid + ':' + create_sign(build_sign_string(method, path, body), token)


def explain(appid: str, token: "Text", method: str, path: str,
            body: "Text") -> "List[Tuple[str, str]]":
    """Return the steps of a signature as (name, value) pairs, for a support case.

    The token is not among them, only its length: a pair of signatures that differ can be
    compared step by step without giving the secret away.
    """
    string_to_sign = build_sign_string(method, path, body)
    return [
        ('method', method),
        ('path', path),
        ('body bytes', str(len(_bytes(body)))),
        ('body md5', md5(body)),
        ('string to sign', string_to_sign),
        ('token', '*** ({} bytes)'.format(len(_bytes(token)))),
        ('signature', create_sign(string_to_sign, token)),
        ('authorization', authorization(appid, token, method, path, body)),
    ]


def same_signature(given: "Optional[str]", expected: str) -> bool:
    """Compare two Authorization values in constant time, as a verifying server has to."""
    return hmac.compare_digest(_bytes(given or ''), _bytes(expected))
