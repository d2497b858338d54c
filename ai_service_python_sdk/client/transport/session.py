"""The session that carries requests: its pools, its TLS contexts, its proxies.

The adapter overrides only the hooks of ``HTTPAdapter`` that requests documents for subclasses, and
never ``send``: tools that patch the session or the adapter (``responses``, ``requests-mock``,
tracers) see every call. What the hooks leave out in each call: the look-up of a pool, the parsing
of a URL that is final, a cookie jar, and a TLS context for each connection (the CA bundle would be
read again, 26 ms).
"""
import os
import threading
import weakref

import requests
from requests import adapters, exceptions, models, sessions
from requests.certs import where as bundled_ca  # type: ignore[attr-defined]
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import PoolManager
from urllib3 import __version__ as VERSION  # type: ignore[attr-defined]
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from ..address import check_proxy
from ..headers import Headers
from ..tls import ca_of, tls_context, trust_of
from .sockets import NoWayError, limited_pool

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional, Tuple
    from ..configuration import Configuration
    from ..rest import Request

#: Origins whose pools one client keeps.
POOLS = 10

_version = [int(part) for part in VERSION.split('.')[:2]]
#: Up to 1.24.1 urllib3 trusts the system's authorities too unless it is told a file.
_ADDS_SYSTEM_CA = _version < [1, 25]
#: Since 1.26 urllib3 gets along with proxies that speak TLS themselves.
_KNOWS_TLS_PROXIES = _version >= [1, 26]


def _genuine(name: str) -> "Any":
    """Return a class of requests by its name, though a test may have put a double in one place.

    :raises ImportError: a double is everywhere; nothing is kept of this import then.
    """
    for module in (sessions, models, adapters, requests):
        found = getattr(module, name, None)
        if isinstance(found, type) and found.__module__.startswith('requests.'):
            return found
    raise ImportError('`{}` of requests is replaced by a double; make the first call of the '
                      'process outside of that patch'.format(name))


if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter as _HTTPAdapter
    from requests.models import PreparedRequest as _PreparedRequest
    from requests.models import Response as _Response
    from requests.sessions import Session as _Session
else:
    _Session, _PreparedRequest, _Response, _HTTPAdapter = [
        _genuine(name) for name in ('Session', 'PreparedRequest', 'Response', 'HTTPAdapter')]


class _NoCookies(RequestsCookieJar):
    """A jar that stays empty: a cookie of one answer must not travel with the next request."""

    def extract_cookies(self, response: "Any", request: "Any") -> None:
        pass

    def set_cookie(self, cookie: "Any", *args: "Any", **kwargs: "Any") -> None:
        pass


_no_cookies = _NoCookies()


class Session(_Session):
    """A session without redirects and cookies; :mod:`.exchange` follows redirects itself."""

    def __init__(self, configuration: "Configuration", made_for: "Tuple[int, int]") -> None:
        _Session.__init__(self)
        self.trust_env = False
        self.cookies = _no_cookies  # type: Any
        #: The process that may use it, and the connections that are kept.
        self.made_for = made_for
        self.adapter = Adapter(configuration, made_for[1])  # type: Adapter
        self.mount('https://', self.adapter)
        self.mount('http://', self.adapter)

    def resolve_redirects(self, *args: "Any", **kwargs: "Any") -> "Iterator[Any]":
        return iter(())


class PreparedRequest(_PreparedRequest):
    """A request whose parts are final; nothing parses or copies them again."""

    def __init__(self, request: "Request") -> None:
        _PreparedRequest.__init__(self)
        self.method = request.method  # type: Any
        self.url = request.url  # type: Any
        signature = request.headers.get('Authorization')
        self.headers = Headers(request.headers)  # type: Any
        if signature is not None:
            # Plain text, as recorders of requests can write it.
            dict.__setitem__(self.headers, 'Authorization', str(signature))
        self.body = request.body  # type: Any


def hide_redirect(response: "Any", **kwargs: "Any") -> None:
    """Keep the user's own session from preparing the next request, even of a broken address."""
    response.headers.pop('Location', None)


#: What an answer of requests has before anything is known of it, also in a later release.
_EMPTY = vars(_Response())


class Adapter(_HTTPAdapter):
    """Carries requests over pools that it looks up once for each origin."""

    def __init__(self, configuration: "Configuration", pool_size: int) -> None:
        self._configuration = configuration
        #: By origin, proxy and settings of TLS.
        self._pools = {}  # type: Dict[Any, Any]
        self._pools_lock = threading.Lock()
        self._pool_size = pool_size
        _HTTPAdapter.__init__(self, POOLS, pool_size, max_retries=0)
        _with_our_pools(self.poolmanager)
        # Not `__del__`: in a cycle the sockets may be finalised before this, with a warning.
        weakref.finalize(self, _close_pools, self._pools, os.getpid())

    def __getstate__(self) -> "Any":
        raise TypeError('a session of the SDK holds connections and is not pickled')

    # Each hook takes what a later release may hand over besides.
    def get_connection_with_tls_context(self, request: "Any", verify: "Any", proxies: "Any" = None,
                                        *more: "Any", **named: "Any") -> "Any":
        return self.get_connection(request.url, proxies)

    def get_connection(self, url: "Any", proxies: "Any" = None, *more: "Any",
                       **named: "Any") -> "Any":
        origin = url[:url.find('/', 8)]
        proxy = (proxies or {}).get(origin[:origin.index(':')])
        is_tls = origin.startswith('https:')
        key = (origin, proxy, trust_of(self._configuration) if is_tls else None)
        pool = self._pools.get(key)
        if pool is None:
            with self._pools_lock:
                if len(self._pools) >= POOLS:
                    _close_pools(self._pools, os.getpid())
                pool = self._pools[key] = self._pools.get(key) or self._pool(origin, proxy)
        return pool

    def _pool(self, origin: str, proxy: "Optional[str]") -> "Any":
        manager = self.poolmanager
        try:
            if proxy:
                manager = _with_our_pools(self._proxy_manager(proxy, origin))
            elif origin.startswith('https:'):
                manager = _with_our_pools(PoolManager(maxsize=self._pool_size,
                                                      **self._tls_options(origin)))
            return manager.connection_from_url(origin)
        except (requests.RequestException, HTTPError) as error:
            raise NoWayError(error)

    def _tls_options(self, origin: str) -> "Dict[str, Any]":
        configuration = self._configuration
        verify = 'CERT_REQUIRED' if configuration.verify_ssl else 'CERT_NONE'
        options = {'ssl_context': self.tls_context(), 'cert_reqs': verify}  # type: Dict[str, Any]
        if origin.startswith('https:'):
            options['assert_hostname'] = configuration.assert_hostname
        if _ADDS_SYSTEM_CA:
            ca = ca_of(configuration, bundled_ca())
            options['ca_cert_dir' if os.path.isdir(ca) else 'ca_certs'] = ca
        return options

    def tls_context(self) -> "Any":
        """Return the TLS context of the client's settings as they are now."""
        try:
            return tls_context(self._configuration, bundled_ca(), create_urllib3_context)
        except OSError as error:  # that of OpenSSL is one too
            raise exceptions.SSLError(str(error))

    def _proxy_manager(self, proxy: str, origin: str) -> "Any":
        check_proxy(proxy)
        is_tls = proxy.startswith('https:')
        options = self._tls_options(origin) if is_tls or origin.startswith('https:') else {}
        if is_tls:
            if not _KNOWS_TLS_PROXIES:
                raise ValueError('`proxy` speaks TLS, which urllib3 {} does not support; install '
                                 'urllib3 1.26 or newer'.format(VERSION))
            options['proxy_ssl_context'] = options['ssl_context']
        manager = self.proxy_manager_for(proxy, **options)
        # Its pools are kept here instead, by the settings of TLS too.
        self.proxy_manager.clear()
        return manager

    def cert_verify(self, *args: "Any", **named: "Any") -> None:
        """Leave the pool's TLS as it is; the inherited one reads the CA bundle again."""

    def request_url(self, request: "Any", proxies: "Any", *more: "Any", **named: "Any") -> str:
        url = request.url  # type: str
        if url.startswith('http:') and (proxies or {}).get('http'):
            return url
        return url[url.find('/', 8):]

    def build_response(self, req: "Any", resp: "Any", *more: "Any", **named: "Any") -> "Any":
        response = _Response.__new__(_Response)
        # No jar and no second dict: the headers of urllib3 are found in any case too.
        vars(response).update(_EMPTY, history=[], headers=resp.headers, cookies=_no_cookies,
                              status_code=resp.status, reason=resp.reason, raw=resp, url=req.url,
                              request=req, connection=self)
        return response

    def close(self) -> None:
        _HTTPAdapter.close(self)
        _close_pools(self._pools, os.getpid())


def _close_pools(pools: "Dict[Any, Any]", process: int) -> None:
    """Close the connections that are kept, unless they are those of a parent process."""
    if os.getpid() == process:
        for key in list(pools):
            pool = pools.pop(key)
            # urllib3 2 leaves that to the collector, and an answer may hold the pool.
            if getattr(pool, 'pool', pool) is not None:
                pool.close()


def _with_our_pools(manager: "Any") -> "Any":
    classes = getattr(manager, 'pool_classes_by_scheme', {})
    manager.pool_classes_by_scheme = dict(
        (scheme, limited_pool(kind) if isinstance(kind, type) else kind)
        for scheme, kind in classes.items())
    return manager


def proxies_of(configuration: "Configuration", url: str) -> "Dict[str, str]":
    """Return the proxy for a URL as requests wants it, ``{}`` for none."""
    proxy = configuration.proxy
    if not proxy and configuration.trust_env:
        proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return {}
    proxy = proxy if '://' in proxy else 'http://' + proxy
    return {'http': proxy, 'https': proxy}
