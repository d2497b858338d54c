"""Operations as declared rows, and the methods that every row yields.

::

    api.name(…) → api.name_post(body) → api.name_with_http_info(body) → client.call_api(…)

Programs replace each step by a double or an override: so each is looked up on its object, and
no call leaves one out.
"""
from contextlib import suppress
from copy import deepcopy
from functools import partial

from ..util.later import Later
from .models.model import JSON
from .rest import Signature

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Generic, Mapping, Optional, Type, TypeVar
    from . import paid
    from .api_client import ApiClient
    Answer = TypeVar('Answer')
    Options = Mapping[str, Any]
    Method = Callable[..., Any]
else:
    # Generic for type checkers, a plain class for the programs of any Python.
    Generic, Answer = {None: object}, None
    paid = Later(__name__, '.paid')

GET, POST = 'GET', 'POST'
#: What the methods of a row take besides the body.
OPTIONS = ('async_req', '_return_http_data_only', '_preload_content', '_request_timeout')
#: The option by which a studio hands over the :class:`.Paid` that it has begun.
PAID = '_paid'
#: What the paths of all operations begin with.
ROOT = '/api/v1/'
#: The settings of ``configuration.auth_settings()`` that may set a header of an operation.
AUTH_SETTINGS = ('auth', 'requestTime')
#: Passed on for an explicit time-out of None; `call_api` takes None for the configured one.
NO_LIMIT = 0
_DOC = 'Send a request model; options: ``{}``.'.format('``, ``'.join(OPTIONS))


class Family(object):
    """Operations over one client."""

    def __init__(self, api_client: "ApiClient") -> None:
        self.api_client = api_client  # type: ApiClient


class Operation(Generic[Answer]):
    """One endpoint: how it is called, what it answers with, and whether it may be repeated.

    :param path: path of the service; ``{job_id}`` or the like stands for one quoted segment.
    :param answers: the class of the answer.
    :param repeatable: whether a request that may have arrived can be sent again: only where
        that costs nothing and changes nothing (service reference 7, question 15).
    :param accept: value of the Accept header.
    :param by_action: classes of the answers to single actions of the endpoint.
    """

    def __init__(self, method: str, path: str, answers: "Type[Answer]", repeatable: bool = False,
                 accept: str = JSON, by_action: "Optional[Dict[str, Type[Any]]]" = None) -> None:
        self.method = method
        self.path = path
        self.answers = answers
        self.repeatable = repeatable
        self.accept = accept
        self.by_action = by_action or {}  # type: Dict[str, Type[Any]]

    @staticmethod
    def named(method: "Method", name: str, doc: str) -> "Method":
        """Give a method that a row yields its name and its documentation."""
        method.__name__ = name
        method.__qualname__ = name
        method.__doc__ = doc
        return method

    def post(self, name: str, info: str = '') -> "Any":
        """Make the method ``name(body, **options)`` that returns the answer alone.

        :param info: name of the method that it calls, where that does not follow from its own.
        """
        info = info or name.replace('_post', '') + '_with_http_info'

        def method(self: "Any", body: "Any", **kwargs: "Any") -> "Any":
            kwargs['_return_http_data_only'] = True
            return getattr(self, info)(body, **kwargs)
        return self.named(method, name, _DOC)

    def with_http_info(self, name: str) -> "Any":
        """Make the method that returns (answer, status, headers); errors call it ``name``."""
        def method(self: "Any", body: "Any", **kwargs: "Any") -> "Any":
            return operation.send(self.api_client, name, body, kwargs)
        operation = self
        return self.named(method, name + '_with_http_info', _DOC)

    def send(self, client: "ApiClient", name: str, body: "Any", options: "Options") -> "Any":
        """Send a request model; what is wrong with the arguments is said before anything is sent.

        :raises TypeError: an unknown option.
        :raises ValueError: the body is None, or holds what JSON cannot.
        """
        check_arguments(name, 'body', body, options)
        if not hasattr(body, 'swagger_types'):
            raise AttributeError('`body` is a {}; give a request model of client.models'
                                 .format(type(body).__name__))
        kind = self.by_action.get(getattr(body, 'action', None) or '', self.answers)
        return self._call(client, self.path, body, kind, options)

    def query(self, client: "ApiClient", name: str, parameter: str, value: "Any",
              options: "Options") -> "Any":
        """Ask for something by its id, which is quoted as one segment of the path.

        :raises ValueError: the id is None, empty, or steps out of its segment (``.``, ``..``).
        """
        check_arguments(name, parameter, value, options)
        path = self.path.format(**{parameter: segment_of(parameter, value)})
        return self._call(client, path, None, self.answers, options)

    def _call(self, client: "ApiClient", path: str, body: "Any", kind: "Type[Any]",
              options: "Options") -> "Any":
        headers = {'Accept': self.accept}  # type: Dict[str, Any]
        is_async = options.get('async_req')
        if is_async:
            body = deepcopy(body)  # the caller may change its list of photos meanwhile
        if body is not None:
            headers['Content-Type'] = JSON
        headers['Authorization'] = signature = Signature.of(
            client, self.method, path, body, self.repeatable)
        timeout = options.get('_request_timeout')
        if timeout is None and '_request_timeout' in options:
            timeout = NO_LIMIT
        call = partial(
            client.call_api, path, self.method, {}, [], headers, body=body, post_params=[],
            files={}, async_req=None, response_type=kind, auth_settings=list(AUTH_SETTINGS),
            _return_http_data_only=options.get('_return_http_data_only'),
            _preload_content=options.get('_preload_content', True), _request_timeout=timeout,
            collection_formats={})
        ledger = getattr(client, 'ledger', None)
        if not hasattr(type(ledger), 'begin'):  # of a client that is a mock
            ledger = None
        if self.repeatable or is_async and not (ledger or PAID in options):
            return call(async_req=is_async)
        record = options.get(PAID) or paid.Paid(ledger)
        arguments = self.path.replace(ROOT, '').replace('/', '_'), body, call, signature
        return (client._in_background(partial(record.make, *arguments), signature)
                if is_async else record.make(*arguments))


def segment_of(parameter: str, value: "Any") -> str:
    """Quote an id as one segment of a path.

    :raises ValueError: nothing, ``.`` or ``..`` would be left of the segment, or it is not text.
    """
    if type(value) is int:
        return str(value)
    from urllib.parse import quote
    with suppress(UnicodeError):  # half of a surrogate pair
        if not isinstance(value, bytes) and str(value).strip() not in ('', '.', '..'):
            return quote(str(value), safe='~')
    raise ValueError('`{}` is {!r}; give the id that the service returned'
                     .format(parameter, value))


def check_arguments(name: str, parameter: str, value: "Any", options: "Options") -> None:
    """Refuse unknown options and a missing argument, in the words of the old SDK."""
    for option in options:
        if option not in OPTIONS and option != PAID:
            raise TypeError("Got an unexpected keyword argument '{}' to method {}"
                            .format(option, name))
    if value is None:
        raise ValueError('Missing the required parameter `{}` when calling `{}`'
                         .format(parameter, name))
