"""Servers that speak TLS, a stand-in for OSS, and the command line apart from the user's own."""
import pytest
from fault_server import FaultServer, server_context
from support import ROOT
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


@pytest.fixture
def apart(emulator, seen_folder, tmp_path, monkeypatch):
    """A home, a cache and a folder of the test's own, English, no credentials, short pauses."""
    from ai_service_python_sdk.cli import connection
    from ai_service_python_sdk.util.language import set_language
    for name in ('AI_SERVICE_HOST', 'AI_SERVICE_APP_ID', 'AI_SERVICE_TOKEN'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('HOME', str(tmp_path / 'home'))
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.setenv('AI_SERVICE_LANG', 'en')
    monkeypatch.setenv('PYTHONPATH', ROOT)
    monkeypatch.setenv('SEEN_FOLDER', seen_folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connection, 'EMULATOR_INTERVAL', 0.05)
    yield
    set_language(None)


@pytest.fixture
def run(apart, capfd):
    """A function that runs a command line and returns (exit code, stdout, stderr)."""
    from ai_service_python_sdk.cli import main

    def call(*words):
        code = main(list(words))
        out, err = capfd.readouterr()
        return code, out, err
    return call
