"""One call of an operation: serialize once, sign those bytes, send those bytes, read into a model.

Loaded with the first call, so that importing the client does not load what only a call needs.
"""
from functools import partial

from ..util.sign import build_sign_string, create_sign
from .exceptions import ResponseError
from .timeouts import limits_of
from .address import Outgoing
from .serialization import as_text, from_json, to_json

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    from .answer import RESTResponse
    from .api_client import ApiClient
    from .operation import Operation


def call_operation(client: "ApiClient", operation: "Operation[Any]", path: str, body: "Any",
                   options: "Dict[str, Any]", data_only: bool) -> "Any":
    """Make one call, in the background if ``options`` say so.

    :param body: a request model, bytes, or None for no body.
    """
    frozen = to_json(body) if hasattr(body, 'swagger_types') else body
    get = options.get
    limits = limits_of(get('_request_timeout', client.configuration.timeout))
    outgoing = Outgoing(operation.method, client.url(path), frozen,
                        partial(_signed_headers, client, operation, frozen),
                        operation.repeatable, path)
    arguments = (client, outgoing, limits, operation.answers, get('_preload_content', True),
                 data_only or bool(get('_return_http_data_only')))
    if get('async_req'):
        return client.in_background(partial(_perform, *arguments))
    return _perform(*arguments)


def _signed_headers(client: "ApiClient", operation: "Operation[Any]", body: "Optional[bytes]",
                    path: str) -> "Dict[str, Any]":
    """Return the headers of a request that leaves now, signed over exactly its bytes."""
    configuration = client.configuration
    configuration.check_credentials()
    headers = dict(operation.headers)  # type: Dict[str, Any]
    sign = create_sign(build_sign_string(operation.method, path, body or b''),
                       configuration.token)
    headers['Authorization'] = configuration.appid + ':' + sign
    headers.update(client.default_headers)
    if client.cookie:
        headers['Cookie'] = client.cookie
    if configuration.api_key or configuration.refresh_api_key_hook:
        client.update_params_for_auth(headers, None, ('auth', 'requestTime'))
    return headers


def _perform(client: "ApiClient", outgoing: "Outgoing", limits: "Any", kind: "Any", preload: bool,
             data_only: bool) -> "Any":
    answer = client.rest_client.exchange(outgoing, limits, preload)
    client.last_response = answer
    data = _model(client, answer, kind) if preload else answer
    if data_only:
        return data
    raw = answer.urllib3_response if preload else answer
    return data, answer.status, raw.headers


def _model(client: "ApiClient", answer: "RESTResponse", kind: "Any") -> "Any":
    problem = 'is no JSON object'
    try:
        envelope = _decoded(answer, client.configuration.last_response_limit)
    except ValueError as error:
        envelope, problem = False, 'cannot be read as JSON: {}'.format(error)
    if envelope is not None and not isinstance(envelope, dict):
        raise ResponseError(http_resp=answer, why='the answer ' + problem)
    return envelope if envelope is None else kind.from_envelope(envelope)


def _decoded(answer: "RESTResponse", limit: int) -> "Any":
    """Decode the body; a large one is let go before its JSON makes another copy of a picture."""
    body = answer.data or b''
    if len(body) <= limit:
        return from_json(body)
    text = as_text(body)
    body = answer.data = None  # type: ignore[assignment]
    envelope = None
    try:
        envelope = from_json(text)
        return envelope
    finally:
        if not isinstance(envelope, dict):  # an error is coming, which shows the body
            answer.data = text.encode('utf-8')
