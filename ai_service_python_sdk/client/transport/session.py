"""The session that carries requests: its pools, its TLS contexts, its proxies.

The adapter overrides only the hooks of ``HTTPAdapter`` that requests documents for subclasses, and
never ``send``: tools that patch the session or the adapter see every call. The hooks save what
requests does in each call: look up a pool, parse a URL that is final, read the CA bundle.
"""
import os
import weakref
from collections.abc import Mapping
from contextlib import suppress
from functools import wraps

import requests
import urllib3
from requests import sessions
from requests.certs import where as bundled_ca  # type: ignore[attr-defined]
from requests.cookies import RequestsCookieJar
from requests.models import PreparedRequest, Response
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import __version__ as VERSION  # type: ignore[attr-defined]
from urllib3.exceptions import HTTPError, SSLError

from ..address import proxy_address
from ..doubles import WAYS_OUT, genuine
from ..errors.raised import NoWayError
from ..headers import Headers
from ..tls import ca_of, tls_context, trust_of
from ...util.later import unforked
from .sockets import limited_pool

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional, Tuple
    from requests.sessions import HTTPAdapter, Session as AnySession
    from ..configuration import Configuration
    from ..rest import Request
else:
    AnySession, HTTPAdapter, _, _ = map(genuine, (
        sessions.Session, sessions.HTTPAdapter, PreparedRequest, Response))  # no doubles

POOLS = 10  #: origins whose pools one client keeps
_version = [int(part) for part in VERSION.split('.')[:2]]  # of urllib3

#: What an answer of requests has before anything is known of it, also in a later release.
_EMPTY = vars(Response())


class _NoCookies(RequestsCookieJar):
    """A jar that takes nothing: a cookie of one answer must not travel with the next request."""

    def extract_cookies(self, response: "Any", request: "Any") -> None:
        pass


class Session(AnySession):
    """A session without redirects and cookies; :mod:`.exchange` follows redirects itself."""

    def __init__(self, configuration: "Configuration", made_for: "Tuple[int, int]") -> None:
        super(Session, self).__init__()
        self.trust_env = False
        self.cookies = _NoCookies()  # type: Any
        #: The process that may use it, and the connections that are kept.
        self.made_for = made_for
        self.adapter = Adapter(configuration, made_for[1])  # type: Adapter
        self.mount('https://', self.adapter)
        self.mount('http://', self.adapter)

    def resolve_redirects(self, *args: "Any", **kwargs: "Any") -> "Iterator[Any]":
        return iter(())


def prepared(request: "Request") -> "Any":
    """Return a request of requests; its parts are final, so that nothing parses them again."""
    made = PreparedRequest()  # type: Any
    made.method, made.url, made.body = request.method, request.url, request.body
    # All plain text: recorders write it to files. The text of an Enum is not what `str` gives.
    made.headers = Headers({name: str.__str__(value) for name, value in request.headers.items()})
    return made


class Adapter(HTTPAdapter):
    """Carries requests over pools that it looks up once for each origin."""

    def __init__(self, configuration: "Configuration", pool_size: int) -> None:
        super(Adapter, self).__init__(POOLS, pool_size, max_retries=0)
        self._configuration = configuration
        #: By origin, proxy and settings of TLS.
        self.pools = {}  # type: Dict[Any, Any]
        with_our_pools(self.poolmanager)
        # Not `__del__`: in a cycle the sockets may be finalised before this, with a warning.
        weakref.finalize(self, _close_pools, self.pools, os.getpid(), self.poolmanager)

    # Each hook takes what a later release of requests may pass besides.
    def get_connection_with_tls_context(self, request: "Any", verify: "Any", proxies: "Any" = None,
                                        *more: "Any", **named: "Any") -> "Any":
        return self.get_connection(request.url, proxies)

    def get_connection(self, url: "Any", proxies: "Any" = None, *more: "Any",
                       **named: "Any") -> "Any":
        origin = url[:url.find('/', 8)]
        proxy = (proxies or {}).get(origin[:origin.index(':')])
        key = origin, proxy, (proxy or origin[:6] == 'https:') and trust_of(self._configuration)
        # A program may have cleared `rest_client.pool_manager`, which closes its pools.
        pool = self.pools.get(key) if proxy or self.poolmanager.pools else None
        if pool is None:
            with unforked:
                if len(self.pools) >= POOLS:
                    self.close()
                pool = self.pools[key] = self._pool(origin, proxy)
        return pool

    def _pool(self, origin: str, proxy: "Optional[str]") -> "Any":
        try:
            proxy = proxy and proxy_address(proxy)
            options = self._tls_options(origin, proxy)
            manager = self._proxy_manager(proxy, options) if proxy else self.poolmanager
            return manager.connection_from_url(origin, pool_kwargs=options)
        except (requests.RequestException, HTTPError) as error:
            raise NoWayError(error)
        except Exception as error:  # a setting of a wrong type
            setattr(error, 'never_left', True)  # taken off where its call ends
            raise

    def manager(self) -> "Any":
        """Return urllib3's manager; what a program sends through it alone has our TLS too."""
        with suppress(Exception):  # a setting that is wrong is told by the call that needs it
            classes, tls = self.poolmanager.pool_classes_by_scheme, self._tls_options('https:')
            kind = getattr(classes['https'], '__wrapped__', classes['https'])
            known = urllib3.poolmanager.SSL_KEYWORDS  # not put into our context: others share it
            classes['https'] = wraps(kind, updated=())(lambda *args, **named: kind(
                *args, **(dict(tls, **named) if named.keys().isdisjoint(known) else named)))
        return self.poolmanager

    def _tls_options(self, url: str, proxy: "Optional[str]" = None) -> "Dict[str, Any]":
        """Return what urllib3 has to know of the client's settings of TLS as they are now."""
        if 'https:' not in (url[:6], (proxy or '')[:6]):
            return {}
        configuration = self._configuration
        try:
            tls = tls_context(configuration, bundled_ca())
        except OSError as error:  # that of OpenSSL is one too
            raise SSLError(str(error))
        options = {'ssl_context': tls, 'cert_reqs': tls.verify_mode}  # type: Dict[str, Any]
        if url.startswith('https:'):
            options['assert_hostname'] = configuration.assert_hostname
        if _version < [1, 25]:  # trusts the system's authorities too unless it is told a file
            ca = ca_of(configuration, bundled_ca())
            options['ca_cert_dir' if os.path.isdir(ca) else 'ca_certs'] = ca
        return options

    def _proxy_manager(self, proxy: str, options: "Dict[str, Any]") -> "Any":
        if proxy.startswith('https:'):
            if _version < [1, 26]:
                raise ValueError('`proxy` speaks TLS, which urllib3 {} does not support; install '
                                 'urllib3 1.26 or newer'.format(VERSION))
            options = dict(options, proxy_ssl_context=options['ssl_context'])
        manager = with_our_pools(self.proxy_manager_for(proxy, **options))
        # We keep its pools ourselves: requests tells them apart by the proxy alone.
        self.proxy_manager.clear()
        return manager

    def double_for(self, url: str) -> "Any":
        """Return the double of urllib3's manager, with the settings of this client."""
        usual, kind = self.poolmanager, urllib3.PoolManager
        if not WAYS_OUT.isdisjoint(vars(usual)):  # the double is in this manager alone
            return usual
        proxy = proxies_of(self._configuration, url).get(url[:url.index(':')])
        options = self._tls_options(url, proxy)
        key = (kind, url[:url.find('/', 8)], proxy, tuple(options.values()))
        if key not in self.pools:
            self.pools[key] = self._proxy_manager(proxy_address(proxy), options) if proxy else (
                with_our_pools(kind(**dict(usual.connection_pool_kw, **options))))
        return self.pools[key]

    def cert_verify(self, *args: "Any", **named: "Any") -> None:
        """Leave the pool's TLS as it is; the inherited one reads the CA bundle again."""

    def request_url(self, request: "Any", proxies: "Any", *more: "Any", **named: "Any") -> "Any":
        proxy = (proxies or {}).get('http')
        is_whole = proxy and request.url.startswith('http:') and not proxy.startswith('socks')
        return request.url if is_whole else request.url[request.url.find('/', 8):]

    def build_response(self, req: "Any", resp: "Any", *more: "Any", **named: "Any") -> "Any":
        response = Response.__new__(Response)
        # No second dict: the headers of urllib3 are found in any case too.
        vars(response).update(_EMPTY, history=[], headers=resp.headers, status_code=resp.status,
                              reason=resp.reason, raw=resp, url=req.url, request=req,
                              connection=self)
        return response

    def close(self) -> None:
        super(Adapter, self).close()
        _close_pools(self.pools, os.getpid(), self.poolmanager)


def _close_pools(pools: "Dict[Any, Any]", process: int, manager: "Any") -> None:
    """Close the connections that are kept, unless they are those of a parent process."""
    if os.getpid() == process:
        manager.clear()  # not closed: a program that ends may make one more call
        while pools:
            pool = pools.popitem()[1]
            own = getattr(pool, 'pools', None)  # of a manager, see `double_for`
            # urllib3 2 leaves closing to the collector, but an answer may still hold the pool.
            for each in [own[key] for key in own.keys()] if isinstance(own, Mapping) else [pool]:
                if hasattr(each, 'close') and getattr(each, 'pool', each) is not None:
                    each.close()


def with_our_pools(manager: "Any") -> "Any":
    classes = getattr(manager, 'pool_classes_by_scheme', {})
    if isinstance(classes, dict):  # not of a double
        manager.pool_classes_by_scheme = {name: limited_pool(classes[name]) for name in classes}
    return manager


def proxies_of(configuration: "Configuration", url: str) -> "Dict[str, str]":
    """Return the proxy for a URL as requests wants it, ``{}`` for none."""
    proxy = configuration.proxy
    if not proxy and configuration.trust_env:
        proxy = select_proxy(url, get_environ_proxies(url))
    return {'http': proxy, 'https': proxy} if proxy else {}
