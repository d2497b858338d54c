"""Photos of this computer: what is refused before a byte travels, and what is taken off."""
import copy
import io
import os
import pathlib
import pickle
import shutil
import signal
import sys
import threading

import pytest
from support import PHOTOS

from ai_service_python_sdk.util import photo_file
from ai_service_python_sdk.util.language import set_language
from ai_service_python_sdk.util.photo_file import PhotoFileError, is_local, prepared

pytestmark = pytest.mark.usefixtures('in_english')

Image = pytest.importorskip('PIL.Image', reason='the extra "images" brings Pillow')
pytest.importorskip('PIL.ImageOps')
PHOTO = os.path.join(PHOTOS, 'collins_0.jpg')
#: EXIF: which side is up, the camera, the block of the place, latitude north.
ORIENTATION, CAMERA, PLACE, NORTH = 0x0112, 0x0110, 0x8825, 1


@pytest.fixture
def exif():
    found = Image.Exif()
    if not hasattr(found, 'get_ifd'):
        pytest.skip('needs a newer Pillow')
    found[CAMERA] = 'secret camera'
    found[PLACE] = {NORTH: 'N', 2: (40.0, 26.0, 46.0)}
    return found


@pytest.fixture
def photo(tmp_path):
    """A function that saves a sample photo in another way and returns the path."""
    def save(name='photo.jpg', size=None, mode='RGB', **options):
        path = str(tmp_path / name)
        picture = opened(PHOTO).convert(mode)
        (picture.resize(size) if size else picture).save(path, **options)
        return path
    return save


def opened(path):
    with open(path, 'rb') as stream:
        return Image.open(io.BytesIO(stream.read()))


def only(photos, folder):
    found, = prepared(photos, str(folder))
    return opened(found)


def problem_of(photo, folder):
    with pytest.raises(PhotoFileError) as caught:
        prepared([photo], str(folder))
    (name, problem), = caught.value.problems
    assert str(photo)[:200] == name and name in str(caught.value)
    return problem


def test_place_camera_and_comment_are_gone_and_the_pixels_are_there(photo, exif, tmp_path):
    path = photo(exif=exif, comment=b'secret comment', quality=90)
    assert opened(path).getexif().get_ifd(PLACE)[NORTH] == 'N'
    with open(path, 'rb') as stream:
        assert b'secret camera' in stream.read()
    sent = only([path], tmp_path)
    assert not dict(sent.getexif()) and not sent.getexif().get_ifd(PLACE)
    with open(sent_path(tmp_path, path), 'rb') as stream:
        data = stream.read()
    assert b'secret' not in data and b'Exif' not in data
    assert sent.size == opened(path).size


def sent_path(folder, *besides):
    found, = [str(folder / name) for name in os.listdir(str(folder))
              if str(folder / name) not in besides]
    return found


def test_a_jpeg_that_is_upright_keeps_its_own_quality(photo, tmp_path):
    path = photo(quality=60)
    sent = only([path], tmp_path)
    assert sent.quantization == opened(path).quantization


def test_a_photo_that_lies_on_its_side_is_sent_upright(photo, exif, tmp_path):
    exif[ORIENTATION] = 6
    path = photo(exif=exif, size=(900, 600), quality=95)
    sent = only([path], tmp_path)
    assert sent.size == (600, 900) and ORIENTATION not in sent.getexif()
    upright = opened(path).transpose(Image.ROTATE_270)
    assert sum(abs(a - b) for a, b in zip(sent.resize((1, 1)).getpixel((0, 0)),
                                          upright.resize((1, 1)).getpixel((0, 0)))) < 6
    corner = (0, 0, 40, 40)
    assert sum(abs(a - b) for a, b in zip(
        sent.crop(corner).resize((1, 1)).getpixel((0, 0)),
        upright.crop(corner).resize((1, 1)).getpixel((0, 0)))) < 12


def test_the_colour_profile_stays(photo, tmp_path):
    cms = pytest.importorskip('PIL.ImageCms')
    profile = cms.ImageCmsProfile(cms.createProfile('sRGB')).tobytes()
    assert only([photo(icc_profile=profile)], tmp_path).info['icc_profile'] == profile


@pytest.mark.parametrize('name, mode, kind', [
    ('a.jpg', 'RGB', 'JPEG'), ('a.jpg', 'L', 'JPEG'), ('a.jpg', 'CMYK', 'JPEG'),
    ('a.png', 'RGB', 'PNG'), ('a.png', 'RGBA', 'PNG'), ('a.webp', 'RGB', 'JPEG'),
    ('a.bmp', 'RGB', 'JPEG'), ('a.gif', 'P', 'JPEG'), ('a.tiff', 'RGB', 'JPEG')])
def test_jpeg_and_png_stay_what_they_are_and_others_become_jpeg(name, mode, kind, photo, tmp_path):
    path = photo(name, mode=mode)
    sent = only([path], tmp_path)
    assert sent.format == kind and sent.size == opened(path).size
    assert sent.mode == 'RGB'
    assert sent_path(tmp_path, path).endswith({'JPEG': '.jpg', 'PNG': '.png'}[kind])


@pytest.mark.parametrize('mode', ['I;16', 'I', 'F'])
def test_a_grey_photo_of_more_than_8_bits_is_refused_and_not_sent_white(mode, tmp_path):
    image = pytest.importorskip('PIL.Image')
    path = tmp_path / 'grey.tiff'
    image.new(mode, (600, 600), 30000).save(str(path))
    assert 'more than 8 bits' in problem_of(path, tmp_path)


def test_heic_becomes_jpeg_where_pillow_can(tmp_path):
    heif = pytest.importorskip('pillow_heif', reason='pip install pillow-heif')
    path = str(tmp_path / 'phone.heic')
    heif.from_pillow(opened(PHOTO)).save(path)
    sent = only([path], tmp_path)
    assert sent.format == 'JPEG' and sent.size == opened(PHOTO).size


def test_heic_that_pillow_cannot_read_names_the_package(tmp_path):
    path = tmp_path / 'phone.heic'
    path.write_bytes(b'\0\0\0\x18ftypheic' + b'\0' * 64)
    assert 'pip install pillow-heif' in problem_of(str(path), tmp_path)
    set_language('zh')
    assert 'HEIC 照片' in problem_of(str(path), tmp_path)


def test_the_second_picture_and_what_stands_behind_the_first_are_not_sent(photo, tmp_path):
    path = photo()
    with open(path, 'ab') as stream:
        stream.write(b'secret film of a phone')
    only([path], tmp_path)
    with open(sent_path(tmp_path, path), 'rb') as stream:
        assert b'secret' not in stream.read()


@pytest.mark.parametrize('size, fits', [
    ((512, 900), False), ((900, 512), False), ((513, 513), True)])
def test_both_sides_must_be_larger_than_512_pixels(size, fits, photo, tmp_path):
    path = photo(size=size)
    if fits:
        assert only([path], tmp_path).size == size
    else:
        assert problem_of(path, tmp_path).startswith('{} x {} pixels; both sides'.format(*size))


def test_the_upright_size_does_not_depend_on_how_the_camera_was_held(photo, exif, tmp_path):
    exif[ORIENTATION] = 8
    assert problem_of(photo(size=(900, 400), exif=exif), tmp_path).startswith('900 x 400 pixels')


def test_limits_of_bytes_and_pixels_are_told_with_the_size(photo, tmp_path, monkeypatch):
    path = photo()
    monkeypatch.setattr(photo_file, 'MOST_PIXELS', 513 * 513)
    assert 'must be 263169 at most' in problem_of(path, tmp_path)
    monkeypatch.setattr(photo_file, 'MOST_BYTES', 1000)
    assert '1001 bytes; must be 1 to 1000' in problem_of(path, tmp_path)


def test_what_is_not_a_whole_picture_is_refused(tmp_path):
    with open(PHOTO, 'rb') as stream:
        data = stream.read()
    for content in (data[:len(data) // 2], b'no picture', data[:2]):
        path = tmp_path / 'x.jpg'
        path.write_bytes(content)
        assert 'cannot be read as a picture' in problem_of(str(path), tmp_path)
    (tmp_path / 'x.jpg').write_bytes(b'')
    assert problem_of(str(tmp_path / 'x.jpg'), tmp_path).startswith('0 bytes')


def test_a_missing_file_a_folder_and_a_zero_byte_are_told(tmp_path):
    assert 'No such file' in problem_of(str(tmp_path / 'none.jpg'), tmp_path)
    assert 'irectory' in problem_of(str(tmp_path), tmp_path) or os.name == 'nt'
    assert 'zero byte' in problem_of('a\0b', tmp_path)


def test_an_open_file_is_read_and_one_open_for_text_is_refused(tmp_path):
    with open(PHOTO, 'rb') as stream:
        assert only([stream], tmp_path).format == 'JPEG'
    with io.StringIO('text') as stream, pytest.raises(PhotoFileError) as caught:
        prepared([stream], str(tmp_path))
    assert "open it with 'rb'" in str(caught.value)


class Pipe(io.BytesIO):
    """A stream that is read once."""

    def seekable(self):
        return False

    def seek(self, *place):
        raise io.UnsupportedOperation('seek')

    tell = seek


def test_an_open_file_may_be_checked_and_then_trained_and_a_pipe_is_read_once(tmp_path):
    with open(PHOTO, 'rb') as stream:
        data = stream.read()
    photo = io.BytesIO(b'head' + data)
    photo.seek(4)
    for _ in range(2):
        sent, = prepared([photo], str(tmp_path))
        assert photo.tell() == 4 and opened(sent).format == 'JPEG'
    assert only([Pipe(data)], tmp_path).format == 'JPEG'


def test_the_same_photo_twice_is_told_by_its_pixels(photo, exif, tmp_path):
    first, second = photo('first.png'), str(tmp_path / 'second.png')
    opened(first).save(second, exif=exif)
    with pytest.raises(PhotoFileError) as caught:
        prepared([first, PHOTO, second], str(tmp_path))
    (name, problem), = [each for each in caught.value.problems if each[0] == second]
    assert problem == 'the same photo as {}; leave one out'.format(first)


def test_all_that_is_wrong_is_told_at_once_in_the_language_of_the_user(tmp_path):
    small = os.path.join(PHOTOS, 'exactly512.jpg')
    broken = os.path.join(PHOTOS, 'broken.jpg')
    set_language('zh')
    with pytest.raises(PhotoFileError) as caught:
        prepared([small, PHOTO, broken, PHOTO], str(tmp_path))
    assert [name for name, _ in caught.value.problems] == [small, broken, PHOTO]
    assert '宽和高都须大于 512' in str(caught.value) and '无法作为图片读取' in str(caught.value)
    for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert str(twin) == str(caught.value) and twin.problems == caught.value.problems


def test_names_of_what_is_sent_tell_nothing(tmp_path):
    shutil.copy(PHOTO, str(tmp_path / 'Jane Doe.jpg'))
    path, = prepared([str(tmp_path / 'Jane Doe.jpg')], str(tmp_path))
    name = os.path.basename(path)
    assert 'Jane' not in name and len(name) == 36 and name.endswith('.jpg')


def test_without_pillow_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'PIL.Image', None)
    with pytest.raises(ImportError) as caught:
        prepared([PHOTO], str(tmp_path))
    assert 'install the extra images: in a clone' in str(caught.value)


@pytest.mark.parametrize('photo, expected', [
    ('https://h.test/a.jpg', False), ('data:image/jpeg;base64,AAAA', False), ('a.jpg', True),
    (pathlib.Path('a.jpg'), True), (b'a.jpg', True), (io.BytesIO(), True), (7, False),
    (None, False)], ids=lambda value: type(value).__name__)
def test_what_is_a_photo_of_this_computer(photo, expected):
    assert is_local(photo) is expected


class Held(io.BytesIO):
    """A file whose reading ends when told."""

    def __init__(self, data):
        io.BytesIO.__init__(self, data)
        self.is_read, self.may_end = threading.Event(), threading.Event()

    def read(self, *args):
        self.is_read.set()
        assert self.may_end.wait(60)
        return io.BytesIO.read(self, *args)


@pytest.fixture
def held():
    """An open file that another thread is reading."""
    with open(PHOTO, 'rb') as stream:
        held = Held(stream.read())
    thread = threading.Thread(target=photo_file._read, args=(held,))
    thread.start()
    assert held.is_read.wait(60)
    yield held
    held.may_end.set()
    thread.join()


class Bare(object):
    """An open file that has no hash, and takes no weak reference."""

    __slots__ = ('read',)
    __hash__ = None


def test_a_file_that_is_read_slowly_holds_hardly_any_other_one_back(held):
    def lock_of(stream):
        return id(stream) % photo_file.MOST_LOCKS

    others = [Bare() for _ in range(100)]
    free = [other for other in others if lock_of(other) != lock_of(held)]
    assert len(free) > 90
    for other in free:  # a hang is the failure
        other.read = lambda: b'data'
        assert photo_file._read(other) == b'data'


def test_the_locks_of_open_files_do_not_become_more_and_more():
    streams = [io.BytesIO(b'data') for _ in range(2 * photo_file.MOST_LOCKS)]
    assert all(photo_file._read(stream) == b'data' for stream in streams)
    own = [lock for lock in photo_file._locks if lock[0] == os.getpid()]
    assert 100 < len(own) <= photo_file.MOST_LOCKS


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='this system has no fork')
@pytest.mark.filterwarnings('ignore:.*fork:DeprecationWarning')
def test_a_process_that_is_forked_while_a_file_is_read_reads_it_all_the_same(held):
    child = os.fork()
    if not child:
        held.may_end.set()
        signal.alarm(60)
        os._exit(0 if photo_file._read(held) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_an_open_file_whose_reading_was_interrupted_is_read_again():
    class Interrupted(io.BytesIO):
        def read(self, *args):
            del Interrupted.read
            raise KeyboardInterrupt()
    stream = Interrupted(b'data')
    with pytest.raises(KeyboardInterrupt):
        photo_file._read(stream)
    assert photo_file._read(stream) == b'data'


def test_an_open_file_that_many_threads_read_is_whole_for_each_and_stays_where_it_stands(tmp_path):
    class Slow(io.FileIO):
        def read(self, size=-1):
            data = io.FileIO.read(self, size)
            threading.Event().wait(0.01)
            return data
    failed = []

    def prepare(stream, number):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            prepared([stream], str(folder))
        except PhotoFileError as error:
            failed.append(error)
    with Slow(PHOTO) as stream:
        threads = [threading.Thread(target=prepare, args=(stream, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed and stream.tell() == 0
