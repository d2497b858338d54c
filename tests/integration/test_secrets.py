"""A known token and its signatures, pushed through everything that prints."""
import copy
import io
import json
import logging
import pickle
import re
import sys
import traceback

import pytest
from calls import check, client_of, create, job, text, train
from fault_server import FaultServer, answer, error, lost, ok, raw, reset, stall, unused_port

from ai_service_python_sdk import (
    AIGCImagesApi, ApiClient, ApiException, Configuration, ImageCheckError, PortraitStudio)
from ai_service_python_sdk.client.models.check_result import CheckResult
from ai_service_python_sdk.util.redact import mask_text
from ai_service_python_sdk.util.sign import explain

TOKEN = 'k3y-S3cret-t0ken'
SIGNATURE = re.compile(r'[0-9a-f]{64}')


def assert_clean(output):
    assert TOKEN not in output
    assert not SIGNATURE.search(output), output[:2000]


@pytest.fixture
def everything_logged():
    """All loggers at the lowest level, into one text."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter('%(name)s %(message)s %(args)r'))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


FAULTS = {
    'ok': ok, 'lost': lost, 'reset': reset, '401': error(401, 'PARAMETER_ERROR', 'sign error'),
    '500': error(500), '503': error(503), 'HTML': answer(b'<html>'), 'truncated':
    raw(b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{'), 'garbage': raw(b'\x00' * 50),
    'stall': stall, 'redirect': answer(b'', '307 Moved', [('Location', 'http://a.test/')])}


def echo(conversation, request):
    """A server that shows the request it got, as debugging proxies do."""
    shown = '\n'.join('{}: {}'.format(*pair) for pair in request.headers.items())
    return answer(shown.encode('utf-8'), '502 ' + request.headers['authorization'],
                  [('X-Echo', request.headers['authorization'])])(conversation, request)


FAULTS['echo'] = echo


@pytest.mark.parametrize('name', sorted(FAULTS))
@pytest.mark.parametrize('debug', [False, True], ids=['quiet', 'debug'])
def test_no_log_no_output_and_no_traceback_shows_a_secret(name, debug, everything_logged, capfd):
    with FaultServer(FAULTS[name]) as server:
        client = client_of(server.host, repeats=1)
        client.configuration.debug = debug
        for call in (train, check, job):
            try:
                call(client, _request_timeout=0.3)
            except ApiException:
                assert_clean(traceback.format_exc())
                try:
                    raise RuntimeError('the application failed too')
                except RuntimeError:
                    assert_clean(traceback.format_exc())
        client.configuration.debug = False
    assert_clean(everything_logged.getvalue())
    out, err = capfd.readouterr()
    assert_clean(out + err)
    assert not debug or 'aigc_images/train' in everything_logged.getvalue() + out + err


@pytest.mark.parametrize('name', sorted(set(FAULTS) - {'ok'}))
def test_no_error_shows_a_secret_in_any_form(name):
    with FaultServer(FAULTS[name]) as server:
        with pytest.raises(ApiException) as caught:
            create(client_of(server.host, repeats=0), _request_timeout=0.3)
    raised = caught.value
    shown = [str(raised), repr(raised), raised.hint or '']
    if name != 'echo':  # what a server sends back stays in body and headers as it came
        shown += [repr(raised.args), repr(vars(raised)), str(raised.reason)]
    for twin in (copy.deepcopy(raised), pickle.loads(pickle.dumps(raised))):
        shown += [str(twin), repr(twin)]
    assert_clean('\n'.join(shown))


def test_errors_hold_no_frame_whose_variables_hold_the_signature():
    with pytest.raises(ApiException) as caught:
        train(client_of('http://127.0.0.1:{}'.format(unused_port()), repeats=0))
    error = caught.value
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    assert getattr(error, 'request', None) is None


def variables_of(error):
    """What a tool that prints the variables of every frame of the SDK would print."""
    frames, found = [], error.__traceback__
    while found:
        if 'ai_service_python_sdk' in found.tb_frame.f_code.co_filename:
            frames.append(repr(found.tb_frame.f_locals))
        found = found.tb_next
    return '\n'.join(frames)


@pytest.mark.parametrize('name, settings', [
    ('X-Mine', {}), ('Cookie', {}), ('X-None', {}), ('Fine', {'appid': '照片'}),
    ('Fine', {'proxy': 'http://me:pr0xy-pw@127.0.0.1:9'}), ('Fine', {'timeout': 0.2})])
def test_no_variable_of_a_frame_of_an_error_is_a_secret(name, settings):
    with FaultServer(stall) as server:
        client = client_of(server.host, repeats=0)
        client.configuration.__dict__.update(settings)
        client.default_headers[name] = {'X-None': None, 'Fine': 'x'}.get(name, 'a\nb')
        with pytest.raises(Exception) as caught:
            train(client)
    assert_clean(variables_of(caught.value))
    assert 'pr0xy-pw' not in variables_of(caught.value)


def test_debugging_of_http_client_by_the_application_prints_no_signature(monkeypatch, capfd):
    monkeypatch.setattr('http.client.HTTPConnection.debuglevel', 1)
    with FaultServer() as server:
        train(client_of(server.host))
    assert_clean(''.join(capfd.readouterr()))


def test_client_configuration_and_reports_are_masked():
    client = ApiClient('http://me:pr0xy-pw@localhost', 'app', TOKEN)
    configuration = client.configuration
    configuration.proxy = 'http://me:pr0xy-pw@proxy.test:3128'
    configuration.password = 'basic-pw'
    configuration.api_key['Authorization'] = 'Bearer ' + TOKEN
    shown = ' '.join([repr(client), str(client), repr(configuration), str(configuration),
                      configuration.to_debug_report(), repr(client.rest_client),
                      str(AIGCImagesApi(client))])
    assert_clean(shown)
    assert 'pr0xy-pw' not in shown and 'basic-pw' not in shown


@pytest.mark.parametrize('pickler', [pickle.dumps, copy.deepcopy, copy.copy],
                         ids=['pickle', 'deepcopy', 'copy'])
def test_a_client_is_not_pickled_with_its_token(pickler):
    client = ApiClient('http://localhost', 'app', TOKEN)
    try:
        assert TOKEN.encode('ascii') not in pickle.dumps(pickler(client))
    except TypeError as error:
        assert TOKEN not in str(error)


def test_a_configuration_is_not_pickled_with_its_token():
    configuration = Configuration('http://localhost', 'app', TOKEN)
    try:
        assert TOKEN.encode('ascii') not in pickle.dumps(configuration)
    except TypeError as error:
        assert TOKEN not in str(error)


def test_a_signature_is_explained_without_the_token():
    steps = explain('app', TOKEN, 'POST', '/api/v1/text', b'{}')
    assert TOKEN not in repr(steps)


@pytest.mark.parametrize('secret', [
    'Authorization: app:' + 'ab' * 32, '"Authorization": "app:' + 'cd' * 32 + '"',
    "'Authorization', 'app:" + 'ef' * 32 + "'", 'Proxy-Authorization: Basic bWU6cHc=',
    'Cookie: sid=s3cr3t', 'Set-Cookie: sid=s3cr3t; Path=/', 'http://me:s3cr3t@proxy.test/'])
def test_the_one_redactor_knows_every_form(secret):
    shown = mask_text('before ' + secret + '\nafter')
    assert 'before' in shown and 'after' in shown
    for part in ('ab' * 32, 'cd' * 32, 'ef' * 32, 'bWU6cHc=', 's3cr3t'):
        assert part not in shown


def test_debug_off_prints_nothing(capfd):
    with FaultServer() as server:
        text(client_of(server.host))
    out, err = capfd.readouterr()
    assert out == '' and err == ''


def test_debug_on_leaves_the_http_client_of_the_application_alone():
    import http.client
    with FaultServer() as server:
        client = client_of(server.host)
        client.configuration.debug = True
        text(client)
        assert http.client.HTTPConnection.debuglevel == 0
        client.configuration.debug = False


def test_an_uncaught_error_prints_no_secret(tmp_path):
    import subprocess
    script = tmp_path / 'script.py'
    script.write_text(
        'from ai_service_python_sdk import AIGCImagesApi, ApiClient\n'
        'token = open({!r}).read()\n'
        'client = ApiClient("http://127.0.0.1:{}", "app", token)\n'
        'client.configuration.retry_policy = None\n'
        'AIGCImagesApi(client).aigc_images_train(["u"])\n'.format(
            str(tmp_path / 'token'), unused_port()))
    (tmp_path / 'token').write_text(TOKEN)
    from support import ROOT
    import os
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=dict(os.environ, PYTHONPATH=ROOT))
    output = process.communicate()[0].decode('utf-8', 'replace')
    assert process.returncode == 1 and 'ConnectFailedError' in output
    assert_clean(output)


@pytest.mark.skipif(sys.version_info < (3, 7), reason='a traceback cannot be made before')
@pytest.mark.parametrize('where', ['connect', 'sendall'])
def test_an_exception_of_others_in_the_middle_of_a_call_shows_no_signature_and_where_it_came_from(
        where, monkeypatch):
    class SoftTimeLimitExceeded(Exception):
        pass

    def raises(self, *args, **named):
        self.close()
        del args, named  # as a signal's handler, which is given none of it
        raise SoftTimeLimitExceeded()
    with FaultServer(ok) as server:
        client = client_of(server.host)
        with monkeypatch.context() as patch:
            patch.setattr('socket.socket.' + where, raises)
            with pytest.raises(SoftTimeLimitExceeded) as caught:
                train(client)
    shown = ''.join(traceback.TracebackException(
        type(caught.value), caught.value, caught.tb, capture_locals=True).format())
    assert_clean(shown)
    assert 'raise SoftTimeLimitExceeded' in shown


@pytest.mark.parametrize('proxy', ['user:s3cret@proxy:3128', 'http://user:s3cr@et@proxy',
                                   'http://us er:s3/cret@proxy'])
def test_a_proxys_password_is_in_no_repr(proxy):
    configuration = Configuration('http://h', 'a', 't')
    configuration.proxy = proxy
    for shown in (repr(configuration), configuration.to_debug_report()):
        assert not [part for part in ('cret', 's3c', 'et@') if part in shown] and 'proxy' in shown


SIGNED = 'https://b.oss-cn-shanghai.aliyuncs.com/a.jpg?who=O\'Brien x&Expires=1&Signature=S1GNED'


@pytest.mark.parametrize('status', [462, 500])
@pytest.mark.parametrize('url', [SIGNED, SIGNED.partition('://')[2]])
def test_a_signed_url_that_the_service_echoes_is_in_no_text_of_an_error(status, url):
    body = json.dumps({'code': 'error', 'message': 'cannot fetch "{}", says OSS'.format(url),
                       'request_id': 'r'}).encode('utf-8')
    with FaultServer(answer(body, '{} no'.format(status))) as server:
        with pytest.raises(ApiException) as caught:
            create(client_of(server.host, repeats=0))
    raised = caught.value
    shown = [str(raised), repr(raised), raised.summary, json.dumps(raised.to_dict())]
    assert not [text for text in shown if 'S1GNED' in text]
    assert all('b.oss-cn-shanghai.aliyuncs.com/a.jpg' in text for text in shown[:1] + shown[2:])
    assert 'says OSS' in raised.to_dict()['message']
    assert raised.body == body  # programs of the older SDK read it


def test_a_photo_that_a_check_refuses_is_named_without_its_signature():
    failure = CheckResult({'code': 2, 'url': SIGNED, 'message': 'at ' + SIGNED})
    error = ImageCheckError([failure])
    assert 'S1GNED' not in str(error) + json.dumps(error.to_dict())
    assert error.photos()[0]['url'] == 'https://b.oss-cn-shanghai.aliyuncs.com/a.jpg'


def test_an_address_without_a_scheme_is_refused_without_its_signature():
    with ApiClient('http://127.0.0.1:1', 'a', 't') as client:
        studio = PortraitStudio(client)
        with pytest.raises(ValueError) as caught:
            studio.train(['b.oss.com/{}.jpg?Signature=S1GNED'.format(n) for n in range(5)])
        result, = studio.create_many([('m', 'b.oss.com/a.jpg?Signature=S1GNED')])
    assert 'b.oss.com/0.jpg' in str(caught.value) and 'S1GNED' not in str(caught.value)
    assert 'S1GNED' not in json.dumps(result.to_dict()) and not result.ok


def test_no_command_shows_the_signature_of_an_address_without_a_scheme(capsys, monkeypatch):
    from ai_service_python_sdk.cli import main
    for name in ('HOST', 'APP_ID', 'TOKEN'):
        monkeypatch.setenv('AI_SERVICE_' + name, 'http://127.0.0.1:1')
    assert main(['check', 'b.oss.com/a.jpg?Signature=S1GNED']) == 2
    out, err = capsys.readouterr()
    assert 'b.oss.com/a.jpg' in err and 'S1GNED' not in out + err
