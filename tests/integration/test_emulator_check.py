"""Checking photos on the emulator: every photo code occurs on real photos."""
import io
import os
import socket
import threading

import pytest
from support import PHOTOS
from helpers import person, urls

from ai_service_python_sdk import AIGCImagesApi, ApiClient
from ai_service_python_sdk.client.exceptions import InputFormatError, PhotosMissingError


def codes(api, images):
    return [result.code for result in api.aigc_images_check(images).check_results]


@pytest.fixture
def extra(tmp_path, own_emulator):
    """A folder of odd files, served by an emulator; gives (folder, service, api)."""
    service = own_emulator(files=str(tmp_path))
    return tmp_path, service, AIGCImagesApi(ApiClient(service.host, service.app_id,
                                                      service.token))


def picture(name):
    import cv2
    return cv2.imread(os.path.join(PHOTOS, name))


def test_five_photos_of_one_person_all_fit(api, emulator):
    answer = api.aigc_images_check(person(emulator, 'collins'))
    assert answer.passed and not answer.failures
    assert [result.message for result in answer.check_results] == ['success'] * 5
    assert all(result.frontal for result in answer.check_results)
    assert answer.data['images'] == person(emulator, 'collins')
    assert answer.data['request_id'] == answer.request_id


def test_each_photo_gets_its_own_code(api, emulator):
    images = person(emulator, 'collins') + urls(
        emulator, 'broken.jpg', 'noface_coffee.jpg', 'template_two.jpg', 'exactly512.jpg',
        'hopper_0.jpg', 'absent.jpg')
    assert codes(api, images) == [1, 1, 1, 1, 1, 2, 3, 3, 4, 6, 2]


def test_a_face_too_small_to_tell_apart_gets_code_5(extra):
    import cv2
    import numpy
    folder, service, api = extra
    small = cv2.resize(picture('template_single_collins.jpg'), (200, 200),
                       interpolation=cv2.INTER_AREA)
    canvas = numpy.full((900, 900, 3), 128, numpy.uint8)
    canvas[300:500, 300:500] = small
    cv2.imwrite(str(folder / 'far.png'), canvas)
    assert codes(api, urls(service, 'far.png')) == [5]


def test_of_two_photos_of_two_people_the_second_is_the_stranger(api, emulator):
    assert codes(api, urls(emulator, 'hopper_0.jpg', 'collins_0.jpg')) == [1, 6]


def test_a_text_file_called_jpg_and_an_empty_file_cannot_be_decoded(extra):
    folder, service, api = extra
    (folder / 'text.jpg').write_bytes(b'this is text')
    (folder / 'empty.jpg').write_bytes(b'')
    assert codes(api, urls(service, 'text.jpg', 'empty.jpg')) == [2, 2]


def test_a_file_of_200_mb_is_refused_without_being_read_whole(extra):
    folder, service, api = extra
    with open(str(folder / 'huge.jpg'), 'wb') as stream:
        stream.truncate(200 * 1024 * 1024)
    assert codes(api, urls(service, 'huge.jpg')) == [2]


def test_a_decompression_bomb_is_refused_by_the_size_that_it_states(extra):
    from PIL import Image
    folder, service, api = extra
    stream = io.BytesIO()
    Image.new('1', (20000, 20000)).save(stream, 'PNG')
    (folder / 'bomb.png').write_bytes(stream.getvalue())
    assert len(stream.getvalue()) < 1000000
    photo, = api.aigc_images_check(urls(service, 'bomb.png')).data['check_results']
    assert photo['code'] == 2 and 'at most 50 megapixels' in photo['emulated_reason']


@pytest.mark.parametrize('path', [
    '..%2fconftest.py', '%2e%2e/x', '..', '.', '', '%00', 'sub/inner.jpg', '%2fetc%2fpasswd'])
def test_no_path_leaves_the_folder_of_files(extra, path):
    folder, service, api = extra
    os.mkdir(str(folder / 'sub'))
    (folder / 'sub' / 'inner.jpg').write_bytes(b'x')
    sock = socket.create_connection(('127.0.0.1', service.port), 5)
    sock.sendall('GET /files/{} HTTP/1.1\r\nHost: localhost\r\n\r\n'.format(path).encode('ascii'))
    assert sock.recv(100).startswith(b'HTTP/1.1 404')
    sock.close()


@pytest.mark.skipif(not hasattr(os, 'symlink'), reason='no symbolic links here')
def test_a_link_out_of_the_folder_is_not_served(extra):
    folder, service, api = extra
    os.symlink(os.path.join(PHOTOS, 'collins_0.jpg'), str(folder / 'link.jpg'))
    assert codes(api, urls(service, 'link.jpg')) == [2]


def test_hosts_that_cannot_be_reached_or_are_not_allowed_give_code_2(api):
    images = ['http://127.0.0.1:9/x.jpg', 'http://192.0.2.1/x.jpg', 'ftp://127.0.0.1/x',
              'no url at all', 'file:///etc/passwd', 'http://127.0.0.1:99999/']
    assert codes(api, images) == [2] * 6


def test_a_photo_host_that_redirects_to_a_foreign_host_gives_code_2(api):
    server = socket.socket()
    server.bind(('127.0.0.1', 0))
    server.listen(5)

    def serve():
        connection = server.accept()[0]
        connection.recv(1000)
        connection.sendall(b'HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/x.jpg\r\n'
                           b'Content-Length: 0\r\n\r\n')
        connection.close()

    thread = threading.Thread(target=serve)
    thread.daemon = True
    thread.start()
    assert codes(api, ['http://127.0.0.1:{}/x.jpg'.format(server.getsockname()[1])]) == [2]
    server.close()


def test_no_photos_at_all_is_named(api):
    with pytest.raises(PhotosMissingError):
        api.aigc_images_check([])


@pytest.mark.parametrize('images', ['http://x/1.jpg', [1, 2], {'a': 1}, [None], 7])
def test_images_of_a_wrong_type_are_invalid_input(api, images):
    with pytest.raises(InputFormatError):
        api.aigc_images_check(images)


def test_more_than_twenty_photos_are_invalid_input(api, emulator):
    with pytest.raises(InputFormatError):
        api.aigc_images_check([emulator.url('collins_0.jpg')] * 21)
