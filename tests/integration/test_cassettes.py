"""vcrpy: what a program records it can replay, and a cassette that is closed sends nothing."""
import subprocess
import sys
import textwrap

import pytest
from calls import check, client_of, create, job, train
from fault_server import FaultServer
from support import ROOT

from ai_service_python_sdk import ApiException

vcr = pytest.importorskip('vcr', reason='the extra "test" brings it from Python 3.9 up')


def in_background(client):
    return train(client, async_req=True).get(10)


def awaited(client):
    import asyncio

    from ai_service_python_sdk import aio

    async def run():
        async with aio.ApiClient(client.host, 'app', 't') as line:
            line.configuration.timeout = 5
            return await aio.AIGCImagesApi(line).aigc_images_train(['http://localhost/a.jpg'])
    return asyncio.run(run())


CALLS = [check, train, create, job, in_background, awaited]


@pytest.mark.parametrize('call', CALLS, ids=lambda call: call.__name__)
def test_a_call_is_recorded_once_and_replayed_without_the_service(tmp_path, call):
    cassette = str(tmp_path / 'calls.yaml')
    with FaultServer() as server:
        client = client_of(server.host, repeats=0)
        with vcr.use_cassette(cassette, record_mode='once',
                              filter_headers=['authorization']) as tape:
            first = call(client)
            assert len(tape) == 1
        with vcr.use_cassette(cassette, record_mode='none') as tape:
            again = call(client)
            assert tape.play_count == 1
            with pytest.raises(Exception):
                call(client)
        assert len(server.requests) == 1
        assert first == again and first.data['job_id'] == 11
        call(client)  # outside of any cassette: over the wire again
        assert len(server.requests) == 2
        client.close()
    with open(cassette) as stream:
        assert 'k3y-S3cret-t0ken' not in stream.read()


def test_a_cassette_that_records_nothing_lets_nothing_out(tmp_path):
    with FaultServer() as server:
        client = client_of(server.host)
        check(client)  # a connection is open and kept
        with vcr.use_cassette(str(tmp_path / 'none.yaml'), record_mode='none'):
            with pytest.raises(Exception) as caught:
                train(client)
        client.close()
    assert [one.path.rsplit('/')[-1] for one in server.requests] == ['check']
    if isinstance(caught.value, ApiException):
        assert not caught.value.safe_to_repeat


def test_the_first_call_of_a_process_may_fall_inside_a_cassette(tmp_path):
    script = textwrap.dedent('''
        import sys, vcr
        sys.path.insert(0, {root!r})
        from ai_service_python_sdk import AIGCImagesApi, ApiClient
        with ApiClient({host!r}, 'app', 't') as client:
            client.configuration.timeout = (3, 0.3)
            train = AIGCImagesApi(client).aigc_images_train
            with vcr.use_cassette({cassette!r}, record_mode='none'):
                try:
                    train(['x'])
                except Exception as error:
                    print(type(error).__name__)
            with vcr.use_cassette({cassette!r}, record_mode='once') as tape:
                print(train(['x']).job_id, len(tape))
            print(train(['x']).job_id, train(['x']).job_id)
            pool = client.rest_client.pool_manager.connection_from_url({host!r})
            print(pool.ConnectionCls.__module__)
        ''')
    with FaultServer() as server:
        done = subprocess.run(
            [sys.executable, '-c', script.format(root=ROOT, host=server.host,
                                                 cassette=str(tmp_path / 'first.yaml'))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, done.stderr.decode('utf-8')
    lines = done.stdout.decode('utf-8').splitlines()
    assert lines[1:] == ['11 1', '11 11', 'ai_service_python_sdk.client.transport.sockets'], lines
    assert len(server.requests) == 3
