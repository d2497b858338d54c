"""Servers of integration tests that speak TLS."""
import pytest
from fault_server import FaultServer, server_context


@pytest.fixture(scope='session')
def authority():
    trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
    return trustme.CA()


@pytest.fixture(scope='session')
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp('tls') / 'authority.pem'
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def secure(authority):
    certificate = authority.issue_cert('localhost', '127.0.0.1')
    with FaultServer(tls=server_context(certificate)) as server:
        yield server
