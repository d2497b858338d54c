"""A signed line to the service; how a call goes over it is in ``signed_calls``.

What only a call needs is imported by the call: most of a script's start would be waiting for it.
"""
import os
import threading

from ..util.sign import build_sign_string, create_sign
from . import rest
from .configuration import Configuration
from .models.model import NATIVE_TYPES

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from . import address, background
    from .operation import Operation

_JSON = 'application/json'

__all__ = ['ApiClient', 'Configuration', 'build_sign_string', 'create_sign', 'rest']

#: Sent by the old SDK; the same, since it is part of the recorded requests.
USER_AGENT = 'Swagger-Codegen/1.0.0/python'
#: Environment variables of :meth:`ApiClient.from_env`.
HOST_VARIABLE, APP_ID_VARIABLE, TOKEN_VARIABLE = (
    'AI_SERVICE_HOST', 'AI_SERVICE_APP_ID', 'AI_SERVICE_TOKEN')


class ApiClient(object):
    """A signed line to the service; one client serves any number of threads.

    :param host: address of the service, with or without a trailing slash.
    :param appid: the appId; :param token: the secret that signs. Both are read at each call.
    :param configuration: settings to use as they are; their appid and token win.
    :param header_name: name of a header to send always, with ``header_value``.
    :param cookie: value of a Cookie header to send always.
    :raises ValueError: the host is None.
    """

    PRIMITIVE_TYPES = (float, bool, bytes, str, int)
    NATIVE_TYPES_MAPPING = NATIVE_TYPES  # type: Dict[str, Any]
    if TYPE_CHECKING:  # at run time there is none before the first answer, as in the old SDK
        last_response = None  # type: Any

    def __init__(self, host: str, appid: str, token: str,
                 configuration: "Optional[Configuration]" = None,
                 header_name: "Optional[str]" = None, header_value: "Any" = None,
                 cookie: "Optional[str]" = None) -> None:
        if host is None:
            raise ValueError('`host` is None; give the address of the service, '
                             'for instance http://service.example.com')
        self.host = host
        self.configuration = configuration or Configuration(
            host, appid, token)  # type: Configuration
        self.cookie = cookie
        #: Sent with every request, over what the operation says.
        self.default_headers = {'User-Agent': USER_AGENT}  # type: Dict[str, Any]
        if header_name is not None:
            self.default_headers[header_name] = header_value
        self.rest_client = rest.RESTClientObject(
            self.configuration)  # type: rest.RESTClientObject
        self._address = ('', None)  # type: Tuple[str, Optional[address.Address]]
        self._make_call = None  # type: Optional[Callable[..., Any]]
        self._async = None  # type: Optional[background.AsyncCalls]
        self._async_lock = threading.Lock()

    @classmethod
    def from_env(cls, configuration: "Optional[Configuration]" = None) -> "ApiClient":
        """Make a client from AI_SERVICE_HOST, AI_SERVICE_APP_ID and AI_SERVICE_TOKEN.

        :raises ValueError: a variable is missing or empty; the message names all of them.
        """
        names = (HOST_VARIABLE, APP_ID_VARIABLE, TOKEN_VARIABLE)
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise ValueError('set the environment variable{} {}'.format(
                's' if len(missing) > 1 else '', ', '.join(missing)))
        host, appid, token = [os.environ[name] for name in names]
        return cls(host, appid, token, configuration)

    @property
    def user_agent(self) -> str:
        """The User-Agent in :attr:`default_headers`."""
        agent = self.default_headers['User-Agent']  # type: str
        return agent

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers['User-Agent'] = value

    def set_default_header(self, header_name: str, header_value: "Any") -> None:
        """Send a header with every request."""
        self.default_headers[header_name] = header_value

    def close(self) -> None:
        """Wait for async calls that run, end their threads, close the connections.

        A later call opens what it needs again.
        """
        with self._async_lock:
            calls, self._async = self._async, None
        if calls:
            calls.close()
        self.rest_client.close()

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *exc_info: "Any") -> None:
        self.close()

    def __repr__(self) -> str:
        from ..util.redact import mask_url
        return 'ApiClient(host={!r}, appid={!r}, token=***)'.format(
            mask_url(self.host), self.configuration.appid)

    def __reduce__(self) -> "Any":
        raise TypeError('an ApiClient holds the token and connections and is not pickled; make '
                        'one in the other process')

    # the path of every operation

    def call_operation(self, operation: "Operation[Any]", path: str, body: "Any",
                       options: "Dict[str, Any]", data_only: bool) -> "Any":
        """Make one call of an operation; see the API classes for what goes in."""
        make_call = self._make_call or self._load_make_call()
        return make_call(self, operation, path, body, options, data_only)

    def _load_make_call(self) -> "Callable[..., Any]":
        from .signed_calls import call_operation
        self._make_call = call_operation
        return call_operation

    def url(self, path: str) -> str:
        """Return the URL of a path of the service.

        :raises ValueError: the host is none.
        """
        known, address = self._address
        if address is None or known is not self.host:
            from .address import Address
            address = Address(self.host)
            self._address = (self.host, address)
        return address.url(path)

    def expect(self, concurrency: int) -> None:
        """Keep as many connections as that many calls at once use."""

    def in_background(self, call: "Callable[[], Any]") -> "Any":
        """Run a call in a thread of this client; return an :class:`.AsyncCall`."""
        from .background import AsyncCalls
        with self._async_lock:
            if self._async is None:
                self._async = AsyncCalls(self.rest_client.pool_size)
            return self._async.submit(call)

    # the generic call of the old SDK, which is not signed

    def call_api(self, resource_path: str, method: str, path_params: "Any" = None,
                 query_params: "Any" = None, header_params: "Any" = None, body: "Any" = None,
                 post_params: "Any" = None, files: "Any" = None, response_type: "Any" = None,
                 auth_settings: "Any" = None, async_req: "Optional[bool]" = None,
                 _return_http_data_only: "Optional[bool]" = None,
                 collection_formats: "Any" = None, _preload_content: bool = True,
                 _request_timeout: "Any" = None) -> "Any":
        """Make any call to the host; it carries no signature.

        :param response_type: name of a type, see :func:`.deserialization.deserialize`.
        :return: (data, status, headers), or data alone.
        """
        from .generic_calls import call_api
        return call_api(self, resource_path, method, path_params, query_params, header_params,
                        body, post_params, files, response_type, auth_settings, async_req,
                        _return_http_data_only, collection_formats, _preload_content,
                        _request_timeout)

    def request(self, method: str, url: str, query_params: "Any" = None, headers: "Any" = None,
                post_params: "Any" = None, body: "Any" = None, _preload_content: bool = True,
                _request_timeout: "Any" = None) -> "Any":
        """Send one unsigned request to a complete URL; see :class:`.rest.RESTClientObject`."""
        return self.rest_client.request(method, url, query_params, headers, body, post_params,
                                        _preload_content, _request_timeout)

    def client_create_sign(self, cfg: "Configuration", path: str, method: str, post_body: "Any",
                           query_params: "Any") -> str:
        """Return the signature of a request; a POST without a body is signed as ``{}``."""
        if post_body is None:
            post_body = '{}' if method == 'POST' else ''
        elif not isinstance(post_body, (str, bytes)):
            from .serialization import to_json
            post_body = to_json(post_body, 'post_body')
        return create_sign(build_sign_string(method, path, post_body, query_params), cfg.token)

    def sanitize_for_serialization(self, obj: "Any") -> "Any":
        """Return the value with models as dicts and dates as text."""
        from .generic_calls import sanitize
        return sanitize(obj)

    def deserialize(self, response: "Any", response_type: "Any") -> "Any":
        """Read an answer's body as a type."""
        from .generic_calls import deserialize
        return deserialize(response, response_type, self.configuration.temp_folder_path)

    def parameters_to_tuples(self, params: "Any", collection_formats: "Any") -> "Any":
        """Return parameters as pairs, lists joined as their collection format says."""
        from .generic_calls import to_tuples
        return to_tuples(params, collection_formats)

    def prepare_post_parameters(self, post_params: "Any" = None, files: "Any" = None) -> "Any":
        """Return form fields and files as pairs; a file is (name, bytes, MIME type)."""
        from .generic_calls import form_fields
        return form_fields(post_params, files)

    def select_header_accept(self, accepts: "List[str]") -> "Optional[str]":
        """Return the Accept header for these types."""
        types = [accept.lower() for accept in accepts or []]
        return _JSON if _JSON in types else ', '.join(types) or None

    def select_header_content_type(self, content_types: "List[str]") -> str:
        """Return the Content-Type header for these types."""
        types = [kind.lower() for kind in content_types or [_JSON]]
        return _JSON if _JSON in types or '*/*' in types else types[0]

    def update_params_for_auth(self, headers: "Dict[str, Any]", querys: "Any",
                               auth_settings: "Any") -> None:
        """Put the values of ``configuration.api_key`` over the headers or into the query."""
        settings = self.configuration.auth_settings() if auth_settings else {}
        for name in auth_settings or ():
            setting = settings.get(name)
            if setting and setting['value']:
                if setting['in'] == 'header':
                    headers[setting['key']] = setting['value']
                else:
                    querys.append((setting['key'], setting['value']))
