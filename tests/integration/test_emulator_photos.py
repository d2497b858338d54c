"""What the emulator says of 77 variants of photos, and of what only its strict way refuses."""
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest
from support import PHOTOS, ROOT
from support.shared import made_once
from fault_server import FaultServer, answer
from helpers import person, trained
from photo_variants import rows, write

from ai_service_python_sdk import AIGCImagesApi, AiServiceJobApi, ApiClient

LOGGER = 'ai_service_python_sdk.emulator'


@pytest.fixture(scope='module')
def variants(quick_eyes, tmp_path_factory):
    """An emulator that serves the variants beside the sample photos."""
    pytest.importorskip('PIL', reason='the extra "emulator" needs Python 3.9 or newer')
    from ai_service_python_sdk.emulator import Emulator

    def make(folder):
        write(shutil.copytree(PHOTOS, os.path.join(folder, 'files')))
    folder = os.path.join(made_once(tmp_path_factory, 'variants', make), 'files')
    with Emulator(files=folder, training_seconds=0.1) as service:
        yield service


@pytest.fixture(scope='module')
def engine(quick_eyes):
    from ai_service_python_sdk.emulator.faces import FaceEngine
    return FaceEngine()


def verdicts(engine, *urls, **options):
    from ai_service_python_sdk.emulator.photos import Photos
    return Photos(engine, **options).look_at(urls)


def api_of(service):
    return AIGCImagesApi(ApiClient(service.host, service.app_id, service.token))


def test_the_table_has_77_rows_each_of_its_own_name():
    assert len(set(row[0] for row in rows())) == len(rows()) == 77


@pytest.mark.parametrize('row', rows(), ids=lambda row: row[0])
def test_each_variant_of_a_photo_gets_its_verdict_and_the_reason(variants, engine, row):
    name, _, _, _, code, reason = row
    verdict, = verdicts(engine, variants.url(name))
    assert verdict.code == code and reason in verdict.reason, verdict
    assert bool(verdict.reason) == bool(reason), verdict
    assert bool(verdict.crop and verdict.crop.face.frontal) == (code == 1)


def test_over_the_wire_the_codes_are_the_same_and_the_words_are_the_services_own(variants):
    from ai_service_python_sdk.emulator.contract import PHOTO_MESSAGES
    table = [row for row in rows() if 'hopper' not in row[0]][::4]
    results = api_of(variants).aigc_images_check(
        [variants.url(row[0]) for row in table]).check_results
    assert [result.code for result in results] == [row[4] for row in table]
    assert all(result.message == PHOTO_MESSAGES[result.code] for result in results)


@pytest.mark.parametrize('name', ['other.webp', 'other.tif', 'other.bmp', 'other.tiff',
                                  'other.ppm'])
def test_strict_refuses_what_the_guide_does_not_promise(variants, engine, name):
    verdict, = verdicts(engine, variants.url(name), strict=True)
    assert verdict.code == 2 and 'the guide names .jpg, .jpeg and .png' in verdict.reason


@pytest.mark.parametrize('name', ['as_png.png', 'jpeg_called.txt', 'collins_0.jpg'])
def test_strict_takes_jpeg_and_png_whatever_they_are_called(variants, engine, name):
    assert verdicts(engine, variants.url(name), strict=True)[0].code == 1


def test_what_the_service_may_refuse_is_a_line_in_the_log_and_strict_an_answer(
        variants, own_emulator, caplog):
    with caplog.at_level(logging.WARNING, LOGGER):
        api_of(variants).aigc_images_check([variants.url('other.webp')])
        api_of(variants).aigc_images_train(person(variants, 'collins')[:4])
    lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert len(lines) == 2
    assert 'other.webp' in lines[0] and 'WEBP' in lines[0]
    assert '4 photos' in lines[1] and '5 to 20' in lines[1]
    caplog.clear()
    with caplog.at_level(logging.WARNING, LOGGER):
        api_of(variants).aigc_images_check(person(variants, 'collins'))
    assert not caplog.records
    strict = own_emulator(files=variants._files, strict=True)
    results = api_of(strict).aigc_images_check([strict.url('other.webp')]).check_results
    assert [result.code for result in results] == [2]


def test_a_stranger_is_told_who_it_was_compared_with_and_how_near_it_came(emulator, engine):
    found = verdicts(engine, *person(emulator, 'collins') + [emulator.url('hopper_0.jpg')])
    assert [verdict.code for verdict in found] == [1] * 5 + [6]
    assert 'likeness to collins_' in found[5].reason and '0.363' in found[5].reason


@pytest.mark.parametrize('url, reason', [
    ('http://photos.example.com/0.jpg', 'photos.example.com is not this computer; start with '
                                        '--allow-host photos.example.com'),
    ('ftp://127.0.0.1/0.jpg', 'not an http URL'), ('http://127.0.0.1:9/0.jpg', 'refused'),
    ('http://127.0.0.1:99999/0.jpg', 'ort out of range'), ('http://[half/0.jpg', 'not a URL')])
def test_what_cannot_be_fetched_says_why(engine, url, reason):
    verdict, = verdicts(engine, url)
    assert verdict.code == 2 and reason in verdict.reason


def test_a_redirect_to_what_is_not_a_url_is_a_verdict_too(engine):
    with FaultServer(answer(b'', '302 Found', [('Location', 'http://[half/')])) as server:
        verdict, = verdicts(engine, 'http://127.0.0.1:{}/a.jpg'.format(server.port))
    assert verdict.code == 2 and 'not a URL' in verdict.reason


def test_a_name_in_the_log_leaves_out_the_query_that_may_sign_it():
    from ai_service_python_sdk.emulator.photos import name_of
    assert name_of('http://h/a/%E5%BC%A0%20.jpg?Signature=s') == u'张 .jpg'
    assert name_of('http://user:word@h:1/?Signature=s') == 'h:1'
    assert name_of('http://user:word@h:1/face@2x.jpg#top') == 'face@2x.jpg'
    assert name_of('http://[half/a.jpg?Signature=s') == 'a.jpg'


@pytest.mark.parametrize('name', [u'张 三.jpg', 'a b.jpg', '100%25.jpg', 'a:b.jpg'])
def test_raw_blanks_and_chinese_in_a_url_are_escaped_on_the_way(own_emulator, engine, tmp_path,
                                                                name):
    if ':' in name and sys.platform == 'win32':
        pytest.skip('Windows has no such names')
    shutil.copy(PHOTOS + '/collins_0.jpg', str(tmp_path / name.replace('%25', '%')))
    service = own_emulator(files=str(tmp_path))
    verdict, = verdicts(engine, u'{}/files/{}?sign=a b'.format(service.host, name))
    assert verdict.code == 1, verdict


def test_the_host_of_a_photo_sees_who_fetches(engine):
    with open(PHOTOS + '/collins_0.jpg', 'rb') as stream:
        data = stream.read()
    with FaultServer(answer(data)) as server:
        verdicts(engine, 'http://127.0.0.1:{}/a.jpg'.format(server.port))
        assert 'ai-service-python-sdk-emulator' in server.requests[0].headers['user-agent']


def test_a_head_that_drips_ends_with_the_time_for_the_whole(engine, monkeypatch):
    from ai_service_python_sdk.emulator import contract
    monkeypatch.setattr(contract, 'FETCH_SECONDS', 0.5)
    server, ended = socket.socket(), threading.Event()
    server.bind(('127.0.0.1', 0))
    server.listen(1)

    def drip():
        connection = server.accept()[0]
        try:
            connection.sendall(b'HTTP/1.1 200 OK\r\n')
            while not ended.wait(0.05):
                connection.sendall(b'X-Drip: 1\r\n')
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=drip)
    thread.daemon = True
    thread.start()
    verdict, = verdicts(engine, 'http://127.0.0.1:{}/a.jpg'.format(server.getsockname()[1]))
    ended.set()
    server.close()
    assert verdict.code == 2 and 'longer than 0.5 s' in verdict.reason


MEMORY = """
import sys
from ai_service_python_sdk.emulator.faces import FaceEngine
from ai_service_python_sdk.emulator.photos import Photo, Photos
data = open(sys.argv[1], 'rb').read()
engine = FaceEngine()
Photos.picture = lambda self, url: Photo(engine, data)
urls = ['http://h/%d.jpg' % index for index in range(int(sys.argv[2]))]
verdicts = Photos(engine).look_at(urls)
# Not getrusage, which counts the process that this one was started from too.
peak = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]
print(sorted(set(verdict.code for verdict in verdicts)), int(peak[0]) // 1024)
"""


@pytest.fixture(scope='module')
def large():
    """A picture of 48 megapixels, which takes a second to make."""
    image = pytest.importorskip('PIL.Image')
    with image.open(PHOTOS + '/collins_2.jpg') as photo:
        return photo.resize((6000, 8000), 2)


@pytest.mark.parametrize('count, options', [
    (4, {'exif': 6}), (2, {'progressive': True}), (2, {'format': 'PNG', 'exif': 6})], ids=str)
def test_photos_of_48_megapixels_stay_within_600_mb(variants, large, tmp_path, count, options):
    if not os.path.exists('/proc/self/status'):
        pytest.skip('only Linux tells the peak of its memory')
    from PIL import Image
    exif, picture = Image.Exif(), large
    if 'exif' in options:
        exif[0x0112] = 6
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    options = dict({'format': 'JPEG', 'quality': 85, 'compress_level': 1}, **options)
    picture.save(str(tmp_path / 'large.jpg'), **dict(options, exif=exif.tobytes()))
    found = subprocess.run([sys.executable, '-c', MEMORY, str(tmp_path / 'large.jpg'),
                            str(count)], cwd=ROOT, stdout=subprocess.PIPE, timeout=120,
                           check=True).stdout.decode()
    codes, peak = found.rsplit(None, 1)
    assert codes == '[1]' and int(peak) <= 600


def test_a_person_is_kept_as_crops_of_a_few_poses_the_best_first(variants, engine):
    import json
    from ai_service_python_sdk.emulator.faces import CROP_SIDE
    client = ApiClient(variants.host, variants.app_id, variants.token)
    model_id = trained(AIGCImagesApi(client), AiServiceJobApi(client), variants, 'hopper')
    memory = variants.store.person(model_id)
    poses = json.loads(memory.decode('ascii'))['poses']
    assert 1 <= len(poses) <= 3 and len(memory) < 1500000
    assert poses[0]['worth'] == max(pose['worth'] for pose in poses)
    assert all(max(max(point) for point in pose['landmarks']) <= CROP_SIDE for pose in poses)


def test_the_evenly_lit_sharp_frontal_photo_is_the_best_of_a_person(variants, engine):
    from ai_service_python_sdk.emulator import faces
    names = ['light_burnt.jpg', 'blur_2_collins.jpg', 'collins_2.jpg', 'size_513.jpg']
    from ai_service_python_sdk.emulator.photos import Photos
    verdicts = Photos(engine).look_at([variants.url(name) for name in names])
    assert faces.best([verdict.crop for verdict in verdicts])[0] is verdicts[2].crop
