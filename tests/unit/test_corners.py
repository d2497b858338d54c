"""Rarely walked ways: what odd arguments, moments and machines meet, each with a defined end."""
import io
import json
import locale
import logging
import pickle
import socket
import sys

import pytest

from ai_service_python_sdk import ApiClient, Configuration, ImageQAResponse, PortraitConfigure
from ai_service_python_sdk.cli.output import Output
from ai_service_python_sdk.client import deserialization, serialization
from ai_service_python_sdk.client.transport import session as transport
from ai_service_python_sdk.client.background import AsyncCall, AsyncCalls
from ai_service_python_sdk.client.transport.sockets import Flight
from ai_service_python_sdk.client.exceptions import JobFailedError, JobStateError, JobTimeoutError
from ai_service_python_sdk.client.models.job import Job
from ai_service_python_sdk.client.retry import seconds_of
from ai_service_python_sdk.util.language import language, set_language
from ai_service_python_sdk.util.view import View, as_bool, as_float, as_int, as_text


def test_running_the_package_is_importing_it_until_it_is_the_program():
    from ai_service_python_sdk import __main__ as program
    assert program.main


# answers

def test_an_image_quality_answer_has_width_and_height():
    answer = ImageQAResponse('r', 'OK', '', {'image_width': 7, 'image_height': 5})
    assert (answer.image_width, answer.image_height) == (7, 5)


@pytest.mark.parametrize('convert, value', [(as_bool, 1), (as_text, 1), (as_int, True),
                                            (as_float, 'x'), (as_float, 1e301)])
def test_a_field_of_another_kind_is_none(convert, value):
    assert convert(value) is None


def test_a_whole_number_may_be_written_as_text():
    assert (as_int('11'), as_int('-1'), as_int('1' * 20)) == (11, None, None)


def test_a_picture_that_finds_no_folder_leaves_nothing_behind(tmp_path):
    from ai_service_python_sdk.util.files import write_whole
    with pytest.raises(OSError):
        write_whole(b'picture', tmp_path / 'absent' / 'a.jpg')
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_no_memory_holds_is_no_json(monkeypatch):
    def exhausted(text):
        raise MemoryError()
    monkeypatch.setattr(serialization, '_decode', exhausted)
    with pytest.raises(ValueError, match='too large or nested too deeply'):
        serialization.from_json(b'{}')


def test_views_compare_by_content_and_show_it():
    assert View({'a': 1}) == View({'a': 1}) and View({'a': 1}) != View({})
    assert View({'a': 1})['a'] == 1 and repr(View({'a': 1})) == "View({'a': 1})"


@pytest.mark.parametrize('result, value', [('{"a": 1}', {'a': 1}), ('', None), (None, None),
                                           ('no json', 'no json'), ({'a': 1}, {'a': 1}),
                                           ('[' * 100000, '[' * 100000)],
                         ids=lambda value: str(value)[:10])
def test_a_result_that_is_no_json_stays_as_it_came(result, value):
    assert Job({'Result': result}).result == value


def test_a_value_that_its_type_refuses_stays_as_it_came():
    answer = type('Answer', (), {'data': b'"x"', 'status': 200})
    assert deserialization.deserialize(answer, 'int', None) == 'x'
    assert deserialization._primitive(b'x', int) == b'x'


# configuration

def test_a_configuration_is_copied_deeply_without_its_loggers():
    import copy
    configuration = Configuration('http://h', 'a', 't')
    configuration.api_key['auth'] = 'x'
    twin = copy.deepcopy(configuration)
    twin.api_key['auth'] = 'y'
    assert configuration.api_key == {'auth': 'x'} and twin.token == 't'
    assert twin.logger['package_logger'] is configuration.logger['package_logger']
    with pytest.raises(TypeError, match='not pickled'):
        pickle.dumps(configuration)


@pytest.mark.parametrize('value', ['fr', '', 'EN'])
def test_a_language_without_messages_is_refused(value):
    with pytest.raises(ValueError, match='zh, en'):
        set_language(value)


@pytest.mark.parametrize('variable, value, found', [
    ('AI_SERVICE_LANG', 'zh', 'zh'), ('LC_ALL', 'zh_CN.UTF-8', 'zh'), ('LANG', 'C', 'en'),
    ('LC_MESSAGES', 'de_DE', 'en'), (None, None, 'en')])
def test_the_language_follows_the_environment(monkeypatch, variable, value, found):
    for name in ('AI_SERVICE_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, value)
    assert language() == found


def test_a_configure_key_is_set_once_by_setdefault_and_checked():
    configure = PortraitConfigure(lora_weights=0.9)
    assert configure.setdefault('lora_weights', 0.5) == 0.9
    with pytest.raises(ValueError, match='lora_weights'):
        PortraitConfigure().setdefault('lora_weights', 99)


# requests

def test_a_query_is_added_to_one_that_is_there():
    assert serialization.encode_request('GET', 'http://h/x?a=1', [('b', '2')], None, None, None)[0] == (
        'http://h/x?a=1&b=2')


@pytest.mark.parametrize('headers, body, form, sent', [
    ({'Content-Type': 'application/x-www-form-urlencoded'}, None, [('a', '1 2')], b'a=1+2'),
    ({'Content-Type': 'text/plain'}, u'\u4e2d', None, u'\u4e2d'.encode('utf-8')),
    ({'Content-Type': 'text/plain'}, b'raw', None, b'raw'),
    ({}, None, None, b'{}'), ({}, {'a': 1}, None, b'{"a": 1}')])
def test_a_generic_body_is_encoded_as_its_type_says(headers, body, form, sent):
    assert serialization.encode_request('POST', 'http://h', None, headers, body, form)[2] == sent


def test_a_multipart_form_names_its_boundary():
    _, headers, body = serialization.encode_request(
        'POST', 'http://h', None, {'Content-Type': 'multipart/form-data'}, None, [('a', 'b')])
    boundary = headers['Content-Type'].split('boundary=')[1]
    assert boundary.encode('ascii') in body and b'name="a"' in body


@pytest.mark.parametrize('arguments, problem', [
    (('BREW', 'http://h', None, None, None, None), '`method`'),
    (('POST', 'http://h', None, None, {'a': 1}, [('a', 'b')]), '`post_params`'),
    (('POST', 'http://h', None, {'Content-Type': 'text/plain'}, {'a': 1}, None), 'text/plain')])
def test_a_generic_call_that_makes_no_sense_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        serialization.encode_request(*arguments)


def test_the_signature_helper_of_the_old_sdk_takes_every_body():
    client = ApiClient('http://h', 'a', 't')
    sign = client.client_create_sign
    configuration = client.configuration
    as_text = sign(configuration, '/x', 'POST', '{"a": 1}', None)
    assert as_text == sign(configuration, '/x', 'POST', b'{"a": 1}', None)
    assert as_text == sign(configuration, '/x', 'POST', {'a': 1}, None)
    nothing = [sign(configuration, '/x', method, None, None) for method in ('POST', 'GET')]
    assert nothing[0] == sign(configuration, '/x', 'POST', '{}', None)
    assert nothing[1] == sign(configuration, '/x', 'GET', '', None)


def test_a_key_may_go_into_the_query():
    client = ApiClient('http://h', 'a', 't')
    client.configuration.auth_settings = lambda: {
        'q': {'in': 'query', 'key': 'k', 'value': 'v'},
        'empty': {'in': 'query', 'key': 'e', 'value': None}}
    query = []
    client.update_params_for_auth({}, query, ['q', 'empty', 'unknown'])
    assert query == [('k', 'v')]


def test_a_limit_that_is_over_is_a_timeout():
    flight = Flight(deadline=0.0)
    with pytest.raises(socket.timeout):
        flight.limit()


def test_a_session_of_ours_keeps_no_cookie_and_is_not_pickled():
    session = transport.Session(Configuration('http://h', 'a', 't'), 1)
    session.cookies.set('a', 'b')
    assert len(session.cookies) == 0
    with pytest.raises(TypeError, match='not pickled'):
        pickle.dumps(session.get_adapter('http://h'))


def test_up_to_urllib3_1_24_our_bundle_is_named_so_that_the_systems_is_not_added(
        monkeypatch, tmp_path):
    monkeypatch.setattr(transport, '_ADDS_SYSTEM_CA', True)
    adapter = transport.Adapter(Configuration('http://h', 'a', 't'), 1)
    assert adapter._tls_options('https://h')['ca_certs'].endswith('.pem')


def test_before_urllib3_1_26_a_proxy_that_speaks_tls_is_refused(monkeypatch):
    monkeypatch.setattr(transport, '_KNOWS_TLS_PROXIES', False)
    adapter = transport.Adapter(Configuration('http://h', 'a', 't'), 1)
    with pytest.raises(ValueError, match='1.26'):
        adapter.get_connection('http://h/x', {'http': 'https://proxy:1'})


@pytest.mark.parametrize('text', ['Wed, 99 Foo 2999999999 00:00:00 GMT', 'soon', '', None, '-1',
                                  'Mon, 01 Jan 9999999 00:00:00 GMT'])
def test_a_retry_after_that_cannot_be_read_is_none(text):
    assert seconds_of(text) is None


# async calls

def test_a_call_that_is_not_done_cannot_say_how_it_went():
    with pytest.raises(ValueError, match='wait'):
        AsyncCall(lambda: 1).successful()


def test_calls_after_a_close_start_threads_anew():
    calls = AsyncCalls(1)
    assert calls.submit(lambda: 1).get(5) == 1
    calls.close()
    assert calls.submit(lambda: 2).get(5) == 2
    calls.close()


def test_calls_whose_constructor_failed_are_collected_in_peace():
    AsyncCalls.__new__(AsyncCalls).__del__()


# the command line

class Narrow(io.StringIO):
    """A terminal that knows ASCII only."""

    encoding = 'ascii'

    def write(self, text):
        text.encode('ascii')
        return io.StringIO.write(self, text)


def test_a_line_that_a_terminal_cannot_show_is_escaped(monkeypatch):
    narrow = Narrow()
    monkeypatch.setattr(sys, 'stdout', narrow)
    Output(False, 'check').say(u'\u4e2d')
    assert narrow.getvalue() == '\\u4e2d\n'


def test_on_a_terminal_without_the_extra_one_sentence_names_it(monkeypatch, capsys):
    monkeypatch.setattr('sys.stdout.isatty', lambda: True, raising=False)
    monkeypatch.setattr('sys.stderr.isatty', lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, 'tqdm', None)
    output = Output(False, 'train')
    output.begin_wait(1.0)
    output.sleep(0.01)
    output.waited(1)
    output.begin_wait(1.0)
    assert capsys.readouterr().err.count('ai-service-python-sdk[cli]') == 1


def test_an_interruption_outside_of_a_wait_has_nothing_to_resume(capsys):
    code = Output(True, 'create').interrupted(KeyboardInterrupt())
    out, err = capsys.readouterr()
    assert code == 130 and 'resume' not in err and json.loads(out)['exit_code'] == 130


def test_without_the_emulators_extra_its_command_names_it(monkeypatch, capsys):
    from ai_service_python_sdk.cli import main
    monkeypatch.setitem(sys.modules, 'ai_service_python_sdk.emulator.__main__', None)
    assert main(['emulator']) == 2 and 'not installed' in capsys.readouterr().err


@pytest.mark.parametrize('name, lang', [
    ('Chinese (Simplified)_China', 'zh'), ('zh_CN', 'zh'), ('en_US', 'en'), (None, 'en'),
    (ValueError('unknown locale: UTF-8'), 'en')])
def test_where_no_variable_names_a_language_the_systems_locale_does(monkeypatch, name, lang):
    from ai_service_python_sdk.util import language

    def getlocale():
        if isinstance(name, Exception):
            raise name
        return name, 'UTF-8'

    for variable in ('AI_SERVICE_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locale, 'getlocale', getlocale)
    assert language.language() == lang
