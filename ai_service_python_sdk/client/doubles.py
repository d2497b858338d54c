"""Doubles that a test has put in the place of another library's classes, and their answers."""
import contextlib
import operator
from collections.abc import Mapping

from urllib3.poolmanager import PoolManager
from urllib3.response import HTTPResponse

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable
    from .rest import Request

_GENUINE = ('http.', 'requests.', 'urllib3.')
#: Methods of urllib3's manager through which a request leaves; tests put doubles there.
WAYS_OUT = frozenset(['request', 'request_encode_body', 'request_encode_url', 'urlopen',
                      'connection_from_host', 'connection_from_context',
                      'connection_from_pool_key'])
#: What an answer of urllib3 has, and a plain one of a test may lack.
_READ = ('headers', 'closed', 'close', 'stream', 'length_remaining')
ways_out = operator.attrgetter(*WAYS_OUT)  # type: Callable[[Any], Iterable[Any]]


def genuine(kind: "Any") -> "Any":
    """Return the class of a library itself where a program has put a child of it in its place:
    ours must not derive from a session that caches, which would keep the states of jobs.

    :raises ImportError: a test's double is there; the next call tries the import again.
    """
    for each in getattr(kind, '__mro__', ()):
        if each.__module__.startswith(_GENUINE):
            return each
    raise ImportError('{!r} is a double; make the first call of the process outside of that patch'
                      .format(kind))


def are_own(*methods: "Any") -> bool:
    """Whether methods of urllib3's manager are its own, and no doubles of a test or tool."""
    # By its globals: a function that `functools.wraps` has made bears the name of another.
    return all(str(getattr(method, '__globals__', {}).get('__name__')).startswith('urllib3.')
               for method in methods)


#: The methods of urllib3 itself, to compare by identity; None for each if a double was there.
OWN = ways_out(PoolManager)
OWN = OWN if are_own(*OWN) else [None] * len(WAYS_OUT)


def _takes_more(method: "Any") -> bool:
    import inspect
    try:
        found = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):  # a method whose signature cannot be read
        return True
    return any(each.name == 'redirect' or each.kind == each.VAR_KEYWORD for each in found)


def answer_of(manager: "Any", request: "Request", flight: "Any") -> "Any":
    """Let a manager send a request, and return its answer; a double may take and give as little
    as the old SDK asked of it."""
    options = {'headers': request.headers, 'timeout': flight,
               'preload_content': False}  # type: Dict[str, Any]
    if request.body is not None:
        options['body'] = request.body
    if _takes_more(manager.request):  # as urllib3's own and what wraps it
        options.update(redirect=False, retries=False)
    answer = manager.request(request.method, request.url, **options)
    if all(hasattr(answer, name) for name in _READ) and isinstance(answer.headers, Mapping):
        return answer
    return HTTPResponse(answer.data, headers_of(answer), answer.status, reason=answer.reason,
                        preload_content=False)


def headers_of(answer: "Any") -> "Mapping[str, str]":
    """Return the headers of an answer of urllib3, or of a double that has them by a method, as
    the older SDK asked for them."""
    found = getattr(answer, 'headers', None)
    if isinstance(found, Mapping):
        return found
    from requests.structures import CaseInsensitiveDict
    for give in filter(None, (getattr(answer, 'getheaders', None), getattr(found, 'items', None))):
        # A mock gives a mock, or nothing.
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            headers = CaseInsensitiveDict(give())
            if headers:
                return headers
    return {}


def read_before(response: "Any") -> bytes:
    """Return the body that a session, hook or tool of the user's has read, or of a double."""
    for owner, name in (response.raw, 'data'), (response, 'content'):
        # Read and closed, or made of bytes, so that there is no stream.
        with contextlib.suppress(ValueError):
            found = getattr(owner, name)  # type: bytes
            if found:
                return found
    return b''
