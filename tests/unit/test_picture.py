"""Pictures: decoded whole or not at all, told by their first bytes, saved by a rename."""
import base64
import io
import os

import pytest

from ai_service_python_sdk.client.models import AIGCImageCreateResponse
from ai_service_python_sdk.util.files import write_whole
from ai_service_python_sdk.util.picture import decoded, media_type_of

JPEG = b'\xff\xd8\xff\xe0' + b'x' * 100


@pytest.mark.parametrize('size', range(1, 9))
def test_every_length_is_decoded_as_text_and_as_bytes(size):
    data = JPEG[:size]
    text = base64.b64encode(data)
    assert decoded(text) == decoded(text.decode('ascii')) == data


def test_line_breaks_are_no_error():
    text = base64.encodebytes(JPEG * 5)
    assert decoded(text) == decoded(text.decode('ascii')) == JPEG * 5


@pytest.mark.parametrize('text', [None, '', b'', 'no base64!', 'ab$d', 7, ['x'], 'é', 'abcde',
                                  base64.b64encode(JPEG)[:-3] + b'!!!'], ids=repr)
def test_what_is_no_base64_is_none(text):
    assert decoded(text) is None


@pytest.mark.parametrize('start, kind', [
    (JPEG, 'image/jpeg'), (b'\x89PNG\r\n\x1a\n', 'image/png'), (b'GIF89a', 'image/gif'),
    (b'BM1234', 'image/bmp'), (b'RIFF1234WEBPVP8 ', 'image/webp'), (b'RIFF1234WAVE', None),
    (b'text', None), (b'', None), (None, None)], ids=repr)
def test_the_first_bytes_tell_the_kind(start, kind):
    assert media_type_of(start) == kind


def test_notebooks_show_a_jpeg_as_jpeg_and_a_png_as_png():
    jpeg = AIGCImageCreateResponse(data={'image': base64.b64encode(JPEG).decode('ascii')})
    assert jpeg._repr_jpeg_() == JPEG and jpeg._repr_png_() is None
    png = b'\x89PNG\r\n\x1a\n' + b'x'
    other = AIGCImageCreateResponse(data={'image': base64.b64encode(png).decode('ascii')})
    assert other._repr_png_() == png and other._repr_jpeg_() is None


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / 'portrait.jpg'
    write_whole(JPEG, path)

    def no_rename(*paths):
        raise OSError('full')

    monkeypatch.setattr(os, 'replace', no_rename)
    with pytest.raises(OSError):
        write_whole(b'new', str(path))
    assert path.read_bytes() == JPEG and os.listdir(str(tmp_path)) == ['portrait.jpg']


def test_a_picture_goes_into_an_open_file_and_none_is_refused(tmp_path):
    stream = io.BytesIO()
    write_whole(JPEG, stream)
    assert stream.getvalue() == JPEG
    with pytest.raises(ValueError):
        AIGCImageCreateResponse().save_image(str(tmp_path / 'a.jpg'))
    assert not os.listdir(str(tmp_path))
