"""Makes the pictures and screens of README and docs anew, from the emulator and the sample photos.

    python docs/make_pictures.py [FOLDER]        needs: pip install ".[test]"
"""
import fcntl
import io
import itertools
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import time
from xml.sax.saxutils import escape

import pyte
from PIL import Image, ImageDraw

from ai_service_python_sdk import ApiClient, PortraitStudio
from ai_service_python_sdk.emulator import Emulator

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = os.path.join(HERE, 'examples', 'photos')
ASSETS = os.path.join(HERE, 'pages', 'assets')
#: Pixels, and quality of the JPEG files.
WIDEST, QUALITY = 512, 85
#: Pixels of the picture of README, sharp on a wide screen.
STRIP = (1200, 400)
#: Characters of the terminal; pixels of a character, and around all of them.
COLUMNS, LINES = 90, 24
WIDTH, HEIGHT, MARGIN = 8, 18, 16
COMMAND = ('ai-portrait run --emulator docs/examples/photos/hopper_*.jpg \\\n'
           '    --template docs/examples/photos/template_single_collins.jpg --out grace.jpg')
#: Seconds that a screen is at least seen, and that the last one stays.
SHORTEST, LAST = 0.2, 5.0
_SVG = '''<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">
<style>
g g {{ opacity: 0 }}
g g:last-child {{ opacity: 1 }}
@media (prefers-reduced-motion: no-preference) {{
{moves}
}}
</style>
<rect width="100%" height="100%" rx="8" fill="#1e2228"/>
<g font-family="Menlo, Consolas, DejaVu Sans Mono, Noto Sans Mono CJK SC, monospace"
 font-size="13" fill="#d8dee9">
{frames}
</g>
</svg>
'''
_MOVE = '''#f{0} {{ animation: f{0} {1:.1f}s step-end infinite }}
@keyframes f{0} {{ 0% {{ opacity: {2} }} {3:.2f}% {{ opacity: 1 }}
  {4:.2f}% {{ opacity: {5} }} }}'''


def main(folder=ASSETS):
    portraits = make_portraits()
    for name, picture in sorted(portraits.items()):
        save(picture, folder, name)
    save(strip(portraits['portrait.jpg']), folder, 'strip.jpg', STRIP[0])
    for name, language in (('run.svg', 'en'), ('run.zh.svg', 'zh')):
        with io.open(os.path.join(folder, name), 'w', encoding='utf-8') as stream:
            stream.write(drawn(recorded(COMMAND, language)))


# pictures

def make_portraits():
    """Return the portrait of one person and the one of two."""
    with Emulator(files=PHOTOS) as service:
        with ApiClient(service.host, service.app_id, service.token) as client:
            studio = PortraitStudio(client, interval=0.2)
            hopper, collins = [[service.url('{}_{}.jpg'.format(name, i)) for i in range(5)]
                               for name in ('hopper', 'collins')]
            one = studio.portrait(hopper, service.url('template_single_collins.jpg'))
            two = studio.portrait([hopper, collins], service.url('template_two.jpg'))
            return {'portrait.jpg': one.to_pillow(), 'portrait_two.jpg': two.to_pillow()}


def strip(portrait):
    """Return the five photos, the template and the portrait side by side."""
    photos = [opened('hopper_{}.jpg'.format(i)) for i in range(5)]
    sheet = Image.new('RGB', STRIP, 'white')
    for place, photo in enumerate(photos):
        row, column = divmod(place, 3)
        # Three above, two below in the middle.
        left = column * 128 + row * 64
        sheet.paste(photo.resize((120, 150)), (left, 46 + row * 158))
    for left, picture in ((436, opened('template_single_collins.jpg')), (840, portrait)):
        sheet.paste(picture.resize((360, 360)), (left, 20))
    pen = ImageDraw.Draw(sheet)
    plus(pen, 409, 200)
    arrow(pen, 822, 200)
    return sheet


def opened(name):
    return Image.open(os.path.join(PHOTOS, name)).convert('RGB')


def plus(pen, x, y):
    pen.line([(x - 12, y), (x + 12, y)], 'black', 4)
    pen.line([(x, y - 12), (x, y + 12)], 'black', 4)


def arrow(pen, x, y):
    pen.line([(x - 8, y - 12), (x + 2, y), (x - 8, y + 12)], 'black', 4)


def save(picture, folder, name, widest=WIDEST):
    """Write a picture, small enough for a page."""
    picture = picture.convert('RGB')
    picture.thumbnail((widest, 10 * widest))
    picture.save(os.path.join(folder, name), quality=QUALITY, optimize=True)


# screens

def recorded(command, language):
    """Return what the terminal shows of a command: (seconds, lines of pyte's characters)."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    stream.feed('$ {}\n'.format(command).replace('\n', '\r\n').encode('ascii'))
    start, frames = time.time(), [(0.0, shown(screen))]
    for part in printed(command, language):
        stream.feed(part)
        frames.append((time.time() - start, shown(screen)))
    return frames


def shown(screen):
    """Return the lines of a screen down to the last one that has text."""
    lines = [[screen.buffer[line][column] for column in range(COLUMNS)]
             for line in range(LINES)]
    while lines and not ''.join(character.data for character in lines[-1]).strip():
        lines.pop()
    return lines


def printed(command, language):
    """Run a command in a terminal in a reader's clone; yield what it prints."""
    with tempfile.TemporaryDirectory() as clone:
        os.symlink(HERE, os.path.join(clone, 'docs'))
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', LINES, COLUMNS, 0, 0))
        environment = dict(os.environ, AI_SERVICE_LANG=language, TERM='xterm', LC_ALL='C.UTF-8',
                           PYTHONPATH=os.pathsep.join(filter(None, [
                               os.environ.get('PYTHONPATH'), os.path.dirname(HERE)])),
                           XDG_CACHE_HOME=os.path.join(clone, 'cache'))
        shell = subprocess.Popen(
            ['bash', '-c', command.replace('ai-portrait', '"$0" -m ai_service_python_sdk', 1),
             sys.executable], cwd=clone, env=environment, stdin=theirs, stdout=theirs,
            stderr=theirs, start_new_session=True)
        os.close(theirs)
        try:
            for part in iter(lambda: os.read(ours, 65536), b''):
                yield part
        except OSError:
            # The other end is closed: the command has ended.
            pass
        os.close(ours)
        if shell.wait():
            raise SystemExit('{} ended with code {}'.format(command, shell.returncode))


def drawn(frames):
    """Return screens as an SVG that moves, without fonts or scripts of others.

    Where nothing moves the last one is seen.
    """
    frames = [frame for frame, later in zip(frames, frames[1:] + [(1e9, None)])
              if later[0] - frame[0] >= SHORTEST]
    end = frames[-1][0] + LAST
    edges = [100 * seconds / end for seconds, _ in frames] + [100.0]
    texts = ['<g id="f{}">\n{}\n</g>'.format(number, '\n'.join(
        text for line, characters in enumerate(lines) for text in runs(line, characters)))
        for number, (_, lines) in enumerate(frames)]
    moves = [_MOVE.format(number, end, int(not number), edges[number], edges[number + 1],
                          int(number == len(frames) - 1)) for number in range(len(frames))]
    return _SVG.format(width=COLUMNS * WIDTH + 2 * MARGIN,
                       height=max(len(lines) for _, lines in frames) * HEIGHT + 2 * MARGIN,
                       moves='\n'.join(moves), frames='\n'.join(texts))


def runs(line, characters):
    """Yield a line in parts of narrow and of wide characters, each where its column is."""
    for is_wide, run in itertools.groupby(enumerate(characters), lambda pair: is_half(
            characters, pair[0])):
        run = list(run)
        text = ''.join(character.data for _, character in run)
        if text.strip():
            # No-break spaces, since others at the ends of a text are dropped.
            yield '<text x="{}" y="{}" textLength="{}"{}>{}</text>'.format(
                MARGIN + run[0][0] * WIDTH, MARGIN + (line + 1) * HEIGHT - 5,
                len(text.rstrip()) * WIDTH * (2 if is_wide else 1),
                ' font-size="15"' if is_wide else '',
                escape(text.rstrip()).replace(' ', '\xa0'))


def is_half(characters, column):
    """Whether a column is one of the two of a wide character; the second one is empty."""
    following = characters[column + 1].data if column + 1 < len(characters) else ' '
    return not characters[column].data or not following


if __name__ == '__main__':
    main(*sys.argv[1:])
