"""One TLS context for each set of settings, with the certificates as they are now."""
import os
import ssl

from ..util.later import unforked

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple
    from .configuration import Configuration

_contexts = {}  # type: Dict[Tuple[Any, ...], ssl.SSLContext]


def trust_of(configuration: "Configuration") -> "Tuple[Any, ...]":
    """Return what a connection over TLS depends on."""
    return (bool(configuration.verify_ssl), configuration.ssl_ca_cert, configuration.cert_file,
            configuration.key_file, configuration.assert_hostname, configuration.trust_env)


def tls_context(configuration: "Configuration", bundled: str,
                make: "Callable[..., ssl.SSLContext]") -> ssl.SSLContext:
    """Return the context of these settings, shared by all clients of the process.

    Each connection would read the CA bundle again otherwise, 26 ms.

    :param bundled: path of the authorities that are trusted where none are named.
    :param make: makes an empty context, given ``cert_reqs``.
    :raises OSError: a certificate file is missing or broken.
    """
    ca = ca_of(configuration, bundled)
    files = (('ssl_ca_cert', ca), ('cert_file', configuration.cert_file),
             ('key_file', configuration.key_file))
    # With their times, so that a renewed certificate is read again.
    key = trust_of(configuration) + tuple(
        (path, path and _loaded(setting, os.stat, path).st_mtime) for setting, path in files)
    if key not in _contexts:
        with unforked:  # OpenSSL has locks, which a fork at this moment would leave held for ever
            if key not in _contexts:
                _contexts[key] = _make_context(configuration, ca, make)
    return _contexts[key]


def _loaded(setting: str, load: "Any", *args: "Any", **kwargs: "Any") -> "Any":
    try:
        return load(*args, **kwargs)
    except OSError as error:  # that of OpenSSL is one too
        raise OSError('`{}` cannot be used ({}); give the path of a PEM file'
                      .format(setting, error))


def ca_of(configuration: "Configuration", bundled: str) -> str:
    """Return the file or folder of the authorities that these settings trust."""
    ca = configuration.ssl_ca_cert
    if not ca and configuration.trust_env:
        ca = os.environ.get('REQUESTS_CA_BUNDLE') or os.environ.get('CURL_CA_BUNDLE')
    return ca or bundled


def _make_context(configuration: "Configuration", ca: str,
                  make: "Callable[..., ssl.SSLContext]") -> ssl.SSLContext:
    verify = ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE
    # Given, not set afterwards: before Python 3.7.4 the mode no longer changes for TLS 1.3.
    context = make(cert_reqs=verify)
    if configuration.verify_ssl:
        where = {'capath' if os.path.isdir(ca) else 'cafile': ca}
        _loaded('ssl_ca_cert', context.load_verify_locations, **where)
    else:
        context.check_hostname = False
        context.verify_mode = verify
    if configuration.cert_file:
        _loaded('cert_file', context.load_cert_chain, configuration.cert_file,
                configuration.key_file)
    return context
