"""What type checkers see of the methods that rows yield; there is nothing of it at run time."""
from typing import Any, Generic, Optional, TypeVar, overload

from typing_extensions import Literal, TypedDict, Unpack
from urllib3.response import HTTPResponse

from .background import AsyncCall
from .configuration import Timeout
from .models.request import Configure

Sent = TypeVar('Sent')
Answer = TypeVar('Answer')
Yes = Literal[True]
No = Optional[Literal[False]]

#: What convenience methods take besides their arguments; ``async_req`` and the like change what
#: is returned and are typed on the ``_post`` forms.
CallOptions = TypedDict('CallOptions', {'_request_timeout': Timeout}, total=False)


class BodyMethod(Generic[Sent, Answer]):
    """``api.name(body, **options)``, which returns the answer."""

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


class ImageAction(Generic[Answer]):
    """``api.name(image, model_name, configure)``, an analysis of one picture."""

    def __call__(self, image: str, model_name: Optional[str] = '', configure: Configure = None,
                 **options: "Unpack[CallOptions]") -> Answer: ...


class TextAction(Generic[Answer]):
    """``api.name(text, model_name, configure)``, an analysis of one text."""

    def __call__(self, text: str, model_name: Optional[str] = '', configure: Configure = None,
                 **options: "Unpack[CallOptions]") -> Answer: ...
