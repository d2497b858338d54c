"""Fixtures for the tests of programs that use the service: no account, no network.

Loaded by pytest by itself once the package is installed (entry point ``pytest11``)::

    def test_my_program(ai_service_emulator, ai_service_client):
        ai_service_emulator.faults.fail('quota')
        ...

``ai_service_files = FOLDER`` in the ini file names the pictures that the emulator serves.
"""
import os

import pytest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterator
    from .client.api_client import ApiClient
    from .emulator import Emulator

#: Seconds of a training in tests.
TRAINING_SECONDS = 0.2


def pytest_addoption(parser: "Any") -> None:
    """Declare the ini setting."""
    parser.addini('ai_service_files', 'folder of pictures that ai_service_emulator serves')


@pytest.fixture(scope='session')
def _ai_service_session(request: "Any") -> "Iterator[Emulator]":
    from .emulator import Emulator
    config = request.config
    files = config.getini('ai_service_files') or None
    if files:
        # As pytest takes paths of an ini file: from where the file is.
        root = getattr(config, 'rootpath', None) or config.rootdir
        files = str(root / files) if hasattr(root, 'joinpath') else str(root.join(files))
        if not os.path.isdir(files):
            pytest.fail('ai_service_files is {}, which does not exist'.format(files), False)
    try:
        service = Emulator(files=files, training_seconds=TRAINING_SECONDS).start()
    except ImportError as error:
        # One sentence that names the extra, without what led to it.
        pytest.fail(str(error), False)
    yield service
    service.stop()


@pytest.fixture
def ai_service_emulator(_ai_service_session: "Emulator") -> "Iterator[Emulator]":
    """A running :class:`.Emulator`; faults and quota are reset after each test.

    Jobs and models stay for the whole run. Needs the extra ``emulator``.
    """
    yield _ai_service_session
    _ai_service_session.faults.clear()
    _ai_service_session.quota = None


@pytest.fixture
def ai_service_client(ai_service_emulator: "Emulator") -> "Iterator[ApiClient]":
    """An :class:`.ApiClient` of :func:`ai_service_emulator`."""
    from .client.api_client import ApiClient
    with ApiClient(ai_service_emulator.host, ai_service_emulator.app_id,
                   ai_service_emulator.token) as client:
        yield client
