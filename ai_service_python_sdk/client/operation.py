"""Operations as declared rows, and the methods that every row yields."""
TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Generic, Tuple, Type, TypeVar
    from .api_client import ApiClient
    Answer = TypeVar('Answer')
else:
    # Generic for type checkers, a plain class for the programs of any Python.
    Generic, Answer = {None: object}, None

GET, POST = 'GET', 'POST'
#: What an option method takes besides its body.
OPTIONS = ('async_req', '_return_http_data_only', '_preload_content', '_request_timeout')
_DOC = 'Send a request model; options: ``{}``.'.format('``, ``'.join(OPTIONS))


class Operation(Generic[Answer]):
    """One endpoint: how it is called, what it answers with, and whether it may be repeated.

    :param path: path of the service; ``{job_id}`` or the like stands for one quoted segment.
    :param answers: the class of the answer.
    :param repeatable: whether a request that may have arrived can be sent again: only where
        that costs nothing and changes nothing (service reference 7, question 15).
    :param accept: value of the Accept header.
    """

    def __init__(self, method: str, path: str, answers: "Type[Answer]", repeatable: bool = False,
                 accept: str = 'application/json') -> None:
        self.method = method
        self.path = path
        self.answers = answers
        self.repeatable = repeatable
        #: Header values that never change.
        self.headers = (('Accept', accept),
                        ('Content-Type', 'application/json'))  # type: Tuple[Tuple[str, str], ...]

    def answering(self, answers: "Type[Answer]") -> "Operation[Answer]":
        """Return the same endpoint with another answer, for one of its actions."""
        twin = Operation(self.method, self.path, answers, self.repeatable)
        twin.headers = self.headers
        return twin

    @staticmethod
    def named(method: "Callable[..., Any]", name: str, doc: str) -> "Callable[..., Any]":
        """Give a method that a row yields its name and its documentation."""
        method.__name__ = name
        method.__qualname__ = name
        method.__doc__ = doc
        return method

    def post(self, name: str) -> "Any":
        """Make the method ``name(body, **options)`` that returns the answer."""
        def method(self: "Any", body: "Any", **kwargs: "Any") -> "Any":
            return operation.send(self.api_client, name, body, kwargs)
        operation = self
        return self.named(method, name, _DOC)

    def with_http_info(self, name: str) -> "Any":
        """Make the method that returns (answer, status, headers); errors call it ``name``."""
        def method(self: "Any", body: "Any", **kwargs: "Any") -> "Any":
            return operation.send(self.api_client, name, body, kwargs, data_only=False)
        operation = self
        return self.named(method, name + '_with_http_info', _DOC)

    def send(self, client: "ApiClient", name: str, body: "Any", options: "Any",
             data_only: bool = True) -> "Answer":
        """Send a request model; what is wrong with the arguments is said before anything is sent.

        :raises TypeError: an unknown option.
        :raises ValueError: the body is None, or holds what JSON cannot.
        """
        check_arguments(name, 'body', body, options)
        if not hasattr(body, 'swagger_types'):
            raise AttributeError('`body` is a {}; give a request model of client.models'
                                 .format(type(body).__name__))
        answer = client.call_operation(self, self.path, body, options,
                                       data_only)  # type: Answer
        return answer

    def query(self, client: "ApiClient", name: str, parameter: str, value: "Any",
              options: "Any", data_only: bool = True) -> "Answer":
        """Ask for something by its id, which is quoted as one segment of the path.

        :raises ValueError: the id is None, empty, or steps out of its segment (``.``, ``..``).
        """
        check_arguments(name, parameter, value, options)
        segment = segment_of(parameter, value)
        path = self.path.format(**{parameter: segment})
        body = None if self.method == GET else b'{}'
        answer = client.call_operation(self, path, body, options, data_only)  # type: Answer
        return answer


def segment_of(parameter: str, value: "Any") -> str:
    """Quote an id as one segment of a path.

    :raises ValueError: nothing, ``.`` or ``..`` would be left of the segment.
    """
    if type(value) is int:
        return str(value)
    from urllib.parse import quote
    try:
        text = value.decode('utf-8') if isinstance(value, bytes) else str(value)
        quoted = quote(text, safe='~')
    except UnicodeError:
        quoted = text = ''
    if text.strip() in ('', '.', '..'):
        raise ValueError('`{}` is {!r}; give the id that the service returned'
                         .format(parameter, value))
    return quoted


def check_arguments(name: str, parameter: str, value: "Any", options: "Any") -> None:
    """Refuse unknown options and a missing argument, in the words of the old SDK."""
    for option in options:
        if option not in OPTIONS:
            raise TypeError("Got an unexpected keyword argument '{}' to method {}"
                            .format(option, name))
    if value is None:
        raise ValueError('Missing the required parameter `{}` when calling `{}`'
                         .format(parameter, name))
