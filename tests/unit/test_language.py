"""The language: what names it, and what there is."""
import ast
import io
import json
import locale
import os
import string

import pytest

from ai_service_python_sdk.cli import arguments
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.util import language as language_module
from ai_service_python_sdk.util.language import language, set_language, translate


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


@pytest.mark.parametrize('name, lang', [
    ('Chinese (Simplified)_China', 'zh'), ('zh_CN', 'zh'), ('en_US', 'en'), (None, 'en'),
    (ValueError('unknown locale: UTF-8'), 'en')])
def test_where_no_variable_names_a_language_the_systems_locale_does(monkeypatch, name, lang):
    def getlocale():
        if isinstance(name, Exception):
            raise name
        return name, 'UTF-8'

    for variable in ('AI_SERVICE_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locale, 'getlocale', getlocale)
    assert language() == lang


# the catalogue

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(language_module.__file__)))


#: What Python, SQLite and the system say of a ledger's file.
SAID_BY_OTHERS = (
    'Permission denied', 'No space left on device', 'No such file or directory', 'Not a directory',
    'Read-only file system', 'database is locked', 'database or disk is full', 'disk I/O error',
    'unable to open database file', 'attempt to write a readonly database')


def catalogue():
    with io.open(os.path.join(PACKAGE, 'util', 'zh.json'), encoding='utf-8') as stream:
        return json.load(stream)


def trees():
    for folder, _, names in os.walk(PACKAGE):
        for name in names:
            if name.endswith('.py'):
                with io.open(os.path.join(folder, name), encoding='utf-8') as stream:
                    yield name, ast.parse(stream.read())


def constant(node):
    # Before Python 3.8 a text is an `ast.Str`.
    return node.s if type(node).__name__ == 'Str' else getattr(node, 'value', None)


def fields(text):
    return {((name or str(number)).replace("_zh", ""), conversion)
            for number, (name, conversion) in enumerate(
        (part[1], part[3]) for part in string.Formatter().parse(text) if part[1] is not None)}


def test_every_message_has_its_chinese():
    known, missing = catalogue(), []
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, 'id', '') in (
                    'translate', 'in_language'):
                text = constant(node.args[node.func.id == 'in_language'])
                if isinstance(text, str) and text not in known:
                    missing.append((name, text))
    assert not missing


def test_every_text_of_the_prompt_has_its_chinese():
    texts = [row[1] for rows in arguments._ARGUMENTS.values() for row in rows]
    texts += [row[3] for row in arguments._COMMANDS]
    texts += list(arguments._GROUPS.values()) + list(arguments._SAID)
    assert not [text for text in texts if text not in catalogue()]


def test_the_chinese_of_a_message_has_its_values_and_is_chinese():
    for english, chinese in catalogue().items():
        assert fields(chinese) <= fields(english), english
        assert any(ord(sign) > 0x3000 for sign in chinese) or len(english) < 8, english


def test_there_is_no_chinese_of_a_message_that_is_gone():
    used = {constant(node) for _, tree in trees() for node in ast.walk(tree)
            if isinstance(constant(node), str)}
    used.update(cls.hint_en for cls in vars(exceptions).values() if hasattr(cls, 'hint_en'))
    used.update(row[1] for rows in arguments._ARGUMENTS.values() for row in rows)
    gone = set(catalogue()) - used - set(SAID_BY_OTHERS)
    assert not sorted(gone)


def test_without_the_file_of_chinese_messages_they_are_english(monkeypatch):
    def get_data(*names):
        raise OSError('too many open files')

    monkeypatch.setattr(language_module, '_chinese', {})
    monkeypatch.setattr('pkgutil.get_data', get_data)
    set_language('zh')
    try:
        assert translate('error: {}', 'x') == 'error: x'
    finally:
        set_language(None)
