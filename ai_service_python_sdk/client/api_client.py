"""A signed line to the service: the one path of every call, ``call_api → request → deserialize``.

What only calls need is loaded by the first of them: it takes longer than all the rest.
"""
import os
from functools import partial
from types import MethodType

from ..util.later import Later
from ..util.sign import build_sign_string, create_sign
from . import rest
from .configuration import Configuration, pool_size_of
from .models.model import JSON, NATIVE_TYPES, PRIMITIVE_TYPES, ordered
from .rest import PERHAPS, Signature  # not by `rest`, which a test may replace

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, TypeVar
    from ..ledger import Ledger
    from . import address, background, deserialization, paid, serialization
    from .background import AsyncCall, AsyncCalls
    from .configuration import Timeout
    Answer = TypeVar('Answer')
else:
    address = Later(__name__, '.address')
    background = Later(__name__, '.background')
    serialization = Later(__name__, '.serialization')
    deserialization = Later(__name__, '.deserialization')
    paid = Later(__name__, '.paid')

__all__ = ['ApiClient', 'Configuration', 'build_sign_string', 'create_sign', 'rest']

#: The old SDK's, since recordings of its requests hold it.
USER_AGENT = 'Swagger-Codegen/1.0.0/python'
#: What a caller is known by, to its environment variable; in the order of a client's arguments.
VARIABLES = ordered((('host', 'AI_SERVICE_HOST'), ('app_id', 'AI_SERVICE_APP_ID'),
                     ('token', 'AI_SERVICE_TOKEN')))  # type: Dict[str, str]


class ApiClient(object):
    """A signed line to the service; one client serves any number of threads.

    :param host: address of the service, with or without a trailing slash.
    :param appid: the appId; :param token: the secret that signs. Both are read at each call.
    :param configuration: settings to use as they are; their appid and token win.
    :param header_name: name of a header to send always, with ``header_value``.
    :param cookie: value of a Cookie header to send always.
    :raises ValueError: the host is None.
    """

    PRIMITIVE_TYPES = PRIMITIVE_TYPES
    NATIVE_TYPES_MAPPING = NATIVE_TYPES  # type: Dict[str, Any]
    # On the class, for a subclass whose `__init__` does not call this one.
    _async = None  # type: Optional[AsyncCalls]
    #: A :class:`.Ledger` that keeps every call which may have to be paid for, or None.
    ledger = None  # type: Optional[Ledger]
    if TYPE_CHECKING:  # at run time it is not set before the first answer, as in the old SDK
        last_response = None  # type: Any

    def __init__(self, host: str, appid: str, token: str,
                 configuration: "Optional[Configuration]" = None,
                 header_name: "Optional[str]" = None, header_value: "Any" = None,
                 cookie: "Optional[str]" = None) -> None:
        if host is None:
            token = ''  # a test's report of this frame would show it
            raise ValueError('`host` is None; give the address of the service, '
                             'for instance http://service.example.com')
        self.host = host
        self.configuration = (
            configuration or Configuration(host, appid, token))  # type: Configuration
        self.cookie = cookie
        #: Sent with every request, over what the operation says.
        self.default_headers = {'User-Agent': USER_AGENT}  # type: Dict[str, Any]
        if header_name is not None:
            self.default_headers[header_name] = header_value
        self.rest_client = rest.RESTClientObject(
            self.configuration)  # type: rest.RESTClientObject

    @classmethod
    def from_env(cls, configuration: "Optional[Configuration]" = None) -> "ApiClient":
        """Make a client from AI_SERVICE_HOST, AI_SERVICE_APP_ID and AI_SERVICE_TOKEN.

        :raises ValueError: a variable is missing or empty; the message names all of them.
        """
        missing = [name for name in VARIABLES.values() if not os.environ.get(name)]
        if missing:
            raise ValueError('set the environment variable{} {}'.format(
                's' if len(missing) > 1 else '', ', '.join(missing)))
        host, appid, token = [os.environ[name] for name in VARIABLES.values()]
        return cls(host, appid, token, configuration)

    user_agent = property(
        lambda self: self.default_headers['User-Agent'],
        lambda self, value: self.set_default_header('User-Agent', value),
        doc='The User-Agent in :attr:`default_headers`.')  # type: Any

    def set_default_header(self, header_name: str, header_value: "Any") -> None:
        """Send a header with every request."""
        self.default_headers[header_name] = header_value

    def close(self, timeout: "Optional[float]" = None) -> None:
        """Wait for the async calls, end their threads and close the connections; a later call
        opens what it needs again.

        :param timeout: seconds to wait; None for as long as it takes. Calls that have not begun
            by then end in :class:`.NotSentError`; those under way go on in the background.
        """
        calls = vars(self).pop('_async', None)
        try:
            if calls and timeout is not None and hasattr(calls, 'submit'):
                calls.close(timeout)
            elif calls:
                # Perhaps a pool that the user has put here, such as one of multiprocessing.
                calls.close()
                calls.join()
        finally:
            self.rest_client.close()

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.close()

    def __del__(self) -> None:
        pass  # as in the old SDK, for a subclass whose own calls it

    def __repr__(self) -> str:
        from ..util.redact import mask_user
        return 'ApiClient(host={!r}, appid={!r}, token=***)'.format(
            mask_user(self.host), self.configuration.appid)

    # the path of every call

    def call_api(self, resource_path: str, method: str, path_params: "Any" = None,
                 query_params: "Any" = None, header_params: "Any" = None, body: "Any" = None,
                 post_params: "Any" = None, files: "Any" = None, response_type: "Any" = None,
                 auth_settings: "Any" = None, async_req: "Optional[bool]" = None,
                 _return_http_data_only: "Optional[bool]" = None,
                 collection_formats: "Any" = None, _preload_content: bool = True,
                 _request_timeout: "Timeout" = None) -> "Any":
        """Make a call: an operation's, whose headers hold its signature, or any other.

        :param body: a request model, or what JSON can hold.
        :param response_type: a class, or a name of a type, see :func:`.deserialize`.
        :param async_req: whether to make it in the background and return an :class:`.AsyncCall`.
        :return: (data, status, headers), or data alone.
        :raises ApiException: the service refused, or could not be reached.
        :raises ValueError: the host cannot be called; :raises TypeError: it is not text.
        """
        headers = dict(header_params or {})
        signature = headers.get('Authorization')  # type: Any
        if isinstance(signature, Signature):
            signature.has_left = signature.has_left or False  # None before
        else:
            signature = None
        headers.update(self.default_headers)
        if self.cookie:
            headers['Cookie'] = self.cookie
        if path_params:
            resource_path = serialization.filled(
                resource_path, self.sanitize_for_serialization(path_params),
                self.configuration.safe_chars_for_path_param)
        if not isinstance(self.host, str):
            address.refuse(self.host, 'host')
        # Without a slash the path would become a part of the host's name.
        url = address.base_of(self.host) + (
            resource_path if resource_path.startswith('/') else '/' + resource_path)
        query = self._pairs(query_params, collection_formats) if query_params else []
        fields = self.prepare_post_parameters(post_params, files) if post_params or files else []
        fields = self._pairs(fields, collection_formats) if fields else []
        self.update_params_for_auth(headers, query, auth_settings)
        plain = body if body is None else self._body_to_send(body, signature)
        request = dict(query_params=query, headers=headers, post_params=fields, body=plain,
                       _preload_content=_preload_content, _request_timeout=_request_timeout)
        parts = method, url, response_type, _return_http_data_only, request, signature
        if not async_req:
            return self._exchange(*parts)
        call = partial(self._exchange, *parts)
        if signature is not None and not signature.repeatable:
            call = partial(paid.Paid().make, signature.path, body, call, signature)
        return self._in_background(call, signature)

    def _body_to_send(self, body: "Any", signature: "Optional[Signature]") -> "Any":
        """Return the bytes that were signed; where a double or an override may change the body,
        the body as plain data, which is serialized later and signed again if its bytes differ."""
        if signature is not None and signature.body is body:
            line = self.rest_client
            steps = (self.call_api, self.sanitize_for_serialization, self.request,
                     self.update_params_for_auth, self.client_create_sign,
                     getattr(line, 'POST', None), getattr(line, 'request', None))
            # By type and identity: a wrapper may claim to equal what it wraps.
            if all([type(step) is MethodType and step.__func__ is own
                    for step, own in zip(steps, _STEPS)]):
                return signature.data
        return self.sanitize_for_serialization(body)

    def _pairs(self, params: "Any", formats: "Any") -> "Any":
        return self.parameters_to_tuples(self.sanitize_for_serialization(params), formats)

    def _exchange(self, method: str, url: str, kind: "Any", data_only: "Optional[bool]",
                  request: "Dict[str, Any]", signature: "Optional[Signature]") -> "Any":
        if signature is not None and not signature.has_left:
            signature.has_left = PERHAPS  # until `rest_client.request` knows more
        answer = data = self.last_response = self.request(method, url, **request)
        is_read = request['_preload_content']
        if is_read:
            data = self.deserialize(answer, kind) if kind else None
        return data if data_only else (
            data, answer.status, answer.getheaders() if is_read else answer.headers)

    def request(self, method: str, url: str, query_params: "Any" = None, headers: "Any" = None,
                post_params: "Any" = None, body: "Any" = None, _preload_content: bool = True,
                _request_timeout: "Timeout" = None) -> "Any":
        """Send one request to a complete URL, by the method of ``rest_client`` for its verb.

        :raises ValueError: unknown method.
        """
        verb = str(method).upper()
        if verb not in serialization.METHODS:
            return self.rest_client.request(verb, url)  # raises, and names the methods
        options = {}  # type: Dict[str, Any]
        if verb not in ('GET', 'HEAD'):
            options['body'] = body
            if verb != 'DELETE':
                options['post_params'] = post_params
        return getattr(self.rest_client, verb)(
            url, query_params=query_params, headers=headers, _preload_content=_preload_content,
            _request_timeout=_request_timeout, **options)

    def _expect(self, calls: int) -> None:
        """Keep a connection for each of ``calls`` at once; a configured number stays."""
        self.rest_client.expect(calls)

    @property
    def pool(self) -> "AsyncCalls":
        """The threads of the async calls, with methods as those of ``multiprocessing.pool``."""
        # Without a lock, which a fork at this moment would leave held for ever before Python 3.7.
        return self._async or vars(self).setdefault(
            '_async', background.AsyncCalls(pool_size_of(self.configuration)))

    @pool.setter
    def pool(self, pool: "Any") -> None:
        del self.pool
        if pool is not None:
            self._async = pool

    @pool.deleter
    def pool(self) -> None:
        vars(self).pop('_async', None)

    def _in_background(self, call: "Callable[[], Answer]",
                       signature: "Any" = None) -> "AsyncCall[Answer]":
        """Run a call in a thread of this client; see :func:`.told_at_exit`."""
        return self.pool.apply_async(partial(background.told_at_exit, call, signature))

    # the steps of a call, by the names of the old SDK

    def client_create_sign(self, cfg: "Configuration", path: str, method: str, post_body: "Any",
                           query_params: "Any") -> str:
        """Return the signature of a request; a POST without a body is signed as ``{}``."""
        if post_body is None:
            post_body = '{}' if method == 'POST' else ''
        elif not isinstance(post_body, (str, bytes)):
            post_body = serialization.to_json(post_body, 'post_body')
        is_text = isinstance(cfg.appid, str)
        if not is_text or not isinstance(cfg.token, (str, bytes)):
            name = 'token' if is_text else 'appid'
            raise TypeError('`{}` is a {}; give it as text'.format(
                name, type(getattr(cfg, name)).__name__))
        return create_sign(build_sign_string(method, path, post_body, query_params), cfg.token)

    def sanitize_for_serialization(self, obj: "Any") -> "Any":
        """Return the value with models as dicts and dates as text."""
        return serialization.sanitized(obj, self.sanitize_for_serialization)

    def deserialize(self, response: "Any", response_type: "Any") -> "Any":
        """Read an answer's body as a type."""
        return deserialization.deserialize(
            response, response_type, self.configuration.temp_folder_path,
            self.configuration.last_response_limit)

    def parameters_to_tuples(self, params: "Any", collection_formats: "Any") -> "Any":
        """Return parameters as pairs, lists joined as their collection format says."""
        return serialization.to_tuples(params, collection_formats)

    def prepare_post_parameters(self, post_params: "Any" = None, files: "Any" = None) -> "Any":
        """Return form fields and files as pairs; a file is (name, bytes, MIME type)."""
        return serialization.form_fields(post_params, files)

    def select_header_accept(self, accepts: "List[str]") -> "Optional[str]":
        """Return the Accept header for these types."""
        types = [accept.lower() for accept in accepts or []]
        return JSON if JSON in types else ', '.join(types) or None

    def select_header_content_type(self, content_types: "List[str]") -> str:
        """Return the Content-Type header for these types."""
        types = [kind.lower() for kind in content_types or [JSON]]
        return JSON if JSON in types or '*/*' in types else types[0]

    def update_params_for_auth(self, headers: "Dict[str, Any]", querys: "Any",
                               auth_settings: "Any") -> None:
        """Put the values of ``configuration.api_key`` over the headers or into the query."""
        cfg = self.configuration
        is_asked = auth_settings and (
            cfg.api_key or cfg.refresh_api_key_hook or type(cfg) is not Configuration
            or Configuration.auth_settings is not _AUTH_SETTINGS
            or Configuration.get_api_key_with_prefix is not _API_KEY
            or 'auth_settings' in vars(cfg) or 'get_api_key_with_prefix' in vars(cfg))
        known = cfg.auth_settings() if is_asked else {}
        for setting in [known[name] for name in auth_settings or () if name in known]:
            if setting['value'] and setting['in'] == 'header':
                headers[setting['key']] = setting['value']
            elif setting['value']:
                querys.append((setting['key'], setting['value']))


#: Not called while no key is set, unless a program has put others in their place.
_AUTH_SETTINGS, _API_KEY = Configuration.auth_settings, Configuration.get_api_key_with_prefix
#: What a body passes on its way to the wire, where no double and no override stands.
_STEPS = (ApiClient.call_api, ApiClient.sanitize_for_serialization, ApiClient.request,
          ApiClient.update_params_for_auth, ApiClient.client_create_sign) + rest.STEPS
