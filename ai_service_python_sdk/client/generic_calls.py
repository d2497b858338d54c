"""The generic, unsigned call of the old SDK, ``ApiClient.call_api``, and its helpers."""
import os
from functools import partial
from urllib.parse import quote

from .deserialization import deserialize
from .serialization import sanitize, to_tuples

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Tuple
    from .api_client import ApiClient


def call_api(client: "ApiClient", path: str, method: str, path_params: "Any", query: "Any",
             headers: "Any", body: "Any", form: "Any", files: "Any", kind: "Any", auth: "Any",
             async_req: "Any", data_only: "Any", formats: "Any", preload: bool,
             timeout: "Any") -> "Any":
    """Make any call to the host; see :meth:`.ApiClient.call_api`."""
    final = dict(headers or {})
    final.update(client.default_headers)
    if client.cookie:
        final['Cookie'] = client.cookie
    pairs = to_tuples(sanitize(query), formats) if query else []
    client.update_params_for_auth(final, pairs, auth)
    fields = form_fields(form, files)
    fields = to_tuples(sanitize(fields), formats) if fields else []
    call = partial(_perform, client, method, _filled(client, path, path_params), pairs, final,
                   sanitize(body), fields, kind, data_only, preload, timeout)
    return client.in_background(call) if async_req else call()


def _perform(client: "ApiClient", method: str, path: str, query: "Any", headers: "Any",
             body: "Any", form: "Any", kind: "Any", data_only: "Any", preload: bool,
             timeout: "Any") -> "Any":
    answer = client.request(method, client.url(path), query, headers, form, body, preload, timeout)
    client.last_response = answer
    if not preload:
        return answer if data_only else (answer, answer.status, answer.headers)
    data = client.deserialize(answer, kind) if kind else None
    return data if data_only else (data, answer.status, answer.getheaders())


def _filled(client: "ApiClient", path: str, params: "Any") -> str:
    safe = client.configuration.safe_chars_for_path_param
    for name, value in to_tuples(sanitize(params), None) if params else []:
        path = path.replace('{' + name + '}', quote(str(value), safe=safe))
    # Anything else in front would become a part of the host.
    return path if path.startswith('/') else '/' + path


def form_fields(fields: "Any", files: "Any") -> "Any":
    """Return form fields and files as pairs; a file is (name, bytes, MIME type)."""
    pairs = list(fields or [])
    for name, paths in (files or {}).items():
        for path in (paths if isinstance(paths, list) else [paths]) if paths else []:
            pairs.append((name, _file_field(path)))
    return pairs


def _file_field(path: str) -> "Tuple[str, bytes, str]":
    import mimetypes
    with open(path, 'rb') as stream:
        kind = mimetypes.guess_type(path)[0] or 'application/octet-stream'
        return os.path.basename(path), stream.read(), kind


__all__ = ['call_api', 'deserialize', 'form_fields', 'sanitize', 'to_tuples']
