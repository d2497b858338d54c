"""The requests side of the wire: one tuned session, its pools and its TLS contexts.

Loaded at the first call, so that importing the client loads no HTTP library. The adapter only
overrides hooks of ``HTTPAdapter`` and never ``send``: tools that patch the session or the adapter
(``responses``, ``requests-mock``, tracers) see every call. What the hooks save per call, measured
against the plain adapter in instructions of a small call: pool look-up and URL as given,
no cookie jar, one TLS context for the process (a context of its own costs each connection 26 ms
to read the CA bundle again).
"""
import os
import threading
from urllib.parse import urlsplit
from collections.abc import MutableMapping

import requests
from requests.adapters import HTTPAdapter
from requests.certs import where as bundled_ca  # type: ignore[attr-defined]
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import __version__ as VERSION  # type: ignore[attr-defined]
from urllib3.poolmanager import PoolManager
from urllib3.util.ssl_ import create_urllib3_context

from .sockets import HTTPConnectionPool, HTTPSConnectionPool

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    import ssl
    from typing import Any, Dict, Iterator, Optional, Tuple
    from ..configuration import Configuration
    TextHeaders = Dict[str, str]
else:
    TextHeaders = dict

PROXY_SCHEMES = ('http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h')
#: Origins whose pools one client keeps.
POOLS = 10

_version = [int(part) for part in VERSION.split('.')[:2]]
#: Up to 1.24.1 urllib3 trusts the system's authorities too unless it is told a file.
_ADDS_SYSTEM_CA = _version < [1, 25]
#: Since 1.26 urllib3 gets along with proxies that speak TLS themselves.
_KNOWS_TLS_PROXIES = _version >= [1, 26]

_contexts = {}  # type: Dict[Tuple[Any, ...], ssl.SSLContext]
_contexts_lock = threading.Lock()


def _read(setting: str, load: "Any", *args: "Any", **kwargs: "Any") -> "Any":
    try:
        return load(*args, **kwargs)
    except OSError as error:  # that of OpenSSL is one too
        raise requests.exceptions.SSLError('`{}` cannot be used ({}); give the path of a PEM file'
                                           .format(setting, error))


def _stamp(setting: str, path: "Optional[str]") -> "Any":
    """Tell one state of a file from the next, so that a renewed certificate is read again."""
    return path and (path, _read(setting, os.stat, path).st_mtime)


def tls_context(configuration: "Configuration") -> "ssl.SSLContext":
    """Return the context of these settings, shared by all clients of the process.

    :raises requests.exceptions.SSLError: a certificate file is missing or broken.
    """
    ca = _ca_of(configuration)
    key = (_stamp('ssl_ca_cert', ca), _stamp('cert_file', configuration.cert_file),
           _stamp('key_file', configuration.key_file)) + _trust_of(configuration)
    with _contexts_lock:
        if key not in _contexts:
            _contexts[key] = _make_context(configuration, ca)
        return _contexts[key]


def _trust_of(configuration: "Configuration") -> "Tuple[Any, ...]":
    """Return the settings of which each set needs connections of its own."""
    return (bool(configuration.verify_ssl), configuration.ssl_ca_cert, configuration.cert_file,
            configuration.key_file, configuration.assert_hostname, configuration.trust_env)


def _ca_of(configuration: "Configuration") -> str:
    ca = configuration.ssl_ca_cert
    if not ca and configuration.trust_env:
        ca = os.environ.get('REQUESTS_CA_BUNDLE') or os.environ.get('CURL_CA_BUNDLE')
    return ca or bundled_ca()


def _make_context(configuration: "Configuration", ca: str) -> "ssl.SSLContext":
    import ssl
    verify = ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE
    # Given, not set afterwards: before Python 3.7.4 the mode no longer changes for TLS 1.3.
    context = create_urllib3_context(cert_reqs=verify)
    if configuration.verify_ssl:
        where = {'capath' if os.path.isdir(ca) else 'cafile': ca}
        _read('ssl_ca_cert', context.load_verify_locations, **where)
    else:
        context.check_hostname = False
        context.verify_mode = verify
    if configuration.cert_file:
        _read('cert_file', context.load_cert_chain, configuration.cert_file,
              configuration.key_file)
    return context


class _NoCookies(RequestsCookieJar):
    """A jar that stays empty: a cookie of one answer must not travel with the next request."""

    def extract_cookies(self, response: "Any", request: "Any") -> None:
        pass

    def set_cookie(self, cookie: "Any", *args: "Any", **kwargs: "Any") -> None:
        pass


_no_cookies = _NoCookies()


class Session(requests.Session):
    """A session without redirects and cookies; :mod:`.rest` follows redirects itself."""

    def __init__(self, configuration: "Configuration", pool_size: int) -> None:
        requests.Session.__init__(self)
        self.trust_env = False
        self.cookies = _no_cookies  # type: Any
        adapter = Adapter(configuration, pool_size)
        self.mount('https://', adapter)
        self.mount('http://', adapter)

    def resolve_redirects(self, *args: "Any", **kwargs: "Any") -> "Iterator[Any]":
        return iter(())


class PreparedRequest(requests.PreparedRequest):
    """A request whose parts are final; nothing parses or copies them again."""

    def __init__(self, method: str, url: str, headers: "Dict[str, str]",
                 body: "Optional[bytes]") -> None:
        requests.PreparedRequest.__init__(self)
        self.method = method  # type: Any
        self.url = url  # type: Any
        self._path_url = url[url.find('/', 8):]
        self.headers = Headers(headers)  # type: Any
        self.body = body  # type: Any
        # The user's own session looks for them when it meets a redirect.
        self._cookies = _no_cookies  # type: Any

    @property
    def path_url(self) -> str:
        """Path and query; the inherited one splits the URL at each look."""
        return self._path_url


def hide_redirect(response: "Any", **kwargs: "Any") -> None:
    """Keep the user's own session from preparing the next request, even of a broken address."""
    response.headers.pop('Location', None)


class Headers(TextHeaders):
    """Headers of a request, found in any case as those of requests.

    A dict, since urllib3 copies and walks them in every call: a tenth of a small one otherwise.
    """

    def _spelling(self, name: "Any") -> "Any":
        wanted = name.lower()
        return next((known for known in self if known.lower() == wanted), name)

    def __missing__(self, name: "Any") -> str:
        spelling = self._spelling(name)
        if spelling == name:
            raise KeyError(name)
        return self[spelling]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or dict.__contains__(self, self._spelling(name))

    def __setitem__(self, name: str, value: str) -> None:
        dict.pop(self, self._spelling(name), None)
        dict.__setitem__(self, name, value)

    def __delitem__(self, name: str) -> None:
        dict.__delitem__(self, self._spelling(name))

    def get(self, name: str, default: "Any" = None) -> "Any":
        return self[name] if name in self else default

    def copy(self) -> "Headers":
        return Headers(self)

    def pop(self, name: str, *default: "Any") -> "Any":
        return dict.pop(self, self._spelling(name), *default)

    update = MutableMapping.update  # type: Any
    setdefault = MutableMapping.setdefault  # type: Any


class Response(requests.Response):
    """An answer as requests has it, made without what the inherited constructor makes in vain."""

    def __init__(self, request: "Any", raw: "Any", adapter: "Any") -> None:
        made = self  # type: Any
        made._content = made._content_consumed = False
        made._next = made.encoding = None
        made.history = []
        made.request, made.url = request, request.url
        made.raw, made.status_code, made.reason = raw, raw.status, raw.reason
        # No dict and no jar of its own: the headers of urllib3 are found in any case too.
        made.headers, made.cookies = raw.headers, _no_cookies
        made.connection = adapter


class Adapter(HTTPAdapter):
    """Carries requests over pools that it looks up once for each origin."""

    def __init__(self, configuration: "Configuration", pool_size: int) -> None:
        self._configuration = configuration
        self._pools = {}  # type: Dict[Any, Any]
        HTTPAdapter.__init__(self, POOLS, pool_size, max_retries=0)

    def __getstate__(self) -> "Any":
        raise TypeError('a session of the SDK holds connections and is not pickled')

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False,
                         **pool_kwargs: "Any") -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize,
                                       **pool_kwargs)  # type: Any
        _use_our_pools(self.poolmanager)

    def _tls_options(self) -> "Dict[str, Any]":
        configuration = self._configuration
        verify = 'CERT_REQUIRED' if configuration.verify_ssl else 'CERT_NONE'
        options = {'ssl_context': tls_context(configuration), 'cert_reqs': verify}
        if _ADDS_SYSTEM_CA:
            ca = _ca_of(configuration)
            options['ca_cert_dir' if os.path.isdir(ca) else 'ca_certs'] = ca
        return options

    def get_connection_with_tls_context(self, request: "Any", verify: "Any", proxies: "Any" = None,
                                        cert: "Any" = None) -> "Any":
        return self.get_connection(request.url, proxies)

    def get_connection(self, url: "Any", proxies: "Any" = None) -> "Any":
        origin = url[:url.find('/', 8)]
        proxy = (proxies or {}).get(origin[:origin.index(':')])
        trust = _trust_of(self._configuration) if origin.startswith('https') else None
        pool = self._pools.get((origin, proxy, trust))
        # A pool that its manager has closed holds no queue any more.
        if pool is None or pool.pool is None:
            pool = self._pools[origin, proxy, trust] = self._open_pool(origin, proxy)
        return pool

    def _open_pool(self, origin: str, proxy: "Optional[str]") -> "Any":
        is_tls = origin.startswith('https:')
        to_tls = is_tls or (proxy or '').startswith('https:')
        options = self._tls_options() if to_tls else {}
        manager = self._proxy_manager(proxy) if proxy else self.poolmanager
        # No argument of connection_from_url before urllib3 1.23, nor part of its key.
        manager.connection_pool_kw.update(options)
        pool = manager.connection_from_url(origin)
        if is_tls:
            pool.assert_hostname = self._configuration.assert_hostname
        return pool

    def _proxy_manager(self, proxy: str) -> "Any":
        options = {}
        _check_proxy(proxy)
        if proxy.startswith('https:'):
            if not _KNOWS_TLS_PROXIES:
                raise ValueError('`proxy` speaks TLS, which urllib3 {} does not support; install '
                                 'urllib3 1.26 or newer'.format(VERSION))
            options['proxy_ssl_context'] = tls_context(self._configuration)
        manager = self.proxy_manager_for(proxy, **options)
        _use_our_pools(manager)
        return manager

    def cert_verify(self, conn: "Any", url: "Any", verify: "Any", cert: "Any") -> None:
        """Leave the pool's TLS as it is; the inherited one reads the CA bundle again."""

    def request_url(self, request: "Any", proxies: "Any") -> str:
        url = request.url  # type: str
        scheme = url[:url.index(':')]
        path = request.path_url  # type: str
        return url if scheme == 'http' and (proxies or {}).get(scheme) else path

    def add_headers(self, request: "Any", **kwargs: "Any") -> None:
        pass

    def build_response(self, req: "Any", resp: "Any") -> "Any":
        return Response(req, resp, self)

    def close(self) -> None:
        HTTPAdapter.close(self)
        self._pools.clear()


def proxies_of(configuration: "Configuration", url: str) -> "Dict[str, str]":
    """Return the proxy for a URL as requests wants it, ``{}`` for none."""
    proxy = configuration.proxy
    if not proxy and configuration.trust_env:
        proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return {}
    proxy = proxy if '://' in proxy else 'http://' + proxy
    return {'http': proxy, 'https': proxy}


def _check_proxy(proxy: str) -> None:
    try:
        parts = urlsplit(proxy)
        is_address = bool(parts.hostname) and parts.port != 0 and parts.scheme in PROXY_SCHEMES
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError('`proxy` is no address of a proxy; give for instance '
                         'http://proxy.example.com:3128')


def _use_our_pools(manager: "Any") -> None:
    manager.pool_classes_by_scheme = {'http': HTTPConnectionPool, 'https': HTTPSConnectionPool}
