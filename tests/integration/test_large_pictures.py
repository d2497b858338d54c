"""What a large picture holds of the memory, while it is read and after."""
import base64
import gc
import json
import sys
import tracemalloc

import pytest
from calls import client_of, create
from fault_server import FaultServer, answer

PICTURE = b'\xff\xd8\xff' + b'x' * (4 << 20)
BODY = json.dumps({'request_id': 'r', 'code': 'OK', 'message': 'success', 'data': {
    'image': base64.b64encode(PICTURE).decode('ascii')}}).encode('ascii')


@pytest.fixture
def client():
    with FaultServer(answer(BODY)) as server, client_of(server.host) as api_client:
        create(api_client)
        gc.collect()
        tracemalloc.start()
        yield api_client
        tracemalloc.stop()


def share():
    """What is held, and what was at most, in lengths of the answer."""
    return [part / float(len(BODY)) for part in tracemalloc.get_traced_memory()]


def test_an_answer_is_held_as_its_text_alone_and_not_at_all_when_it_is_dropped(client):
    response = create(client)
    held, most = share()
    assert held < 1.1 and most < 2.1
    assert len(response.image_bytes) == len(PICTURE)
    # The text, and the picture, which is three quarters of it.
    assert share()[1] < 2.1
    response = None
    assert share()[0] < 0.1


def test_the_old_way_to_the_bytes_makes_one_copy_more_and_keeps_nothing(client):
    response = create(client)
    assert base64.b64decode(response.data['image']) == PICTURE
    assert share()[1] < 2.9
    response = None
    assert share()[0] < 0.1


@pytest.mark.skipif(sys.version_info < (3, 9), reason='a peak can be reset from Python 3.9 on')
def test_saving_takes_the_bytes_of_the_picture_and_no_more(client, tmp_path):
    response = create(client)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    response.save_image(str(tmp_path / 'p.jpg'))
    assert tracemalloc.get_traced_memory()[1] - before < 1.1 * len(PICTURE)
    assert (tmp_path / 'p.jpg').read_bytes() == PICTURE
