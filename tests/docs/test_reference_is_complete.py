"""What the code has the pages have, and the other way round: errors, parameters, operations."""
import ast
import importlib
import os
import re

import pytest
from support import ROOT
from site_sources import LANGUAGES, WORDS, asked, directives, facts, is_chinese, page, read, render

import ai_service_python_sdk
from ai_service_python_sdk import emulator
from ai_service_python_sdk.client.models.job import STATE_MEANINGS, JobState
from ai_service_python_sdk.client.errors.photos import PHOTO_HINTS
from ai_service_python_sdk.util.language import in_language
from ai_service_python_sdk.emulator import contract
from ai_service_python_sdk.util.parameters import PARAMETERS

ERRORS = facts.error_classes()
GROUP_OF_ERRORS = [(group, name) for group, names in WORDS['errors'].items() for name in names]
ACTIONS = facts.actions()


def both(words):
    """Whether a text is there in English and in Chinese."""
    return bool(words['en']) and not is_chinese(words['en']) and is_chinese(words['zh'])


# errors

def test_every_error_class_is_in_one_group_and_every_name_in_a_group_is_an_error_class():
    assert sorted(name for _, name in GROUP_OF_ERRORS) == sorted(ERRORS)


def test_every_error_class_of_a_call_is_exported():
    of_calls = (ai_service_python_sdk.ApiException, KeyboardInterrupt)
    assert set(name for name, cls in ERRORS.items() if issubclass(cls, of_calls)) <= set(
        ai_service_python_sdk.__all__)


@pytest.mark.parametrize('lang', LANGUAGES)
def test_every_group_of_errors_stands_on_the_page_of_errors_once(lang):
    assert sorted(words for words, in asked(lang, 'errors')) == sorted(WORDS['errors'])
    assert len(asked(lang, 'error-tree')) == 1


@pytest.mark.parametrize('group, name', GROUP_OF_ERRORS)
def test_every_error_class_says_what_it_means_and_what_to_do_in_both_languages(group, name):
    cls, words = ERRORS[name], WORDS['errors'][group][name] or {}
    if facts.is_documented(cls):
        assert not words, 'the code has the words'
        assert both({'en': cls.meaning_en, 'zh': cls.meaning_zh})
    else:
        assert both(words)
    if group != 'base':
        assert both({lang: getattr(cls, 'hint_' + lang, None) or words['hint_' + lang]
                     for lang in LANGUAGES})


@pytest.mark.parametrize('lang', LANGUAGES)
@pytest.mark.parametrize('group, name', GROUP_OF_ERRORS)
def test_the_row_of_an_error_shows_its_status_and_its_documented_messages(group, name, lang):
    row, = [row for row in render.errors(lang, group).split('\n')
            if '<a id="%s"></a>' % name in row]
    cls = ERRORS[name]
    assert facts.status_of(cls) in row
    for message in cls.messages if facts.is_documented(cls) else ():
        assert '`{}`'.format(message) in row


def test_the_tree_shows_every_error_class_once():
    lines = render.error_tree('en').split('\n')[1:-1]
    names = [re.search(r'\w+', line).group() for line in lines]
    assert sorted(names) == sorted(ERRORS)


def test_photo_codes_are_those_of_the_code_with_the_messages_of_the_service():
    assert WORDS['photo_codes'] == {str(code): message
                                    for code, message in contract.PHOTO_MESSAGES.items()}
    assert sorted(WORDS['photo_codes']) == sorted(str(code) for code in PHOTO_HINTS)
    for meaning, hint in PHOTO_HINTS.values():
        assert in_both(meaning)
        assert hint == '' or in_both(hint)


def in_both(text):
    return both({lang: in_language(lang, text) for lang in LANGUAGES})


def test_job_states_are_those_of_the_code():
    assert WORDS['job_states'] == {name: value for name, value in vars(JobState).items()
                                   if name.isupper()}
    assert sorted(STATE_MEANINGS) == sorted(WORDS['job_states'].values())
    assert all(in_both(meaning) for meaning in STATE_MEANINGS.values())


@pytest.mark.parametrize('lang', LANGUAGES)
@pytest.mark.parametrize('renderer', ['photo-codes', 'job-states'])
def test_codes_and_states_stand_on_a_page_once(lang, renderer):
    assert len(asked(lang, renderer)) == 1


# parameters

def test_every_parameter_is_in_one_group_and_every_name_in_a_group_is_a_parameter():
    grouped = [name for names in WORDS['parameters'].values() for name in names]
    assert sorted(grouped) == sorted(parameter.name for parameter in PARAMETERS)


@pytest.mark.parametrize('lang', LANGUAGES)
def test_every_group_of_parameters_stands_on_the_page_of_parameters_once(lang):
    assert sorted(words for words, in asked(lang, 'parameters')) == sorted(WORDS['parameters'])


@pytest.mark.parametrize('parameter', PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_parameter_says_what_it_does_in_both_languages(parameter):
    assert both({'en': parameter.meaning, 'zh': parameter.meaning_zh})
    assert bool(parameter.caveat) == bool(parameter.caveat_zh)
    assert not parameter.caveat or both({'en': parameter.caveat, 'zh': parameter.caveat_zh})


@pytest.mark.parametrize('lang', LANGUAGES)
def test_the_row_of_a_parameter_shows_type_range_choices_and_default(lang):
    rows = '\n'.join(render.parameters(lang, group) for group in WORDS['parameters'])
    for parameter in PARAMETERS:
        row, = [row for row in rows.split('\n') if '<a id="%s"></a>' % parameter.name in row]
        assert '`{}`'.format(parameter.kind.__name__) in row
        assert '| `{}` |'.format(parameter.default) in row
        for shown in parameter.choices + (parameter.low, parameter.high):
            assert shown is None or str(shown) in row


def test_the_pages_name_the_right_number_of_parameters():
    for lang in LANGUAGES:
        assert ' {} '.format(len(PARAMETERS)) in page(lang, 'parameters.md')


# operations

def test_every_operation_has_its_chinese_and_every_chinese_line_is_of_an_operation():
    plain = [action for action in ACTIONS if action.is_plain]
    assert sorted(WORDS['operations']) == sorted(action.path for action in plain)
    for action in plain:
        assert action.what
        assert is_chinese(WORDS['operations'][action.path])


def test_every_declared_row_is_reached_by_a_method_and_every_method_has_a_row():
    reached = set((action.operation.method, action.operation.path) for action in ACTIONS)
    assert reached == set(facts.declared_operations())


@pytest.mark.parametrize('lang', LANGUAGES)
def test_operations_and_endpoints_stand_on_a_page_and_the_page_counts_them(lang):
    for renderer in ('operations', 'body-methods', 'endpoints'):
        assert len(asked(lang, renderer)) == 1
    assert ' {} '.format(len(facts.declared_operations())) in page(lang, 'http-api.md')
    shown = render.operations(lang) + render.body_methods(lang)
    for action in ACTIONS:
        assert '`{}`'.format(action.name if action.is_plain else action.path) in shown
        assert not action.action or '`{}`'.format(action.action) in shown


# command line

def test_every_command_has_its_words_and_all_words_are_of_a_command():
    assert sorted(WORDS['commands']) == sorted(render.subparsers())
    assert all(both(words) for words in WORDS['commands'].values())


def test_every_command_and_option_explains_itself_in_both_languages():
    texts = {}
    for lang in LANGUAGES:
        with render.speaking(lang):
            texts[lang] = {(name, action.dest): action.help
                           for name, parser in render.subparsers().items()
                           for action in parser._actions if action.dest != 'help'}
            texts[lang].update({(name, None): parser.description
                                for name, parser in render.subparsers().items()})
    assert sorted(texts['en'], key=str) == sorted(texts['zh'], key=str)
    for key in texts['en']:
        assert both({lang: texts[lang][key] or '' for lang in LANGUAGES}), key


@pytest.mark.parametrize('lang', LANGUAGES)
def test_the_rendered_commands_show_every_option(lang):
    with render.speaking(lang):
        shown = render.commands(lang)
        for name, parser in render.subparsers().items():
            assert '### ai-portrait {}\n'.format(name) in shown
            for action in parser._actions:
                if '--help' not in action.option_strings:
                    assert render._usage(action).replace('|', '\\|') in shown, (name, action.dest)


def test_every_exit_code_has_its_words_and_all_words_are_of_an_exit_code():
    assert {name: words['code'] for name, words in WORDS['exits'].items()} == facts.exit_codes()
    assert all(both(words) for words in WORDS['exits'].values())


@pytest.mark.parametrize('lang', LANGUAGES)
@pytest.mark.parametrize('renderer', ['commands', 'exit-codes'])
def test_commands_and_exit_codes_stand_on_the_page_of_the_command_line(lang, renderer):
    assert len(asked(lang, renderer)) == 1


# API reference

@pytest.mark.parametrize('lang', LANGUAGES)
def test_every_exported_name_is_in_the_reference_once(lang):
    shown = directives(lang)
    assert len(shown) == len(set(shown))
    expected = set('ai_service_python_sdk.' + name for name in ai_service_python_sdk.__all__
                   if name != '__version__')
    assert expected == set(path for path in shown if path.count('.') == 1)


@pytest.mark.parametrize('lang', LANGUAGES)
def test_what_aio_the_emulator_and_the_plugin_export_is_in_the_reference(lang):
    shown, text = directives(lang), page(lang, 'reference/emulator.md')
    # Read, not imported: asyncio and pytest's fixtures want a newer Python.
    exported = re.search(r'^__all__ = (\[.*?\])', source('aio.py'), re.M | re.S).group(1)
    for name in ast.literal_eval(exported):
        assert 'ai_service_python_sdk.aio.' + name in shown
    for name in emulator.__all__:
        assert 'ai_service_python_sdk.emulator.' + name in shown or '`{}`'.format(name) in text
    for name in re.findall(r'^@pytest\.fixture\ndef (\w+)', source('pytest_plugin.py'), re.M):
        assert 'ai_service_python_sdk.pytest_plugin.' + name in shown


@pytest.mark.parametrize('lang', LANGUAGES)
def test_everything_in_the_reference_is_there(lang):
    for path in directives(lang):
        module, name = path.rsplit('.', 1)
        if module.endswith(('.aio', '.pytest_plugin')):
            assert re.search(r'^(class|def) {}\b'.format(name),
                             source(module.split('.')[-1] + '.py'), re.M), path
        else:
            assert getattr(importlib.import_module(module), name)


def source(name):
    """Return the text of a module of the package."""
    return read(os.path.join(ROOT, 'ai_service_python_sdk', name))
