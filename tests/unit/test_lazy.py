"""Names that load when they are asked for."""
import pytest

from ai_service_python_sdk import ApiClient
from ai_service_python_sdk.util.lazy import lazy


def test_running_the_package_is_importing_it_until_it_is_the_program():
    from ai_service_python_sdk import __main__ as program
    assert program.main


def test_lazy_names_say_what_is_not_there():
    get, names = lazy('ai_service_python_sdk', {'ApiClient': '.client.api_client'})
    assert get('ApiClient') is ApiClient and 'ApiClient' in names()
    with pytest.raises(AttributeError, match='Nothing'):
        get('Nothing')
