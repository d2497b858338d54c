"""Servers of integration tests: such as speak TLS, and a stand-in for OSS."""
import pytest
from fault_server import FaultServer, server_context
from support.oss_server import KEY, REGION, SECRET, OssServer


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


@pytest.fixture
def oss(monkeypatch):
    """A bucket, and the variables that lead to it."""
    oss_sdk = pytest.importorskip('alibabacloud_oss_v2', reason='the extra "oss", from Python 3.8')
    pytest.importorskip('PIL.ImageOps')
    with OssServer() as server:
        monkeypatch.setenv('OSS_ENDPOINT', server.endpoint)
        monkeypatch.setenv('OSS_REGION', REGION)
        monkeypatch.setenv('OSS_ACCESS_KEY_ID', KEY)
        monkeypatch.setenv('OSS_ACCESS_KEY_SECRET', SECRET)
        monkeypatch.delenv('OSS_SESSION_TOKEN', raising=False)
        # What the SDK waits between two tries.
        monkeypatch.setattr(oss_sdk.retry.StandardRetryer, 'retry_delay', lambda *args: 0.01)
        yield server
