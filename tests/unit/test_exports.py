"""What the packages export: each name once, at run time, to a star, to dir() and to editors."""
import importlib
import os
import subprocess
import sys

import pytest

import ai_service_python_sdk
from ai_service_python_sdk.util.exports import export

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(ai_service_python_sdk.__file__)))
TOP = 'ai_service_python_sdk'
PACKAGES = [TOP, TOP + '.client', TOP + '.client.api', TOP + '.client.models',
            TOP + '.client.exceptions']
MACHINERY = {'EXPORTS', 'lazy', 'load_all', 'export', '_export', 'TYPE_CHECKING', 'annotations'}


@pytest.mark.parametrize('package', PACKAGES)
def test_a_star_brings_every_exported_name_and_no_machinery(package):
    found = {}
    exec('from {} import *'.format(package), found)
    found.pop('__builtins__')
    assert sorted(found) == sorted(importlib.import_module(package).__all__)
    assert not MACHINERY & set(found) and len(found) >= 9


@pytest.mark.parametrize('package', PACKAGES)
def test_no_name_is_exported_twice(package):
    names = importlib.import_module(package).__all__
    assert len(names) == len(set(names))


def test_the_top_exports_what_the_client_does_and_the_studio():
    client = importlib.import_module(TOP + '.client')
    beside = {'CreateResult', 'Ledger', 'Portrait', 'PortraitStudio', 'TrainedModel',
              '__version__'}
    assert set(ai_service_python_sdk.__all__) == set(client.__all__) | beside
    assert all(getattr(ai_service_python_sdk, name) is getattr(client, name)
               for name in client.__all__)


def test_the_client_exports_all_errors_models_and_operations():
    whole = [importlib.import_module(TOP + '.client' + name) for name in
             ('.exceptions', '.models', '.api')]
    names = set(name for module in whole for name in module.__all__)
    assert set(importlib.import_module(TOP + '.client').__all__) == names | {
        'ApiClient', 'ClientFactory', 'Configuration', 'FinishedJob', 'JobWaiter', 'RetryPolicy'}


@pytest.mark.parametrize('walk', [
    'client.rest.ApiException', 'client.api_client.ApiClient', 'client.models.response.Response',
    'client.configuration.Configuration', 'client.api.ai_service_job_api.AiServiceJobApi'])
def test_what_the_client_is_made_of_is_found_without_an_import_of_its_own(walk):
    code = 'import ai_service_python_sdk.client as client; print({}.__name__)'.format(walk)
    shown = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT)
    assert shown.decode('ascii').split() == [walk.split('.')[-1]]


def test_every_error_class_of_the_package_is_exported_and_stands_in_the_tree():
    exceptions = importlib.import_module(TOP + '.client.exceptions')
    found = set()
    for home in ('errors.base', 'errors.service', 'errors.jobs', 'errors.ledger',
                 'errors.photos', 'errors.connection'):
        module = importlib.import_module('{}.client.{}'.format(TOP, home))
        found |= set(name for name, value in vars(module).items() if isinstance(value, type)
                     and issubclass(value, BaseException) and value.__module__ == module.__name__)
    assert found == set(exceptions.__all__)
    tree = exceptions.__doc__
    assert all(' ' + name + ' ' in tree for name in found)


@pytest.mark.skipif(sys.version_info < (3, 7), reason='dir() of a module needs PEP 562')
@pytest.mark.parametrize('package', PACKAGES)
def test_dir_offers_the_exports_and_no_machinery(package):
    module = importlib.import_module(package)
    offered = dir(module)
    assert set(module.__all__) <= set(offered) and not MACHINERY & set(offered)
    beside = set(name for name in set(offered) - set(module.__all__) if not name.startswith('__'))
    assert all(type(getattr(module, name)) is type(sys) for name in beside)


@pytest.mark.parametrize('package', PACKAGES)
def test_an_editor_with_jedi_sees_every_name_and_no_machinery(package):
    jedi = pytest.importorskip('jedi', reason='the extra "editors" brings it')
    code = 'import {} as package\npackage.'.format(package)
    script = jedi.Script(code, path=os.path.join(ROOT, 'program.py'), project=jedi.Project(ROOT))
    seen = set(completion.name for completion in script.complete())
    assert set(importlib.import_module(package).__all__) <= seen
    assert not {'EXPORTS', 'lazy', 'load_all', 'export'} & seen


def test_an_editor_with_jedi_knows_methods_and_docstrings():
    jedi = pytest.importorskip('jedi', reason='the extra "editors" brings it')
    code = 'from ai_service_python_sdk import JobWaiter\nJobWaiter.'
    script = jedi.Script(code, path=os.path.join(ROOT, 'program.py'), project=jedi.Project(ROOT))
    found = dict((each.name, each) for each in script.complete())
    assert found['wait_for_async_job'].docstring()


@pytest.mark.parametrize('package', PACKAGES)
@pytest.mark.parametrize('name', ['nothing', 'Nothing', '_nothing', '__nothing__'])
def test_a_name_that_is_not_exported_is_an_attribute_error_that_names_it(package, name):
    with pytest.raises(AttributeError, match=name):
        getattr(importlib.import_module(package), name)


def loaded_by(statements):
    code = 'import sys; {}; print(" ".join(sys.modules))'.format(statements)
    shown = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT)
    return set(shown.decode('ascii').split())


@pytest.mark.skipif(sys.version_info < (3, 7), reason='lazy names need PEP 562')
@pytest.mark.parametrize('statements', [
    'import ai_service_python_sdk', 'from ai_service_python_sdk import AIGCTrainRequest',
    'from ai_service_python_sdk.client import models, api',
    'from ai_service_python_sdk.client.models import AsyncJobResponse'])
def test_importing_a_name_loads_no_errors_no_transport_and_no_log(statements):
    loaded = loaded_by(statements)
    assert not {'requests', 'urllib3', 'logging', TOP + '.client.exceptions',
                TOP + '.client.transport'} & loaded


@pytest.mark.skipif(sys.version_info < (3, 7), reason='lazy names need PEP 562')
def test_the_errors_load_urllib3_only_when_one_of_its_family_is_asked_for():
    assert 'urllib3' not in loaded_by('from ai_service_python_sdk import ApiException')
    assert 'urllib3' not in loaded_by('import ai_service_python_sdk as sdk; dir(sdk)')
    assert 'urllib3' in loaded_by(
        'from ai_service_python_sdk.client.exceptions import ApiTimeoutError')


def test_before_python_3_7_all_is_loaded_at_once(monkeypatch):
    module = type(sys)(TOP + '.package_of_a_test')
    module.__path__ = []
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, 'version_info', (3, 6, 15))
    export(module.__name__, '._version.__version__', ('..client.models', '..client.api'))
    assert {'__version__', 'AIGCTrainRequest', 'AIGCImagesApi'} <= set(vars(module))
    assert vars(module)['__all__'] == module.__all__
