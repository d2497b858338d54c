"""The log of a configuration: who speaks at DEBUG, for how long, and where it is printed."""
import copy
import io
import logging
import subprocess
import sys

import pytest

from ai_service_python_sdk import Configuration
from ai_service_python_sdk.client.paid import warn
from ai_service_python_sdk.client.rest import RESTClientObject

LOGGER = logging.getLogger('ai_service_python_sdk')
URL = 'http://service.example.com/api/v1/things'


@pytest.fixture(autouse=True)
def level_of_before():
    before = LOGGER.level
    yield
    assert LOGGER.level == before


@pytest.fixture
def configuration():
    made = Configuration('http://h', 'a', 't')
    yield made
    made.debug = False
    made.logger_file = None


@pytest.fixture
def spoken(mocked, monkeypatch):
    """Return a function that makes a call and returns the levels of what it logs."""
    mocked.add('GET', URL, body='{}')
    mocked.assert_all_requests_are_fired = False
    levels = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, 'emit', lambda record: levels.append(record.levelname))
    monkeypatch.setattr(LOGGER, 'handlers', LOGGER.handlers + [handler])
    monkeypatch.setattr(LOGGER, 'level', logging.WARNING)

    def call(configuration):
        del levels[:]
        RESTClientObject(configuration).GET(URL)
        return list(levels)
    return call


def test_debug_prints_where_nothing_else_would_and_stops_when_it_is_off(
        capsys, monkeypatch, mocked, configuration):
    mocked.add('GET', URL, body='{}')
    # pytest's own handlers stand on the root logger; here nobody listens.
    monkeypatch.setattr(LOGGER, 'propagate', False)
    wire = RESTClientObject(configuration)
    configuration.debug = True
    assert configuration.logger_stream_handler is not None
    wire.GET(URL)
    assert 'DEBUG GET /api/v1/things -> 200' in capsys.readouterr().err
    configuration.debug = False
    wire.GET(URL)
    assert capsys.readouterr().err == ''
    assert configuration.logger_stream_handler is None and not configuration.debug


@pytest.mark.parametrize('level, is_off, is_heard', [
    (logging.WARNING, False, True), (logging.ERROR, False, False), (logging.WARNING, True, False)],
    ids=['heard', 'a handler of errors', 'a logger that is off'])
def test_what_may_be_paid_for_is_on_stderr_where_no_handler_takes_it(
        capsys, monkeypatch, level, is_off, is_heard):
    handler = logging.StreamHandler(io.StringIO())
    handler.setLevel(level)
    # pytest's own handlers stand on the root logger.
    monkeypatch.setattr(LOGGER, 'propagate', False)
    monkeypatch.setattr(LOGGER, 'handlers', [handler])
    monkeypatch.setattr(LOGGER, 'disabled', is_off)
    warn('it may be paid for')
    seen = [handler.stream.getvalue(), capsys.readouterr().err]
    assert seen == (['it may be paid for\n', ''] if is_heard else ['', 'it may be paid for\n'])


def test_a_configuration_in_debug_speaks_whatever_the_level_and_no_other_does(
        spoken, configuration):
    other = Configuration('http://h', 'a', 't')
    assert spoken(configuration) == []
    configuration.debug = True
    assert spoken(configuration) == ['DEBUG'] and spoken(other) == []
    configuration.debug = False
    assert spoken(configuration) == []


def test_the_formatter_of_the_log_is_that_of_the_format_until_one_is_given():
    configuration = Configuration('http://h', 'a', 't')
    configuration.logger_format = '%(message)s!'
    record = logging.LogRecord('n', logging.INFO, 'p', 1, 'said', (), None)
    assert configuration.logger_formatter.format(record) == 'said!'
    configuration.logger_formatter = mine = logging.Formatter('%(name)s')
    assert configuration.logger_formatter is mine


def test_a_copy_speaks_on_when_its_original_is_silent_and_the_other_way_round(
        spoken, configuration):
    configuration.debug = True
    twin = copy.copy(configuration)
    configuration.debug = False
    assert spoken(twin) == ['DEBUG'] and spoken(configuration) == []
    twin.debug, configuration.debug = False, True
    assert spoken(twin) == [] and spoken(configuration) == ['DEBUG']


@pytest.mark.skipif(sys.version_info < (3, 8), reason='before 3.8 logging takes any format')
def test_an_exception_while_debug_is_switched_on_leaves_it_off(configuration, monkeypatch):
    monkeypatch.setattr(LOGGER, 'propagate', False)  # nobody listens but who is added
    configuration.logger_format = '%(message'
    with pytest.raises(ValueError):
        configuration.debug = True
    assert not configuration.debug and LOGGER.level != logging.DEBUG


def test_the_file_gets_the_log_until_it_is_taken_away(configuration, tmp_path):
    path = str(tmp_path / 'sdk.log')
    configuration.logger_file = path
    LOGGER.warning('seen')
    configuration.logger_file = None
    LOGGER.warning('not seen')
    with open(path) as stream:
        text = stream.read()
    assert 'WARNING seen' in text and 'not seen' not in text
    assert configuration.logger_file_handler is None


@pytest.mark.parametrize('ending', ['', '; import sys; sys.keep = c', '; c.circle = c',
                                    '; import logging; logging.shutdown()'])
def test_a_program_that_ends_in_debug_says_nothing_on_stderr(ending):
    code = ('from ai_service_python_sdk import Configuration; '
            'c = Configuration("http://h", "a", "t"); c.debug = True' + ending)
    process = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.communicate() == (b'', b'') and process.returncode == 0


@pytest.mark.skipif(sys.version_info < (3, 7), reason='lazy names need PEP 562')
def test_making_a_configuration_loads_no_logging():
    code = ('import sys; from ai_service_python_sdk import Configuration; '
            'Configuration("http://h", "a", "t").debug; print("logging" in sys.modules)')
    assert subprocess.check_output([sys.executable, '-c', code]).split() == [b'False']
