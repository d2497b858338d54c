"""From Python to the bytes that are signed and sent."""
import json
from datetime import date
from urllib.parse import quote, urlencode

from .address import complete
from .models.model import JSON, PRIMITIVE_TYPES, ordered

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple
    Pairs = List[Tuple[str, Any]]
    Encoded = Tuple[str, Dict[str, Any], Optional[bytes]]


def fields_of(model: "Any") -> "List[Tuple[str, Any]]":
    """Return a model's (key, value) pairs in wire order, without those that are None."""
    keys = model.attribute_map
    pairs = [(keys.get(name, name), getattr(model, name, None)) for name in model.swagger_types]
    return [pair for pair in pairs if pair[1] is not None]


def sanitized(value: "Any", again: "Callable[[Any], Any]") -> "Any":
    """Return a value with models as dicts and dates as text; tuples stay tuples.

    :param again: does the same with each value inside; a program may have overridden it.
    :raises AttributeError: an object of another kind.
    """
    if value is None or isinstance(value, PRIMITIVE_TYPES):
        return value
    if isinstance(value, (list, tuple)):
        items = [again(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, date):
        return value.isoformat()
    pairs = value.items() if isinstance(value, dict) else fields_of(value)
    return ordered([(key, again(item)) for key, item in pairs])


def _plain(value: "Any") -> "Any":
    """Turn what JSON does not know into what it knows: models and dates, wherever they stand."""
    # By attribute, not by class: a second, vendored copy of the SDK has models too.
    if hasattr(value, 'swagger_types'):
        return ordered(fields_of(value))
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError('a {}, which JSON cannot hold; give text, numbers, lists, dicts, dates or '
                    'request models'.format(type(value).__name__))


#: Methods that carry a body, ``{}`` when none is given; and all methods.
WITH_BODY = ('POST', 'PUT', 'PATCH', 'DELETE')
METHODS = ('GET', 'HEAD', 'OPTIONS') + WITH_BODY
_SEPARATORS = {'ssv': ' ', 'tsv': '\t', 'pipes': '|'}

_encode = json.JSONEncoder(default=_plain, allow_nan=False).encode


def to_json(value: "Any", name: str = 'body') -> bytes:
    """Serialize once: the bytes returned are the ones to sign and to send.

    :param name: what an error calls the value.
    :raises ValueError: NaN, an infinity, a circle, or endless depth.
    :raises TypeError: a value that JSON cannot hold.
    """
    try:
        return _encode(value).encode('ascii')
    except RuntimeError:
        raise ValueError('`{}` is nested too deeply to be sent'.format(name))
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind('`{}` cannot be sent as JSON: {}'.format(name, error))


def to_tuples(params: "Any", formats: "Optional[Dict[str, str]]") -> "List[Tuple[str, Any]]":
    """Return parameters as pairs, lists joined or repeated as their collection format says."""
    pairs = []  # type: List[Tuple[str, Any]]
    for name, value in params.items() if isinstance(params, dict) else params:
        kind = (formats or {}).get(name)
        if kind == 'multi':
            pairs.extend((name, item) for item in value)
        elif kind:
            pairs.append((name, _SEPARATORS.get(kind, ',').join(str(item) for item in value)))
        else:
            pairs.append((name, value))
    return pairs


def encode_request(method: str, url: str, query: "Optional[Pairs]",
                   headers: "Optional[Mapping[str, Any]]", body: "Any", form: "Any",
                   is_operation: bool = False) -> "Encoded":
    """Return URL, headers and bytes of a request.

    :param is_operation: whether the URL is complete, and the body JSON whatever Content-Type says.
    :raises ValueError: unknown method, or a body and form fields together.
    """
    verb = str(method).upper()
    if verb not in METHODS:
        raise ValueError('`method` is {!r}; must be one of {}'.format(method, ', '.join(METHODS)))
    if body is not None and form:
        raise ValueError('`body` and `post_params` were both given; a request has one of them')
    if not is_operation:  # an operation's is complete
        url = complete(url)
    if query:
        url += ('&' if '?' in url else '?') + urlencode(query)
    final = dict(headers or {})
    kind = final.setdefault('Content-Type', JSON)
    if verb not in WITH_BODY:
        return url, final, None
    return url, final, _encode_body(JSON if is_operation else kind, final, body, form)


def _encode_body(kind: str, headers: "Dict[str, Any]", body: "Any", form: "Any") -> bytes:
    if kind == 'application/x-www-form-urlencoded':
        return urlencode(form or [] if body is None else body).encode('ascii')
    if kind == 'multipart/form-data':
        from urllib3.filepost import encode_multipart_formdata
        data, headers['Content-Type'] = encode_multipart_formdata(form or [])
        return data
    if isinstance(body, bytes):
        return body
    if 'json' in kind.lower():
        return to_json({} if body is None else body)
    if isinstance(body, str):
        return body.encode('utf-8')
    from .errors.service import NotSentError
    raise NotSentError('a body of type {} cannot be sent as {}; give bytes or text'
                       .format(type(body).__name__, kind))


def filled(path: str, params: "Any", safe: str) -> str:
    """Return a path whose ``{name}`` marks are replaced by the quoted parameters."""
    for name, value in to_tuples(params, None):
        path = path.replace('{' + name + '}', quote(str(value), safe=safe))
    return path


def form_fields(fields: "Optional[Iterable[Any]]", files: "Any") -> "List[Any]":
    """Return form fields and files as pairs; a file is (name, bytes, MIME type)."""
    pairs = list(fields or [])
    for name, paths in (files or {}).items():
        if paths:
            paths = paths if isinstance(paths, list) else [paths]
            pairs.extend((name, _file_field(path)) for path in paths)
    return pairs


def _file_field(path: str) -> "Tuple[str, bytes, str]":
    import mimetypes
    import os
    with open(path, 'rb') as stream:
        kind = mimetypes.guess_type(path)[0] or 'application/octet-stream'
        return os.path.basename(path), stream.read(), kind
