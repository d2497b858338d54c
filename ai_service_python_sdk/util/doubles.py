"""Doubles that a test has put in the place of another library's classes, and their answers."""
import contextlib

import urllib3

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

_GENUINE = ('http.', 'requests.', 'urllib3.')


def check_genuine(*kinds: "Any") -> None:
    """Refuse to go on where a test has put a double in the place of a class.

    :raises ImportError: it has; nothing is kept of this import then.
    """
    for kind in kinds:
        if not _is_genuine(kind):
            raise ImportError('{!r} is a double; make the first call of the process outside of '
                              'that patch'.format(kind))


def _is_genuine(kind: "Any") -> bool:
    return isinstance(kind, type) and kind.__module__.startswith(_GENUINE)


def is_replaced(manager: "Any") -> bool:
    """Whether a test has put a double in the place of urllib3's manager or of its methods."""
    return (not _is_genuine(urllib3.PoolManager) or _is_foreign(manager.request)
            or _is_foreign(manager.urlopen))


def _is_foreign(method: "Any") -> bool:
    return not str(getattr(method, '__module__', '')).startswith('urllib3.')


def double_of_manager(adapter: "Any", url: str, proxies: "Dict[str, str]",
                      with_our_pools: "Callable[[Any], Any]") -> "Any":
    """Return a manager that goes an adapter's way, made of what a test has put in urllib3."""
    usual = adapter.poolmanager
    if vars(usual).keys() & set(['request', 'urlopen']):  # in this one alone
        return usual
    proxy = proxies.get(url[:url.index(':')])
    options, manager = adapter.way(url, proxy)
    key = (urllib3.PoolManager, url[:url.find('/', 8)], proxy, id(options.get('ssl_context')))
    if key not in adapter.pools:
        adapter.pools[key] = manager or with_our_pools(urllib3.PoolManager(
            **dict(usual.connection_pool_kw, **options)))
    return adapter.pools[key]


def read_before(response: "Any") -> bytes:
    """Return the body that a session, hook or tool of the user's has read, or of a double."""
    for owner, name in ((response.raw, 'data'), (response, 'content')):
        # Read and closed, or made of bytes, so that there is no stream.
        with contextlib.suppress(ValueError):
            found = getattr(owner, name)  # type: bytes
            if found:
                return found
    return b''
