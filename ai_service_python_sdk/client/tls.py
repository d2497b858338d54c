"""One TLS context for each set of settings, with the certificates as they are now."""
import os
import ssl
from functools import lru_cache

from urllib3.util.ssl_ import create_urllib3_context

from ..util.later import unforked

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from .configuration import Configuration


def trust_of(configuration: "Configuration") -> "Tuple[Any, ...]":
    """Return what a connection over TLS depends on."""
    return (bool(configuration.verify_ssl), configuration.ssl_ca_cert, configuration.cert_file,
            configuration.key_file, configuration.assert_hostname, configuration.trust_env)


def tls_context(configuration: "Configuration", bundled: str) -> ssl.SSLContext:
    """Return the context of these settings, shared by all clients of the process.

    Each connection would read the CA bundle again otherwise, 26 ms.

    :param bundled: path of the authorities that are trusted where none are named.
    :raises OSError: a certificate file is missing or broken.
    """
    files = ca_of(configuration, bundled), configuration.cert_file, configuration.key_file
    with unforked:  # OpenSSL has locks, which a fork at this moment would leave held for ever
        return _made(tuple(map(_time_of, files)), bool(configuration.verify_ssl), *files)


def _time_of(path: "Optional[str]") -> "Optional[float]":
    try:
        return os.stat(path).st_mtime if path else None
    except OSError:  # loading it raises, and says so
        return None


@lru_cache(maxsize=None)
def _made(times: "Tuple[Optional[float], ...]", is_verified: bool, ca: str,
          cert_file: "Optional[str]", key_file: "Optional[str]") -> ssl.SSLContext:
    """Make a context; it is kept by the times of its files too, so that renewed ones are read."""
    # Given, not set afterwards: before Python 3.7.4 the mode no longer changes for TLS 1.3.
    context = create_urllib3_context(
        cert_reqs=ssl.CERT_REQUIRED if is_verified else ssl.CERT_NONE)  # type: ssl.SSLContext
    if is_verified:
        where = {'capath' if os.path.isdir(ca) else 'cafile': ca}
        _load('ssl_ca_cert', ca, context.load_verify_locations, **where)
    if cert_file:
        _load('cert_file` or `key_file', '{}, {}'.format(cert_file, key_file),
              context.load_cert_chain, cert_file, key_file)
    return context


def _load(setting: str, given: str, load: "Any", *args: "Any", **kwargs: "Any") -> None:
    try:
        load(*args, **kwargs)
    except OSError as error:  # that of OpenSSL is one too
        raise OSError('`{}` is {}, which cannot be used ({}); give the path of a PEM file'
                      .format(setting, given, error))


def ca_of(configuration: "Configuration", bundled: str) -> str:
    """Return the file or folder of the authorities that these settings trust."""
    ca = configuration.ssl_ca_cert
    if not ca and configuration.trust_env:
        ca = os.environ.get('REQUESTS_CA_BUNDLE') or os.environ.get('CURL_CA_BUNDLE')
    return ca or bundled
