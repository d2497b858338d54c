"""The fixtures that users get: their own tests run offline, apart from ours."""
import os
import subprocess
import sys

import pytest
from support import PHOTOS, ROOT

pytestmark = pytest.mark.usefixtures('emulator')
TESTS = '''
from ai_service_python_sdk import AIGCImagesApi, QuotaExceededError
import pytest

def check(emulator, client):
    return AIGCImagesApi(client).aigc_images_check(
        [emulator.url('collins_0.jpg'), emulator.url('collins_1.jpg')])

def test_a_program(ai_service_emulator, ai_service_client):
    assert check(ai_service_emulator, ai_service_client).passed

def test_a_used_up_quota(ai_service_emulator, ai_service_client):
    ai_service_emulator.faults.fail('quota', times=None)
    ai_service_emulator.quota = 0
    with pytest.raises(QuotaExceededError):
        check(ai_service_emulator, ai_service_client)

def test_the_day_after(ai_service_emulator, ai_service_client):
    assert check(ai_service_emulator, ai_service_client).passed
'''


def pytest_of(folder, pytestconfig):
    """Run pytest in a folder, with the plugin whether or not the package is installed."""
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider']
    if not pytestconfig.pluginmanager.hasplugin('ai_service'):
        command += ['-p', 'ai_service_python_sdk.pytest_plugin']
    process = subprocess.Popen(command, cwd=str(folder), env=dict(os.environ, PYTHONPATH=ROOT),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return process.communicate()[0].decode('utf-8', 'replace')


@pytest.mark.parametrize('where', [PHOTOS, 'pictures'], ids=['absolute', 'beside the ini file'])
def test_a_users_tests_run_and_one_tests_faults_are_not_the_nexts(tmp_path, where, pytestconfig):
    if where == 'pictures':
        os.symlink(PHOTOS, str(tmp_path / where))
    (tmp_path / 'pytest.ini').write_text('[pytest]\nai_service_files = {}\n'.format(where))
    (tmp_path / 'test_mine.py').write_text(TESTS)
    out = pytest_of(tmp_path, pytestconfig)
    assert '3 passed' in out, out


def test_tests_that_want_no_emulator_start_none(tmp_path, pytestconfig):
    (tmp_path / 'test_mine.py').write_text(
        'import sys\ndef test_it():\n    assert "cv2" not in sys.modules\n')
    assert '1 passed' in pytest_of(tmp_path, pytestconfig)


def test_a_folder_that_is_none_is_said_in_one_line(tmp_path, pytestconfig):
    (tmp_path / 'pytest.ini').write_text('[pytest]\nai_service_files = nope\n')
    (tmp_path / 'test_mine.py').write_text('def test_it(ai_service_emulator):\n    pass\n')
    out = pytest_of(tmp_path, pytestconfig)
    assert 'which does not exist' in out and '1 error' in out and 'def _ai_service' not in out


def test_without_the_extra_one_line_names_it(tmp_path, pytestconfig):
    (tmp_path / 'conftest.py').write_text('import sys\nsys.modules["cv2"] = None\n')
    (tmp_path / 'test_mine.py').write_text('def test_it(ai_service_client):\n    pass\n')
    out = pytest_of(tmp_path, pytestconfig)
    assert 'ai-service-python-sdk[emulator]' in out and '1 error' in out
    assert 'Traceback' not in out and 'raise ImportError' not in out
