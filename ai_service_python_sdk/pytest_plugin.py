"""Fixtures for the tests of programs that use the service: no account, no network.

Loaded by pytest by itself once the package is installed (entry point ``pytest11``)::

    def test_my_program(ai_service_emulator, ai_service_client):
        ai_service_emulator.faults.fail('quota')
        ...

``ai_service_files = FOLDER`` in the ini file names the pictures that the emulators serve.
"""
import os
import warnings
from contextlib import ExitStack

import pytest

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator
    from .client.api_client import ApiClient
    from .emulator import Emulator

#: Seconds of a training in tests.
TRAINING_SECONDS = 0.2


def pytest_addoption(parser: "Any") -> None:
    """Declare the ini setting."""
    parser.addini('ai_service_files', 'folder of pictures that ai_service_emulator serves')


def _started(config: "Any", **options: "Any") -> "Emulator":
    from .emulator import Emulator
    options.setdefault('training_seconds', TRAINING_SECONDS)
    files = config.getini('ai_service_files')
    if files:
        # Relative to the ini file, as pytest takes such paths.
        root = getattr(config, 'rootpath', None) or config.rootdir
        files = os.path.join(str(root), files)
        if not os.path.isdir(files):
            pytest.fail('ai_service_files is {}, which does not exist; name a folder of pictures'
                        .format(files), False)
        options.setdefault('files', files)
    try:
        return Emulator(**options).start()
    except ImportError as error:
        # Without a traceback: the sentence names the extra to install.
        pytest.fail(str(error), False)


def _warn_of_pending(service: "Emulator") -> None:
    for fault in service.faults.pending:
        warnings.warn('{!r} has not happened as often as it should: the test may not have made '
                      'the call that it is for'.format(fault))


@pytest.fixture(scope='session')
def _ai_service_shared(request: "Any") -> "Iterator[Emulator]":
    with _started(request.config) as service:
        yield service


@pytest.fixture
def ai_service_emulator(_ai_service_shared: "Emulator") -> "Iterator[Emulator]":
    """A running :class:`.Emulator`, as new for each test.

    Jobs, people, used quota, requests, faults and time are reset after each test, and a fault that
    never happened is warned of. The server is one for the whole run, or for each process of
    pytest-xdist. Needs the extra ``emulator``.
    """
    yield _ai_service_shared
    try:
        _warn_of_pending(_ai_service_shared)  # which raises if warnings are errors
    finally:
        _ai_service_shared.reset()


@pytest.fixture(scope='session')
def ai_service_session_emulator(request: "Any") -> "Iterator[Emulator]":
    """Another :class:`.Emulator`, which keeps its people and jobs for the whole run.

    For models that are trained once and used by many tests.
    """
    with _started(request.config) as service:
        yield service


@pytest.fixture
def ai_service_emulators(request: "Any") -> "Iterator[Callable[..., Emulator]]":
    """A function that starts an :class:`.Emulator` with options of the test's own.

    ``ai_service_emulators(quota=2, training='held')``; all of them end with the test.
    """
    with ExitStack() as running:
        def start(**options: "Any") -> "Emulator":
            service = running.enter_context(_started(request.config, **options))
            running.callback(_warn_of_pending, service)
            return service
        yield start


@pytest.fixture
def ai_service_client(ai_service_emulator: "Emulator") -> "Iterator[ApiClient]":
    """An :class:`.ApiClient` of :func:`ai_service_emulator`."""
    from .client.api_client import ApiClient
    with ApiClient(ai_service_emulator.host, ai_service_emulator.app_id,
                   ai_service_emulator.token) as client:
        yield client
