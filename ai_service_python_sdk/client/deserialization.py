"""Turning an answer into the type that the operation, or the caller of ``call_api``, names."""
import json
import os
import re
import tempfile
from datetime import date, datetime

from .configuration import DEFAULT_LAST_RESPONSE_LIMIT
from .errors.base import ApiException
from .errors.service import ResponseError
from .models.model import NATIVE_TYPES

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional, Union

_LIST = re.compile(r'list\[(.*)\]\Z')
_DICT = re.compile(r'dict\(([^,]*), (.*)\)\Z')
_FILE_NAME = re.compile(r'filename=[\'"]?([^\'"\s;]+)[\'"]?', re.IGNORECASE)

_decode = json.JSONDecoder().decode


def deserialize(response: "Any", kind: "Any", folder: "Optional[str]" = None,
                kept: int = DEFAULT_LAST_RESPONSE_LIMIT) -> "Any":
    """Read an answer's body as a type; what is not JSON is passed on as bytes.

    :param response: has ``data`` (bytes), ``status`` and ``getheader()``.
    :param kind: a class, or a name such as ``int``, ``list[str]``, ``dict(str, Response)``,
        ``file`` (written to ``folder``, the path is returned).
    :param kept: bytes; a longer body of an answer of the service is let go, so that a picture
        is not held twice.
    :return: None for a success without a body (202, 204, 205 and the like).
    :raises ApiException: the answer is not the list, object or model that is named, with its
        status and body; a text that is not a date, with status 0.
    :raises AttributeError: an unknown name.
    """
    if kind == 'file':
        return save_file(response, folder)
    if isinstance(kind, str) and kind not in NATIVE_TYPES and kind.isidentifier():
        kind = _model_named(kind)
    if not response.data and getattr(response, 'status', 0) in range(201, 300):
        return None
    if hasattr(kind, 'from_envelope'):
        return _answer(response, kind, kept)
    try:
        value = from_json(response.data)
    except ValueError:
        value = response.data
    try:
        return convert(value, kind)
    except (TypeError, ValueError):
        why = 'the answer is not a {}'.format(kind if isinstance(kind, str) else kind.__name__)
    raise ResponseError(http_resp=response, why=why)


def _answer(response: "Any", kind: "Any", kept: int) -> "Any":
    text = response.data or b''  # type: Any
    # A double's is kept whole: the double may answer with it again.
    is_large = getattr(response, 'is_read', None) is True and (
        kept is not None and len(text) > kept)
    why = 'the answer is not a JSON object'
    try:
        if not isinstance(text, str):  # a double's may be
            text = text.decode('utf-8-sig')
        if is_large:  # its JSON makes another copy of a picture
            response.data = None
        envelope = from_json(text)
    except ValueError as error:
        why = 'the answer cannot be read as JSON: {}'.format(error)
    else:
        if envelope is None or isinstance(envelope, dict):
            return None if envelope is None else kind.from_envelope(envelope)
    if response.data is None and text:
        response.data = text.encode('utf-8')  # the error shows it
    raise ResponseError(http_resp=response, why=why)


def from_json(data: "Union[bytes, str]") -> "Any":
    """Decode an answer's bytes, or their text.

    :raises ValueError: they are not JSON in UTF-8, or nested beyond what Python can hold.
    """
    try:
        return _decode(data.decode('utf-8-sig') if isinstance(data, (bytes, bytearray)) else data)
    except (RuntimeError, MemoryError):  # RecursionError, on Python 3.4 without that name
        raise ValueError('too large or nested too deeply')


def convert(value: "Any", kind: "Any") -> "Any":
    """Convert decoded JSON to a type or a type name.

    :raises TypeError, ValueError: it is not the list, object or model that is named.
    """
    if value is None or not kind:
        return None
    if isinstance(kind, str):
        listed, mapped = _LIST.match(kind), _DICT.match(kind)
        if listed:
            return [convert(item, listed.group(1)) for item in _checked(value, list)]
        if mapped:
            pairs = _checked(value, dict).items()
            return dict((key, convert(item, mapped.group(2))) for key, item in pairs)
        if kind not in NATIVE_TYPES:
            return convert(value, _model_named(kind))
        kind = NATIVE_TYPES[kind]
    if kind in (date, datetime):
        return _date(value, kind)
    if hasattr(kind, 'swagger_types'):
        return _model(value, kind)
    return value if kind is object else _primitive(value, kind)


def _checked(value: "Any", kind: type) -> "Any":
    if not isinstance(value, kind):
        raise TypeError('not a ' + kind.__name__)
    return value


def _model_named(name: str) -> "Any":
    from . import models
    return getattr(models, name)


def _model(value: "Any", kind: "Any") -> "Any":
    get, keys = _checked(value, dict).get, kind.attribute_map
    return kind(**dict((name, convert(get(keys[name]), type_name))
                       for name, type_name in kind.swagger_types.items()))


def _primitive(value: "Any", kind: "Any") -> "Any":
    try:
        return value if isinstance(value, bytes) else kind(value)
    except (TypeError, ValueError):
        return value


def _date(value: "Any", kind: "Any") -> "Any":
    from dateutil import parser
    try:
        moment = parser.parse(value)
    except (TypeError, ValueError, OverflowError):
        raise ApiException(status=0, reason='`{!r}` is not a {}'.format(value, kind.__name__))
    return moment.date() if kind is date else moment


def save_file(response: "Any", folder: "Optional[str]") -> str:
    """Write the body to a new file in a folder and return its path.

    It has the name that the answer gives, or another one where that is taken or unusable.
    """
    found = _FILE_NAME.search(response.getheader('Content-Disposition') or '')
    name = re.sub(r'[^\w.-]', '_', found.group(1)) if found else ''
    folder = folder or tempfile.mkdtemp()
    path = os.path.join(folder, name)
    try:
        stream = open(path, 'xb')  # type: Any
    except OSError:
        handle, path = tempfile.mkstemp(dir=folder)
        stream = os.fdopen(handle, 'wb')
    with stream:
        stream.write(response.data)
    return path
