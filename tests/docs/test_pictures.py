"""The pictures and screens of the docs can be made anew, and are small."""
import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from support import ROOT, untraced

ASSETS = os.path.join(ROOT, 'docs', 'pages', 'assets')
#: Bytes of a picture, and of the screen of the emulator's page.
LARGEST, LARGEST_SCREEN = 130 * 1000, 250 * 1000

_SVG = '{http://www.w3.org/2000/svg}'


@pytest.mark.skipif(os.name != 'posix', reason='the script needs a terminal of POSIX')
def test_the_script_makes_every_picture_that_is_kept(emulator, seen_folder, tmp_path):
    pytest.importorskip('pyte')
    here = os.path.dirname(os.path.abspath(__file__))
    environment = dict(untraced(), SEEN_FOLDER=seen_folder, PYTHONPATH=os.pathsep.join(
        [os.path.join(here, 'fast'), os.path.dirname(here), ROOT]))
    process = subprocess.Popen(
        [sys.executable, os.path.join(ROOT, 'docs', 'make_pictures.py'), str(tmp_path)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = process.communicate()[0].decode('utf-8', 'replace')
    assert process.returncode == 0, printed
    kept = [name for name in os.listdir(ASSETS) if name.endswith(('.jpg', '.svg'))]
    assert sorted(os.listdir(str(tmp_path))) == sorted(kept)
    for name, last in (('run.svg', 'bytes'), ('run.zh.svg', '字节')):
        assert 'grace.jpg' in (tmp_path / name).read_text(encoding='utf-8')
        assert last in (tmp_path / name).read_text(encoding='utf-8')


@pytest.mark.parametrize('name', ['run.svg', 'run.zh.svg'])
def test_the_recording_moves_by_itself_and_shows_its_end_where_nothing_moves(name):
    tree = ElementTree.parse(os.path.join(ASSETS, name))
    style, frames = tree.find(_SVG + 'style').text, tree.findall('{0}g/{0}g'.format(_SVG))
    assert len(frames) >= 3 and style.count('@keyframes') == len(frames)
    assert 'g g:last-child { opacity: 1 }' in style
    assert 'grace.jpg' in ''.join(frames[-1].itertext())
    assert len(list(frames[0])) < len(list(frames[-1]))


def test_pictures_are_small():
    image = pytest.importorskip('PIL.Image')
    for name in os.listdir(ASSETS):
        largest = LARGEST_SCREEN if name.endswith('.png') else LARGEST
        assert os.path.getsize(os.path.join(ASSETS, name)) < largest, name
        if name.endswith('.jpg'):
            with image.open(os.path.join(ASSETS, name)) as picture:
                assert picture.size[0] <= 1200, name


def test_the_picture_of_the_readme_is_wide_enough_for_a_large_screen():
    image = pytest.importorskip('PIL.Image')
    with image.open(os.path.join(ASSETS, 'strip.jpg')) as picture:
        assert picture.size[0] >= 1200
