"""Fixtures of the unit tests: a client, and the wire that answers it without a network."""
import pytest
from support.service import HOST, Service


@pytest.fixture
def client():
    from ai_service_python_sdk import ApiClient
    return ApiClient(HOST, 'app', 'tok')


@pytest.fixture
def mocked():
    """The answers that ``requests`` gets; each of them has to be asked for."""
    responses = pytest.importorskip('responses')
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def service(mocked):
    """A scripted service; not each of its answers has to be asked for."""
    mocked.assert_all_requests_are_fired = False
    return Service(mocked)
