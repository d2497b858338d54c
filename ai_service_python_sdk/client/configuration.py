"""The settings of a client: who calls, over which TLS and proxy, with which limits and logs.

Making one has no side effect: no file is read, no logger is touched, no thread is started.
"""
import os
from numbers import Integral

from .log_settings import LogSettings

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, NoReturn, Optional, Tuple, Union
    from requests import Session
    from .retry import RetryPolicy
    Timeout = Union[None, int, float, Tuple[Optional[float], Optional[float]]]

#: `configuration.host`, as in the old SDK, if the host given does not begin with http.
DEFAULT_HOST = 'http://localhost:8080/api/v1'
#: Seconds to connect, and seconds without a byte of the answer; a creation takes tens of seconds.
DEFAULT_TIMEOUT = (10.0, 600.0)
#: Bytes of a body that ``client.last_response`` keeps after it has been read.
DEFAULT_LAST_RESPONSE_LIMIT = 1024 * 1024
#: Connections kept per processor, as in the old SDK.
CONNECTIONS_PER_CPU = 5
#: Connections kept at least, unless the configuration names a number: as many as async calls run.
LEAST_POOL_SIZE = 32
#: Bytes of an answer, unpacked, that are taken; the Base64 of a picture of 200 MB has 267 MB.
DEFAULT_ANSWER_LIMIT = 512 * 1024 * 1024


def default_pool_size() -> int:
    """Return the number of kept connections that a configuration starts with."""
    return (os.cpu_count() or 1) * CONNECTIONS_PER_CPU


def pool_size_of(configuration: "Configuration", maxsize: "Optional[int]" = None,
                 expected: int = 0) -> int:
    """Return the connections to keep: as told, else at least :data:`LEAST_POOL_SIZE`.

    :param expected: calls that will run at once, counted where no number was told.
    """
    usual = default_pool_size()
    size = maxsize or configuration.connection_pool_maxsize or usual
    return max(size, LEAST_POOL_SIZE, expected) if size == usual or size < 0 else size


class Configuration(LogSettings):
    """Settings of one client; attributes may be changed at any time, but the number of kept
    connections counts from the first call on.

    :param host: address of the service, for instance ``http://ai-service.example.com``.
    :param appid: the appId that the service has given to its user.
    :param token: the secret that signs; it appears in no repr, log or report.
    """

    username = ''
    password = ''
    #: Characters of a path parameter that are not escaped in ``call_api``.
    safe_chars_for_path_param = ''
    #: Folder for answers of type ``file``.
    temp_folder_path = None  # type: Optional[str]
    #: Whether certificates are checked; False is for tests.
    verify_ssl = True
    #: Path of a CA bundle; None for the bundle of ``requests``.
    ssl_ca_cert = None  # type: Optional[str]
    #: Path of a client certificate, and of its key.
    cert_file = None  # type: Optional[str]
    key_file = None  # type: Optional[str]
    #: Name that the certificate has to carry instead of the host's; False for any.
    assert_hostname = None  # type: Union[None, bool, str]
    #: URL of a proxy; environment variables are not read unless :attr:`trust_env`.
    proxy = None  # type: Optional[str]
    #: Seconds: one number for a whole call, or (connect, read); None for no limit.
    timeout = DEFAULT_TIMEOUT  # type: Timeout
    #: What is sent again, how often and when; None for the default policy.
    retry_policy = None  # type: Optional[RetryPolicy]
    #: Bytes; a longer body is let go from ``client.last_response`` once it was read.
    last_response_limit = DEFAULT_LAST_RESPONSE_LIMIT
    #: Bytes; a longer answer, unpacked, is refused while it is read; None for no limit.
    answer_limit = DEFAULT_ANSWER_LIMIT  # type: Optional[int]
    #: The user's own ``requests`` session instead of ours.
    session = None  # type: Optional[Session]
    #: Whether proxies and CA bundles are taken from environment variables.
    trust_env = False

    def __init__(self, host: str, appid: str, token: str) -> None:
        is_url = isinstance(host, str) and host.startswith(('http://', 'https://'))
        #: Kept for reading; the address that is called is ``ApiClient.host``.
        self.host = host if is_url else DEFAULT_HOST  # type: str
        self.appid = appid
        self.token = token
        #: Header name to value, sent with operations over what is computed.
        self.api_key = {}  # type: Dict[str, Any]
        #: Header name to prefix, such as ``Bearer``.
        self.api_key_prefix = {}  # type: Dict[str, str]
        #: Called with this configuration before ``api_key`` is read.
        self.refresh_api_key_hook = None  # type: Optional[Callable[[Configuration], Any]]
        #: Connections kept open.
        self.connection_pool_maxsize = default_pool_size()  # type: int

    def __setattr__(self, name: str, value: "Any") -> None:
        if name in ('answer_limit', 'last_response_limit') and value is not None:
            is_number = isinstance(value, Integral) and not isinstance(value, bool)
            if not is_number or int(value) <= 0:
                raise ValueError('`{}` is {!r}; give a number of bytes, or None for no limit'
                                 .format(name, value))
        object.__setattr__(self, name, value)

    def get_api_key_with_prefix(self, identifier: str) -> "Any":
        """Return the value of a header in :attr:`api_key`, with its prefix; None if empty."""
        if self.refresh_api_key_hook:
            self.refresh_api_key_hook(self)
        key = self.api_key.get(identifier)
        prefix = self.api_key_prefix.get(identifier)
        return '{} {}'.format(prefix, key) if key and prefix else key or None

    def get_basic_auth_token(self) -> str:
        """Return the value of a Basic Authorization header."""
        import base64
        pair = '{}:{}'.format(self.username, self.password)
        return 'Basic ' + base64.b64encode(pair.encode('utf-8')).decode('ascii')

    def auth_settings(self) -> "Dict[str, Dict[str, Any]]":
        """Return the headers that :attr:`api_key` can set."""
        return dict((name, {'type': 'api_key', 'in': 'header', 'key': header,
                            'value': self.get_api_key_with_prefix(header)})
                    for name, header in (('auth', 'Authorization'),
                                         ('requestTime', 'X-Request-Time')))

    def to_debug_report(self) -> str:
        """Return what a support case needs: versions and settings, no secret."""
        import platform
        import sys
        from .._version import __version__
        return '\n'.join([
            'Python SDK Debug Report:', 'OS: ' + platform.platform(),
            'Python Version: ' + sys.version.replace('\n', ' '),
            'SDK Package Version: ' + __version__, 'Settings: {!r}'.format(self)])

    def __repr__(self) -> str:
        from ..util.redact import mask_user
        shown = [('host', mask_user(self.host)), ('appid', self.appid), ('token', '***'),
                 ('proxy', self.proxy and mask_user(self.proxy)), ('verify_ssl', self.verify_ssl),
                 ('timeout', self.timeout)]
        return 'Configuration({})'.format(', '.join('{}={!r}'.format(*pair) for pair in shown))

    def __copy__(self) -> "Configuration":
        twin = Configuration.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: "Dict[int, Any]") -> "Configuration":
        # Loggers, sessions and hooks belong to the process: shared, not copied.
        twin = self.__copy__()
        for name in ('api_key', 'api_key_prefix', 'logger'):
            setattr(twin, name, dict(getattr(self, name)))
        return twin

    def __getstate__(self) -> "NoReturn":  # a subclass may have its own
        raise TypeError('a Configuration holds the token and is not pickled; '
                        'give host, appid and token to the other process and make one there')
