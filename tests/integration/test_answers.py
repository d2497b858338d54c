"""Answers that are none: a value or an ApiException comes out, never a half."""
import gzip
import json
import zlib

import pytest
import urllib3
from calls import check, client_of, job, name_of, text, train
from fault_server import OK_BODY, FaultServer, answer, head, ok, raw
from support.freed import is_gone_when_let_go

from ai_service_python_sdk import ApiException, Response, ResponseError

JSON = [('Content-Type', 'application/json')]


def chunk_size(part, extension=''):
    return '{:x}{}\r\n'.format(len(part), extension).encode('ascii')


def chunked(*parts, **options):
    body = b''.join(chunk_size(part) + part + b'\r\n' for part in parts)
    return head('Transfer-Encoding: chunked') + body + options.get('end', b'0\r\n\r\n')


NO_ENVELOPE = {
    'HTML under 200': b'<html><body>Welcome to the hotel</body></html>', 'nothing': b'',
    'blanks': b'   ', 'cut JSON': b'{"code": "OK", "data": {"job', 'a list': b'[{"code": "OK"}]',
    'text': b'"OK"', 'a number': b'7', 'true': b'true', 'not UTF-8': b'{"code": "\xff\xfe"}',
    'GBK': '{"message": "照片"}'.encode('gbk'), 'UTF-16': '{"code": "OK"}'.encode('utf-16'),
    '10,000 levels': b'[' * 10000, '100,000 levels of objects': b'{"a":' * 100000,
    'two objects': b'{"code":"OK"}{"code":"OK"}', 'NaN alone': b'NaN', 'a NUL': b'\x00',
    'single quotes': b"{'code': 'OK'}", 'a JavaScript call': b'callback({"code":"OK"})',
    'a trailing comma': b'{"code":"OK",}'}


@pytest.mark.parametrize('name', sorted(NO_ENVELOPE))
@pytest.mark.parametrize('call', [train, check], ids=name_of)
def test_a_success_that_is_no_envelope_is_a_response_error_with_all_of_it(name, call):
    body = NO_ENVELOPE[name]
    with FaultServer(answer(body)) as server:
        with pytest.raises(ResponseError) as caught:
            call(client_of(server.host, repeats=0))
    assert caught.value.status == 200 and caught.value.body == body
    assert caught.value.headers['Content-length'] == str(len(body))
    assert len(str(caught.value)) < 5000
    assert len(server.requests) == 1


VALUES = {
    'a BOM': b'\xef\xbb\xbf{"code": "OK"}', 'unknown fields': b'{"code": "OK", "more": [1]}',
    'a great number': b'{"code": "OK", "data": ' + b'9' * 4000 + b'}',
    'a great exponent': b'{"code": "OK", "data": 1e999}',
    'odd types': b'{"code": "OK", "message": {"a": 1}, "request_id": [3], "data": "x"}',
    'a doubled key': b'{"code": "no", "code": "OK"}', 'blanks around': b'\r\n {"code": "OK"} \n',
    'lone surrogates': b'{"code": "OK", "message": "\\ud83d"}',
    '500 levels in data': b'{"code": "OK", "data": ' + b'[' * 500 + b']' * 500 + b'}'}


@pytest.mark.parametrize('name', sorted(VALUES))
def test_an_odd_envelope_is_a_value(name):
    with FaultServer(answer(VALUES[name])) as server:
        response = train(client_of(server.host))
    assert isinstance(response, Response) and response.code == 'OK'
    assert response.job_id is None and response.model_id is None
    assert isinstance(repr(response), str)


def test_null_is_no_answer_as_in_the_old_sdk():
    with FaultServer(answer(b'null')) as server:
        assert text(client_of(server.host)) is None


@pytest.mark.parametrize('digits', [5000, 100000])
def test_a_gigantic_integer_is_a_value_or_an_api_exception(digits):
    body = b'{"code": "OK", "data": {"job_id": ' + b'9' * digits + b'}}'
    with FaultServer(answer(body)) as server:
        try:
            assert train(client_of(server.host)).code == 'OK'
        except ApiException as error:
            assert error.body == body


TRUNCATED = {
    'by length, in the middle': head('Content-Length: 500') + OK_BODY[:20],
    'by length, where the part parses': head('Content-Length: 500') + OK_BODY,
    'by length, nothing came': head('Content-Length: 500'),
    'chunked, no last chunk': chunked(OK_BODY, end=b''),
    'chunked, in a chunk': head('Transfer-Encoding: chunked') + b'50\r\n' + OK_BODY[:20],
    'chunked, a size beyond any memory': head('Transfer-Encoding: chunked')
    + b'f' * 20 + b'\r\n' + OK_BODY,
    'by length, beyond any memory': head('Content-Length: ' + '9' * 15) + OK_BODY,
    'by length, beyond any machine': head('Content-Length: ' + '9' * 30) + OK_BODY,
    'in the status line': b'HTTP/1.1 200', 'in a header': head()[:-2] + b'Content-Len',
    'between headers': b'HTTP/1.1 200 OK\r\nDate: today\r\n',
    'chunked, a size that is none': head('Transfer-Encoding: chunked') + b'zz\r\n' + OK_BODY,
    'gzip, cut': head('Content-Encoding: gzip', 'Content-Length: 30')
    + gzip.compress(OK_BODY)[:30],
    'gzip, cut where the part parses': head('Content-Encoding: gzip')
    + gzip.compress(OK_BODY + b' ' * 100000)[:-20],
    'deflate, cut where the part parses': head('Content-Encoding: deflate')
    + zlib.compress(OK_BODY + b' ' * 100000)[:-10],
    'gzip, broken': head('Content-Encoding: gzip', 'Content-Length: 20') + b'\x1f\x8b' + b'x' * 18,
    'gzip, none': head('Content-Encoding: gzip', 'Content-Length: %d' % len(OK_BODY)) + OK_BODY,
    'deflate, broken': head('Content-Encoding: deflate', 'Content-Length: 6') + b'abcdef'}


@pytest.mark.parametrize('name', sorted(TRUNCATED))
@pytest.mark.parametrize('call', [train, check], ids=name_of)
def test_a_part_of_an_answer_is_never_an_answer(name, call):
    with FaultServer(raw(TRUNCATED[name])) as server:
        with pytest.raises(ApiException) as caught:
            call(client_of(server.host, repeats=0))
    assert len(server.requests) == 1
    assert not isinstance(caught.value, (TypeError, ValueError))


@pytest.mark.parametrize('name', sorted(TRUNCATED))
def test_a_part_of_an_answer_is_no_answer_of_the_generic_call_either(name, tmp_path):
    with FaultServer(raw(TRUNCATED[name])) as server:
        client = client_of(server.host, lambda settings: setattr(
            settings, 'temp_folder_path', str(tmp_path)))
        with pytest.raises(ApiException):
            client.call_api('/any', 'POST', response_type='file')
    assert len(server.requests) == 1 and not list(tmp_path.iterdir())


@pytest.mark.parametrize('name', ['by length, in the middle', 'chunked, in a chunk', 'gzip, cut'])
def test_the_error_of_a_part_of_an_answer_is_gone_when_it_is_let_go(name):
    with FaultServer(raw(TRUNCATED[name])) as server:
        client = client_of(server.host, repeats=0)
        # A circle would keep the photos and the answer.
        assert is_gone_when_let_go(ApiException, lambda: train(client))


def test_a_raw_answer_that_is_cut_off_says_so_to_who_reads_it_bit_by_bit():
    with FaultServer(raw(TRUNCATED['by length, in the middle'])) as server:
        answered = train(client_of(server.host), _preload_content=False)
        with pytest.raises(urllib3.exceptions.HTTPError):
            while answered.read(4):
                pass


def test_a_part_of_an_error_is_an_error_too():
    with FaultServer(raw(b'HTTP/1.1 469 No\r\nContent-Length: 90\r\n\r\n{"code"')) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host))
    assert caught.value.status == 469


#: The head of an answer of this length.
LENGTH = head('Content-Length: %d' % len(OK_BODY))
WHOLE = {
    'chunked': chunked(OK_BODY[:10], OK_BODY[10:]), 'no length': head() + OK_BODY,
    'gzip': head('Content-Encoding: gzip', 'Content-Length: %d' % len(gzip.compress(OK_BODY, 9)))
    + gzip.compress(OK_BODY, 9),
    'deflate': head('Content-Encoding: deflate', 'Content-Length: %d'
                    % len(zlib.compress(OK_BODY))) + zlib.compress(OK_BODY),
    'HTTP/1.0': b'HTTP/1.0 200 OK\r\n\r\n' + OK_BODY,
    'a chunk with an extension': head('Transfer-Encoding: chunked')
    + chunk_size(OK_BODY, ';a=b') + OK_BODY + b'\r\n0\r\n\r\n',
    'the same length twice': head('Content-Length: %d' % len(OK_BODY),
                                  'Content-Length: %d' % len(OK_BODY)) + OK_BODY,
    'lines that end in LF': LENGTH.replace(b'\r', b'') + OK_BODY,
    'no reason': LENGTH.replace(b' OK', b'') + OK_BODY}


@pytest.mark.parametrize('name', sorted(WHOLE))
def test_every_way_to_send_a_whole_answer_works(name):
    with FaultServer(raw(WHOLE[name])) as server:
        assert train(client_of(server.host)).job_id == 11


@pytest.mark.parametrize('interim', [
    b'HTTP/1.1 100 Continue\r\n\r\n', b'HTTP/1.1 102 Processing\r\n\r\n',
    b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', b'HTTP/1.1 199 Odd\r\nX: 1\r\n\r\n',
    b'HTTP/1.1 102 Processing\r\n\r\n' * 5], ids=['100', '102', '103', '199', 'five'])
def test_an_interim_answer_is_skipped_and_no_paid_call_is_repeated(interim):
    with FaultServer(raw(interim + head('Content-Length: %d' % len(OK_BODY)) + OK_BODY, True),
                     ok) as server:
        client = client_of(server.host)
        assert [train(client).job_id, train(client).job_id] == [11, 11]
        assert len(server.requests) == 2


@pytest.mark.parametrize('lines', [
    ('Content-Length: 13', 'Content-Length: 300'), ('Content-Length: 13, 14',),
    ('Content-Length: -1',), ('Content-Length: thirteen',), ('Content-Length: 1e3',),
    ('Content-Length: ²',)],
    ids=repr)
def test_conflicting_lengths_are_refused(lines):
    with FaultServer(raw(head(*lines) + b'{"code":"OK"}')) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host))
    assert len(server.requests) == 1


@pytest.mark.parametrize('extra', [b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"code":"NO"}',
                                   b'\r\n', b'garbage', b'{"code":"NO"}'], ids=repr)
def test_bytes_after_the_end_never_answer_the_next_call(extra):
    first = head('Content-Length: %d' % len(OK_BODY)) + OK_BODY + extra
    with FaultServer(raw(first, keep=True), ok) as server:
        client = client_of(server.host)
        assert [job(client).code for _ in range(3)] == ['OK'] * 3
        assert len(server.requests) == 3


@pytest.mark.parametrize('data', [
    b'HTTP/1.1 200 OK\r\nX-Huge: ' + b'x' * 100000 + b'\r\n\r\n',
    b'HTTP/1.1 200 OK\r\n' + b'X-Many: 1\r\n' * 2000 + b'\r\n{"code":"OK"}',
    b'\x16\x03\x01\x00\x05hello', b'SSH-2.0-OpenSSH_9.0\r\n', b'HTTP/9.9 abc\r\n\r\n',
    b'HTTP/1.1 200 OK', b'\r\n\r\n\r\n', b'220 smtp ready\r\n', b'\x00' * 1000,
    b'HTTP/1.1 99999 Odd\r\n\r\n', b'HTTP/1.1 -1 Odd\r\n\r\n'], ids=lambda data: repr(data[:20]))
def test_what_breaks_http_is_an_api_exception(data):
    with FaultServer(raw(data)) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host))
        assert len(server.requests) == 1
    assert len(str(caught.value)) < 5000


@pytest.mark.parametrize('status', ['204 No Content', '205 Reset', '201 Created', '202 Accepted'])
@pytest.mark.parametrize('body', [b'', OK_BODY], ids=['empty', 'with an envelope'])
def test_a_success_without_a_body_gives_none_and_one_with_an_envelope_the_answer(status, body):
    with FaultServer(answer(body, status, keep=False)) as server:
        given = train(client_of(server.host))
        # A 204 has no body, whatever follows its head.
        assert given.code == 'OK' if body and status[:3] != '204' else given is None


def test_the_answer_of_a_picture_is_whole_or_an_error():
    from calls import create
    data = {'image': 'QUJD' * 500000, 'cost_time': 1.5, 'model_id': 'm'}
    body = json.dumps({'code': 'OK', 'data': data}).encode('ascii')
    with FaultServer(answer(body), raw(head('Content-Length: %d' % len(body))
                                       + body[:-100000])) as server:
        client = client_of(server.host)
        assert create(client).image_bytes == b'ABC' * 500000
        with pytest.raises(ApiException):
            create(client)


@pytest.mark.parametrize('digits', ['²', '٣', '1²', '', '+1', '1_0'])
def test_digits_that_are_no_number_are_no_value_and_no_error(digits):
    data = {'job_id': digits, 'job': {'id': digits, 'state': digits},
            'check_results': [{'code': digits}]}
    with FaultServer(answer(json.dumps({'code': 'OK', 'data': data}).encode('ascii'))) as server:
        client = client_of(server.host)
        answers = [train(client).job_id, job(client).job.id, job(client).job.state,
                   check(client).check_results[0].code]
    assert answers in ([None] * 4, [3] * 4)


def test_a_picture_that_is_no_base64_is_none_and_cannot_be_saved(tmp_path):
    from calls import create
    body = b'{"code": "OK", "data": {"image": "no base64!", "cost_time": "long"}}'
    with FaultServer(answer(body)) as server:
        portrait = create(client_of(server.host))
    assert portrait.image_bytes is None and portrait.cost_time is None
    with pytest.raises(ValueError):
        portrait.save_image(str(tmp_path / 'a.jpg'))
    assert not list(tmp_path.iterdir())


def test_cookies_are_not_kept_and_not_sent():
    with FaultServer(answer(headers=[('Set-Cookie', 'sid=1; Path=/')])) as server:
        client = client_of(server.host)
        for _ in range(3):
            train(client)
        assert not any('cookie' in request.headers for request in server.requests)
