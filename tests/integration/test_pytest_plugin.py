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


def pytest_of(folder, pytestconfig, *arguments):
    """Run pytest in a folder, with the plugin whether or not the package is installed."""
    command = [sys.executable, '-m', 'pytest', '-q'] + list(arguments)
    # Other plugins that are installed take a second to load, and have no part in this.
    for other in ('cacheprovider', 'schemathesis', 'anyio', 'hypothesispytest', 'recording'):
        command += ['-p', 'no:' + other]
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
    # Once more in pytest's summary, where the variable CI is set.
    told = out.split('short test summary')[0]
    assert told.count('which does not exist') == 1 and '1 error' in out
    assert 'def _ai_service' not in out


def test_without_the_extra_one_line_names_it(tmp_path, pytestconfig):
    (tmp_path / 'conftest.py').write_text('import sys\nsys.modules["cv2"] = None\n')
    (tmp_path / 'test_mine.py').write_text('def test_it(ai_service_client):\n    pass\n')
    out = pytest_of(tmp_path, pytestconfig)
    assert 'pip install ".[emulator]"' in out and '1 error' in out
    assert 'Traceback' not in out and 'raise ImportError' not in out


RESET = """
from ai_service_python_sdk import AIGCImagesApi, ApiClient
import pytest

def call(service):
    with ApiClient(service.host, service.app_id, service.token) as client:
        return AIGCImagesApi(client).aigc_images_train(
            [service.url('collins_0.jpg'), service.url('collins_1.jpg')])

@pytest.mark.parametrize('number', range(2))
def test_each_is_as_if_it_were_alone(ai_service_emulator, number):
    assert len(ai_service_emulator.requests) == ai_service_emulator.used == 0
    assert ai_service_emulator.store.latest_jobs(9) == []
    assert ai_service_emulator.trainings.mode == 0.2
    ai_service_emulator.quota = 2
    call(ai_service_emulator)
    call(ai_service_emulator)
    ai_service_emulator.trainings.hold()
    ai_service_emulator.requests.assert_sent('train', times=2)

seen = []

@pytest.mark.parametrize('number', range(2))
def test_the_sessions_own_keeps_what_it_has(ai_service_session_emulator, ai_service_emulator,
                                            number):
    assert len(ai_service_session_emulator.requests) == len(seen)
    seen.append(call(ai_service_session_emulator))
    assert len(ai_service_emulator.requests) == 0

def test_several_with_options_of_their_own(ai_service_emulators):
    first, second = ai_service_emulators(quota=0), ai_service_emulators(training='held')
    assert first.port != second.port and second.trainings.mode == 'held'
    call(second)
"""


def users_folder(tmp_path, tests):
    (tmp_path / 'pytest.ini').write_text('[pytest]\nai_service_files = {}\n'.format(PHOTOS))
    (tmp_path / 'test_mine.py').write_text(tests)
    return tmp_path


def test_one_test_leaves_nothing_to_the_next_and_a_session_keeps_it(tmp_path, pytestconfig):
    out = pytest_of(users_folder(tmp_path, RESET), pytestconfig)
    assert '5 passed' in out and 'warning' not in out, out


def test_processes_of_xdist_have_emulators_of_their_own(tmp_path, pytestconfig):
    pytest.importorskip('xdist')
    out = pytest_of(users_folder(tmp_path, RESET.split('seen =')[0]), pytestconfig, '-n', '2')
    assert '2 passed' in out, out


def test_a_fault_that_never_happened_is_warned_of_by_name(tmp_path, pytestconfig):
    out = pytest_of(users_folder(tmp_path, """
def test_it(ai_service_emulator):
    ai_service_emulator.faults.fail('quota', operation='train')
"""), pytestconfig)
    assert '1 passed, 1 warning' in out, out
    assert "Fault('error', operation='/api/v1/aigc_images/train'" in out
    assert 'has not happened as often as it should' in out


def test_where_warnings_are_errors_the_next_test_has_an_emulator_as_new_and_none_goes_on(
        tmp_path, pytestconfig):
    out = pytest_of(users_folder(tmp_path, """
running = []

def test_one(ai_service_emulator, ai_service_emulators):
    running.extend(ai_service_emulators() for _ in range(2))
    for service in running + [ai_service_emulator]:
        service.faults.fail('quota')

def test_another(ai_service_emulator):
    assert not ai_service_emulator.faults.all
    assert [repr(service) for service in running] == [
        'Emulator(stopped, app_id={!r}, token=***)'.format(service.app_id) for service in running]
"""), pytestconfig, '-W', 'error::UserWarning')
    assert '2 passed, 1 error' in out, out
