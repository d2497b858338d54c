"""The language: what names it, and what there is."""
import locale

import pytest

from ai_service_python_sdk.util.language import language, set_language


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
    from ai_service_python_sdk.util import language

    def getlocale():
        if isinstance(name, Exception):
            raise name
        return name, 'UTF-8'

    for variable in ('AI_SERVICE_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locale, 'getlocale', getlocale)
    assert language.language() == lang
