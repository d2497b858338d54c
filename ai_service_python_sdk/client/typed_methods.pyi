"""What type checkers see of the methods that rows yield; there is nothing of it at run time."""
from typing import Any, Generic, Mapping, Optional, Tuple, TypeVar, Union, overload

from typing_extensions import Literal, TypedDict, Unpack
from urllib3.response import HTTPResponse

from .background import AsyncCall
from .models.request import Configure

Sent = TypeVar('Sent')
Answer = TypeVar('Answer')
Timeout = Union[None, int, float, Tuple[Optional[float], Optional[float]]]
Headers = Mapping[str, str]
Info = Tuple[Answer, int, Headers]
Yes = Literal[True]
No = Optional[Literal[False]]

#: What convenience methods take besides their arguments; ``async_req`` and the like change what
#: is returned and are typed on the ``_post`` forms.
CallOptions = TypedDict('CallOptions', {'_request_timeout': Timeout}, total=False)


class BoundBodyMethod(Generic[Sent, Answer]):
    """``api.name(body, **options)``."""

    @overload
    def __call__(self, body: Sent, *, async_req: Yes, _return_http_data_only: Any = ...,
                 _preload_content: Yes = ..., _request_timeout: Timeout = ...
                 ) -> AsyncCall[Answer]: ...

    @overload
    def __call__(self, body: Sent, *, _preload_content: Literal[False], async_req: No = ...,
                 _return_http_data_only: Any = ..., _request_timeout: Timeout = ...
                 ) -> HTTPResponse: ...

    @overload
    def __call__(self, body: Sent, *, async_req: No = ..., _return_http_data_only: Any = ...,
                 _preload_content: Yes = ..., _request_timeout: Timeout = ...) -> Answer: ...


class BoundInfoMethod(Generic[Sent, Answer]):
    """``api.name_with_http_info(body, **options)``."""

    @overload
    def __call__(self, body: Sent, *, _request_timeout: Timeout = ...) -> Info[Answer]: ...

    @overload
    def __call__(self, body: Sent, **options: Any) -> Any: ...


class BoundImageAction(Generic[Answer]):
    """``api.name(image, model_name, configure)``."""

    def __call__(self, image: str, model_name: Optional[str] = '', configure: Configure = None,
                 **options: "Unpack[CallOptions]") -> Answer: ...


class BoundTextAction(Generic[Answer]):
    """``api.name(text, model_name, configure)``."""

    def __call__(self, text: str, model_name: Optional[str] = '', configure: Configure = None,
                 **options: "Unpack[CallOptions]") -> Answer: ...


class BodyMethod(Generic[Sent, Answer]):
    """A method that returns the answer."""

    def __get__(self, api: Any, owner: Any = None) -> BoundBodyMethod[Sent, Answer]: ...


class InfoMethod(Generic[Sent, Answer]):
    """A method that returns (answer, status, headers)."""

    def __get__(self, api: Any, owner: Any = None) -> BoundInfoMethod[Sent, Answer]: ...


class ImageAction(Generic[Answer]):
    """An analysis of one picture."""

    def __get__(self, api: Any, owner: Any = None) -> BoundImageAction[Answer]: ...


class TextAction(Generic[Answer]):
    """An analysis of one text."""

    def __get__(self, api: Any, owner: Any = None) -> BoundTextAction[Answer]: ...
