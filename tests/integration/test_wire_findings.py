"""Lies of answers and proxies, packed answers, control characters, and what errors then say."""
import gzip
import signal
import socket
import sys
import threading
import time
import zlib

import pytest
import requests
from calls import TOKEN, check, client_of, create, job, train
from fault_server import FaultServer, answer, head, lost, raw, stall, unused_port

from ai_service_python_sdk import (
    AIGCImagesApi, ApiClient, ApiException, BadAnswerError, Configuration, PortraitConfigure)

CHUNKED = head('Transfer-Encoding: chunked')
LIES = {
    'a negative chunk': CHUNKED + b'-5\r\nhello\r\n0\r\n\r\n',
    'a chunk of no number': CHUNKED + b'zz\r\nhello\r\n0\r\n\r\n',
    'an endless chunk': CHUNKED + b'ffffffffffffffffff\r\nhello',
    'a chunk cut off': CHUNKED + b'5\r\nhe',
    'no last chunk': CHUNKED + b'5\r\nhello\r\n',
    'an empty size of a chunk': CHUNKED + b'\r\n',
    'a chunk size with an underscore': CHUNKED + b'1_0\r\nhello\r\n0\r\n\r\n',
    'a negative length': head('Content-Length: -1') + b'{}',
    'a length of no number': head('Content-Length: ten') + b'{}',
    'a length with an underscore': head('Content-Length: 1_0') + b'0123456789',
    'two lengths': head('Content-Length: 2', 'Content-Length: 3') + b'{}x',
    'an enormous length': head('Content-Length: ' + '9' * 4000) + b'{}',
    'a length of 5000 digits': head('Content-Length: ' + '9' * 5000) + b'{}',
    'a length of 900 MB': head('Content-Length: 900000000') + b'{}',
    'a broken gzip': head('Content-Encoding: gzip', 'Content-Length: 4') + b'abcd',
    'half a gzip': head('Content-Encoding: gzip', 'Content-Length: 20')
    + gzip.compress(b'{"code": "OK", "data": {}}' * 20)[:20],
    'a broken deflate': head('Content-Encoding: deflate', 'Content-Length: 4') + b'abcd',
    'gzip in gzip, broken': head('Content-Encoding: gzip, gzip') + gzip.compress(b'abcd'),
    'a status of no number': b'HTTP/1.1 abc OK\r\n\r\n',
    'a status of 99': b'HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n',
    'a status of 1000': b'HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n',
    'HTTP/9': b'HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    'not HTTP': b'SSH-2.0-OpenSSH_9.6\r\n',
    'too many headers': b'HTTP/1.1 200 OK\r\n' + b'a: b\r\n' * 200 + b'\r\n{}',
    'a header too long': b'HTTP/1.1 200 OK\r\na: ' + b'b' * 70000 + b'\r\n\r\n{}',
    'nothing': b'',
}


@pytest.mark.parametrize('name', sorted(LIES))
@pytest.mark.parametrize('call', [train, job], ids=['train', 'job'])
def test_a_lie_of_an_answer_is_an_api_exception_that_leaves_the_call_in_doubt(call, name):
    with FaultServer(raw(LIES[name])) as server:
        with pytest.raises(ApiException) as caught:
            call(client_of(server.host, repeats=0))
    assert len(server.requests) == 1
    assert not caught.value.safe_to_repeat
    assert not getattr(caught.value, 'never_left', False)
    str(caught.value)


@pytest.mark.parametrize('status', [202, 204, 205, 201, 206])
@pytest.mark.parametrize('call', [train, check, job], ids=['train', 'check', 'job'])
def test_an_empty_success_is_none(call, status):
    with FaultServer(answer(b'', '{} Fine'.format(status))) as server:
        assert call(client_of(server.host)) is None


def proxied(proxy, host='http://service.example.com', **policy):
    def configure(configuration):
        configuration.proxy = proxy
    return client_of(host, configure, **dict(dict(repeats=0), **policy))


def test_a_socks_proxy_without_its_package_is_said_and_nothing_was_sent(monkeypatch):
    def missing(*args, **kwargs):
        raise requests.exceptions.InvalidSchema('Missing dependencies for SOCKS support.')
    monkeypatch.setattr('requests.adapters.SOCKSProxyManager', missing)
    with pytest.raises(ApiException) as caught:
        train(proxied('socks5://127.0.0.1:{}'.format(unused_port())))
    assert caught.value.never_left and caught.value.safe_to_repeat
    assert 'SOCKS' in str(caught.value)


def test_a_socks_proxy_carries_the_call_and_is_not_gone_around():
    pytest.importorskip('socks', reason='PySocks, of requests[socks]')
    port = unused_port()
    with FaultServer() as server:
        with pytest.raises(ApiException) as caught:
            train(proxied('socks5://127.0.0.1:{}'.format(port), server.host))
        assert server.requests == [] and caught.value.never_left
        with Socks(server.port) as proxy:
            line = proxied('socks5://127.0.0.1:{}'.format(proxy.port), server.host)
            assert train(line).job_id == train(line).job_id == 11
            line.close()
        assert proxy.count == 1 and len(server.requests) == 2


class Socks(object):
    """A SOCKS5 proxy that leads every connection to one port."""

    def __init__(self, to):
        self.to, self.count = to, 0
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(5)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        thread = threading.Thread(target=self.serve)
        thread.daemon = True
        thread.start()
        return self

    def __exit__(self, *exc):
        self.listener.close()

    def serve(self):
        try:
            one, _ = self.listener.accept()
        except OSError:
            return
        self.count += 1
        one.recv(16)
        one.sendall(b'\x05\x00')
        one.recv(300)
        other = socket.create_connection(('127.0.0.1', self.to))
        one.sendall(b'\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00')
        back = threading.Thread(target=self.copy, args=(other, one))
        back.daemon = True
        back.start()
        self.copy(one, other)

    @staticmethod
    def copy(source, target):
        try:
            data = source.recv(65536)
            while data:
                target.sendall(data)
                data = source.recv(65536)
        except OSError:
            pass
        for sock in (source, target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()


REFUSALS = {'closed': b'', 'half a line': b'HTTP/1.1 2', '407':
            b'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
            '502': b'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n', 'garbage': b'\0\1\2'}


@pytest.mark.parametrize('name', sorted(REFUSALS))
def test_a_tunnel_that_never_opened_is_certain_and_the_hint_says_so(name):
    with FaultServer(raw(REFUSALS[name])) as proxy:
        with pytest.raises(ApiException) as caught:
            train(proxied(proxy.host, 'https://service.example.com', repeats=0))
    raised = caught.value
    assert raised.never_left and raised.safe_to_repeat and not raised.is_in_doubt
    assert 'Nothing was sent' in str(raised) and 'not known' not in str(raised)
    assert [one.method for one in proxy.requests] == ['CONNECT']


def test_a_proxy_that_wants_a_password_answers_a_plain_call_with_its_status():
    with FaultServer(raw(REFUSALS['407'])) as proxy:
        with pytest.raises(ApiException) as caught:
            train(proxied(proxy.host))
    assert caught.value.status == 407 and len(proxy.requests) == 1


@pytest.mark.parametrize('character', ['\0', '\x01', '\x0b', '\x1f', '\x7f', '\r', '\n'])
@pytest.mark.parametrize('place', ['appid', 'cookie', 'user_agent', 'default', 'name'])
def test_control_characters_of_a_header_never_leave(place, character):
    value = 'a{}b'.format(character)
    with FaultServer() as server:
        client = client_of(server.host)
        if place == 'appid':
            client.configuration.appid = value
        elif place == 'default':
            client.set_default_header('X-Mine', value)
        elif place == 'name':
            client.set_default_header(value, 'fine')
        else:
            setattr(client, place, value)
        with pytest.raises(ValueError):
            train(client)
    assert server.requests == []


def test_a_tab_in_a_header_is_fine():
    with FaultServer() as server:
        client = client_of(server.host)
        client.set_default_header('X-Mine', 'a\tb')
        train(client)
    assert server.requests[0].headers['x-mine'] == 'a\tb'


def packers():
    yield 'gzip', gzip.compress
    yield 'deflate', zlib.compress
    for name, package in (('br', 'brotli'), ('zstd', 'zstandard')):
        try:
            yield name, getattr(__import__(package), 'compress')
        except ImportError:
            yield name, None


@pytest.mark.parametrize('name, pack', list(packers()), ids=lambda value: value
                         if isinstance(value, str) else '')
@pytest.mark.parametrize('is_chunked', [False, True], ids=['length', 'chunked'])
def test_unpacking_ends_at_the_limit_of_size(name, pack, is_chunked):
    if pack is None:
        pytest.skip('{} is not installed'.format(name))
    body = pack(b'{"data": "' + b'0' * 30000000 + b'"}')
    assert len(body) < 200000
    headers = [('Content-Encoding', name)]
    sent = answer(body, headers=headers)
    if is_chunked:
        chunk = '{:x}\r\n'.format(len(body)).encode('ascii') + body + b'\r\n0\r\n\r\n'
        sent = answer(chunk, headers=headers + [('Transfer-Encoding', 'chunked')], length=False)
    with FaultServer(sent) as server:
        client = client_of(server.host, repeats=0)
        client.configuration.answer_limit = 1000000
        try:
            result = train(client)
        except ApiException as error:
            assert 'answer_limit' in str(error) or name in ('br', 'zstd'), str(error)
            assert not error.safe_to_repeat
        else:  # urllib3 does not know this packing
            raise AssertionError(result)


def test_unpacking_ends_at_the_limit_of_time():
    body = gzip.compress(b'0' * 300000000, 1)
    with FaultServer(answer(body, headers=[('Content-Encoding', 'gzip')])) as server:
        client = client_of(server.host, repeats=0)
        begun = time.time()
        with pytest.raises(ApiException):
            train(client, _request_timeout=0.3)
    assert time.time() - begun < 4  # the whole takes longer than that


def test_a_body_over_the_limit_is_refused_before_and_while_it_is_read():
    for sent in (answer(b'[' + b'0' * 2000 + b']'),
                 answer(b'[' + b'0' * 2000 + b']', length=False, keep=False)):
        with FaultServer(sent) as server:
            client = client_of(server.host, repeats=0)
            client.configuration.answer_limit = 1000
            with pytest.raises(BadAnswerError) as caught:
                create(client)
        assert 'answer_limit' in str(caught.value) and not caught.value.safe_to_repeat


def test_an_answer_over_the_limit_is_not_asked_for_again():
    with FaultServer(answer(b'[' + b'0' * 2000 + b']')) as server:
        client = client_of(server.host)
        client.configuration.answer_limit = 1000
        with pytest.raises(BadAnswerError):
            check(client)
    assert len(server.requests) == 1


def test_a_picture_of_200_mb_passes_by_default():
    assert Configuration('http://h', 'a', 't').answer_limit > 200 * 1024 * 1024 * 4 / 3


# What frames hold


def frames_of(error):
    """Yield (place, repr of a variable) of every frame of an error and of all behind it."""
    seen, waiting = set(), [error]
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        waiting += [error.__cause__, error.__context__]
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            if code.co_filename != __file__:
                for name, value in step.tb_frame.f_locals.items():
                    try:
                        shown = repr(value)
                    except Exception:
                        shown = ''
                    yield '{}:{} {}'.format(code.co_filename, step.tb_lineno, name), shown
                    if isinstance(value, dict):
                        for key, item in value.items():
                            yield '{}:{}[{}]'.format(code.co_filename, name, key), repr(item)
            step = step.tb_next


def assert_no_secret(error, secret, signature):
    for place, shown in frames_of(error):
        assert secret not in shown, place
        assert signature not in shown, place


@pytest.fixture
def signature(monkeypatch):
    """What every signature of this test is."""
    made = 'f00d' * 16
    monkeypatch.setattr('ai_service_python_sdk.client.api_client.create_sign',
                        lambda *args: made)
    return made


@pytest.mark.parametrize('token', ['t\udc80ken-secret', 'secret\ud800'])
def test_a_token_that_cannot_be_encoded_stands_in_no_frame(token):
    client = ApiClient('http://127.0.0.1:9', 'app', token)
    with pytest.raises(Exception) as caught:
        train(client)
    assert_no_secret(caught.value, 'secret', 'not-made')
    assert 'secret' not in str(caught.value) + repr(caught.value) + repr(caught.value.args)


def test_a_hook_of_the_key_that_raises_shows_no_secret(signature):
    client = client_of('http://127.0.0.1:9')

    def refresh(configuration):
        raise RuntimeError('no')
    client.configuration.refresh_api_key_hook = refresh
    client.configuration.api_key = {'auth': 'x', 'Authorization': 'x'}
    with pytest.raises(RuntimeError) as caught:
        train(client)
        client.configuration.get_api_key_with_prefix('auth')
    assert_no_secret(caught.value, TOKEN, signature)


@pytest.mark.skipif(not hasattr(signal, 'pthread_kill'), reason='needs signals of POSIX')
@pytest.mark.parametrize('moment', ['reading the head', 'reading the body', 'sending'])
def test_ctrl_c_shows_no_secret_in_any_frame(moment, signature, ctrl_c):
    def interrupt(conversation, request):
        if moment == 'reading the body':
            conversation.send(head('Content-Length: 100') + b'{')
        conversation.wait(0.2)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return stall(conversation, request)

    # A greeting takes nothing of the request: the sockets are soon full.
    is_sent = moment != 'sending'
    with FaultServer(interrupt, greeting=None if is_sent else interrupt) as server:
        photo = 'http://h/' + ('' if is_sent else 'a' * 10000000)
        with pytest.raises(KeyboardInterrupt) as caught:
            AIGCImagesApi(client_of(server.host)).aigc_images_train([photo])
    assert_no_secret(caught.value, TOKEN, signature)


@pytest.mark.parametrize('action', [stall, raw(b'\0'), answer(b'<html>'), raw(b'')],
                         ids=['stall', 'garbage', 'HTML', 'lost'])
def test_no_frame_of_an_error_of_the_wire_holds_a_secret(action, signature):
    with FaultServer(action) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host, repeats=0), _request_timeout=0.3)
    assert_no_secret(caught.value, TOKEN, signature)


def test_an_error_that_a_session_of_the_users_raises_from_that_of_the_wire_shows_no_secret(
        signature):
    class Session(requests.Session):
        def send(self, request, **options):
            try:
                return super(Session, self).send(request, **options)
            except requests.RequestException as error:
                raise RuntimeError('the network failed') from error

    with FaultServer(lost) as server, Session() as session:
        client = client_of(server.host, repeats=0)
        client.configuration.session = session
        with pytest.raises(RuntimeError, match='the network failed') as caught:
            train(client)
    assert isinstance(caught.value.__cause__, requests.RequestException)
    assert_no_secret(caught.value, TOKEN, signature)


# The pool, old names, small things


def test_as_many_connections_are_opened_as_calls_run_at_once():
    with FaultServer() as server:
        client = client_of(server.host)
        client.configuration.timeout = 30
        client._expect(64)
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(64) as threads:
            list(threads.map(lambda _: check(client), range(2000)))
        client.close()
    assert len(server.requests) == 2000 and server.connections <= 64


def test_a_configure_is_checked_however_it_is_filled():
    configure = PortraitConfigure({'lora_weights': 0.9})
    assert configure == {'lora_weights': 0.9}
    with pytest.raises(ValueError):
        PortraitConfigure({'lora_weights': 99})
    with pytest.raises(ValueError):
        configure.update({'lora_weights': 99})
    with pytest.raises(ValueError):
        configure.setdefault('lora_weights', 99) and configure.update(lora_weights=99)
    if sys.version_info >= (3, 9):
        with pytest.raises(ValueError):
            configure |= {'lora_weights': 99}
    assert configure == {'lora_weights': 0.9}


def test_a_body_of_an_unknown_type_is_the_old_error():
    with FaultServer() as server:
        with pytest.raises(ApiException) as caught:
            client_of(server.host).rest_client.request(
                'POST', server.host + '/x', headers={'Content-Type': 'x/y'}, body=object())
    assert caught.value.status == 0 and caught.value.safe_to_repeat and server.requests == []


def test_text_can_be_deserialized_as_a_file(tmp_path):
    named = answer(b'abc', headers=[('Content-Disposition', 'filename=a.txt')])
    with FaultServer(named) as server:
        line = client_of(server.host)
        line.configuration.temp_folder_path = str(tmp_path)
        path = line.call_api('/x', 'GET', response_type='file', _return_http_data_only=True)
        with open(path, 'rb') as stream:
            assert stream.read() == b'abc'


def test_an_old_program_may_hand_over_text_of_no_answer_at_all():
    client = ApiClient('http://h', 'a', 't')
    with pytest.raises((ApiException, AttributeError)) as caught:
        client.deserialize('text', 'file')
    assert not isinstance(caught.value, TypeError)


@pytest.mark.parametrize('value', ['{0}, {0}', '{0},{0}'])
def test_a_length_that_is_said_twice_in_one_line_ends_the_answer(value):
    held = threading.Event()
    body = b'{"code": "OK", "data": {"job_id": 11}}'
    sent = head('Content-Length: ' + value.format(len(body))) + body
    with FaultServer(raw(sent, then=lambda conversation: held.wait(20))) as server:
        try:
            assert train(client_of(server.host, repeats=0)).job_id == 11
        finally:
            held.set()


@pytest.mark.parametrize('begin, again', [
    (b'', b'HTTP/1.1 100 Continue\r\n\r\n'), (b'', b'HTTP/1.1 102 Processing\r\n\r\n'),
    (CHUNKED + b'2\r\n{}\r\n0\r\n', b'a')], ids=['100', '102', 'one trailer'])
def test_an_answer_without_an_end_is_read_to_a_limit(begin, again):
    def endless(conversation, request):
        conversation.send(begin)
        while not conversation.server.stopped.is_set():
            conversation.send(again * 1000)

    with FaultServer(endless) as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host, repeats=0))
    assert not caught.value.safe_to_repeat and caught.value.is_in_doubt
