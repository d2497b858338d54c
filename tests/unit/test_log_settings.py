"""The log of a configuration: who speaks at DEBUG, for how long, and where it is printed."""
import copy
import gc
import logging
import subprocess
import sys

import pytest

from ai_service_python_sdk import Configuration
from ai_service_python_sdk.client import log as log_module

LOGGER = logging.getLogger('ai_service_python_sdk')


@pytest.fixture(autouse=True)
def level_of_before():
    before = LOGGER.level
    yield
    gc.collect()
    assert LOGGER.level == before


@pytest.fixture
def configuration():
    made = Configuration('http://h', 'a', 't')
    yield made
    made.debug = False
    made.logger_file = None


def test_debug_prints_where_nothing_else_would_and_stops_when_it_is_off(capsys, monkeypatch):
    # pytest's own handlers stand on the root logger; here nobody listens.
    monkeypatch.setattr(LOGGER, 'propagate', False)
    configuration = Configuration('http://h', 'a', 't')
    configuration.debug = True
    handler = configuration.logger_stream_handler
    LOGGER.debug('seen')
    configuration.debug = False
    LOGGER.debug('not seen')
    err = capsys.readouterr().err
    assert handler is not None and 'DEBUG seen' in err and 'not seen' not in err
    assert configuration.logger_stream_handler is None and not configuration.debug


def test_a_configuration_that_is_forgotten_in_debug_leaves_the_log_as_it_was():
    level = LOGGER.level
    configuration = Configuration('http://h', 'a', 't')
    configuration.debug = True
    assert LOGGER.level == logging.DEBUG
    del configuration
    gc.collect()
    assert LOGGER.level == level


def test_the_formatter_of_the_log_is_that_of_the_format_until_one_is_given():
    configuration = Configuration('http://h', 'a', 't')
    configuration.logger_format = '%(message)s!'
    record = logging.LogRecord('n', logging.INFO, 'p', 1, 'said', (), None)
    assert configuration.logger_formatter.format(record) == 'said!'
    configuration.logger_formatter = mine = logging.Formatter('%(name)s')
    assert configuration.logger_formatter is mine
    configuration.logger_format = '%(message)s?'
    assert configuration.logger_formatter.format(record) == 'said?'


def test_a_copy_speaks_on_when_its_original_is_silent_or_gone(configuration):
    configuration.debug = True
    for duplicate in (copy.copy, copy.deepcopy):
        twin = duplicate(configuration)
        assert twin.debug
        configuration.debug = False
        assert LOGGER.level == logging.DEBUG
        twin.debug = False
        assert LOGGER.level != logging.DEBUG
        configuration.debug = True


def test_a_copy_of_a_silent_one_is_silent(configuration):
    twin = copy.copy(configuration)
    assert not twin.debug
    configuration.debug = True
    assert not twin.debug


def test_a_copy_that_is_forgotten_leaves_its_original_speaking(configuration):
    configuration.debug = True
    twin = copy.copy(configuration)
    del twin
    gc.collect()
    assert LOGGER.level == logging.DEBUG and configuration.debug


def test_the_level_comes_back_when_the_last_of_many_is_silent():
    many = [Configuration('http://h', 'a', 't') for _ in range(5)]
    for one in many:
        one.debug = True
        one.debug = True
    for one in many[:4]:
        one.debug = False
        one.debug = False
        assert LOGGER.level == logging.DEBUG
    many[4].debug = False
    assert LOGGER.level != logging.DEBUG


def test_an_object_at_the_place_of_a_forgotten_one_inherits_nothing():
    for _ in range(50):
        one = Configuration('http://h', 'a', 't')
        assert not one.debug and LOGGER.level != logging.DEBUG
        one.debug = True


def test_a_configuration_in_a_circle_is_silent_once_the_circle_is_collected():
    one = Configuration('http://h', 'a', 't')
    one.debug, one.circle = True, one
    del one
    gc.collect()
    assert LOGGER.level != logging.DEBUG


@pytest.mark.skipif(sys.version_info < (3, 8), reason='before 3.8 logging takes any format')
def test_an_exception_while_debug_is_switched_on_leaves_it_off(configuration):
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


@pytest.mark.parametrize('name', ['_lock', '_talks_under_way', 'log'])
def test_a_talk_that_ends_with_the_interpreter_is_silent_where_names_are_gone(
        monkeypatch, capfd, name):
    talk = log_module.DebugTalk()
    with monkeypatch.context() as patched:
        patched.setattr(log_module, name, None)
        talk.__del__()
    assert capfd.readouterr() == ('', '')
    talk._is_on = True
    log_module._talks_under_way[0] = 1
    talk.end()


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
