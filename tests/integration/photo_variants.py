"""Makes 77 variants of the sample photos, and says which verdict each has to get.

``python tests/integration/photo_variants.py FOLDER`` writes them, to be looked at.
"""
import os
import sys

PHOTOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'examples',
                      'photos')
#: Pixels between the eyes of the photos that are varied.
COLLINS, HOPPER = ('collins_2.jpg', 127), ('hopper_4.jpg', 195)
TURNED, BLURRED, NOT_PROMISED = 'save it upright', 'blurred', 'the guide names'
#: Pillow's way back from each EXIF orientation, so that the tag turns the picture upright.
UNDO = {2: 'FLIP_LEFT_RIGHT', 3: 'ROTATE_180', 4: 'FLIP_TOP_BOTTOM', 5: 'TRANSPOSE',
        6: 'ROTATE_90', 7: 'TRANSVERSE', 8: 'ROTATE_270'}


def turned(degrees):
    def change(picture):
        return picture.rotate(-degrees, expand=True, resample=3, fillcolor=(110, 110, 110))
    return change


def oriented(number):
    def change(picture):
        from PIL import Image
        return picture.transpose(getattr(Image.Transpose, UNDO[number])) if number > 1 else picture
    return change


def blurred(pixels):
    def change(picture):
        from PIL import ImageFilter
        return picture.filter(ImageFilter.GaussianBlur(pixels))
    return change


def smeared(pixels):
    """As by a hand that moves from left to right."""
    def change(picture):
        import numpy
        from PIL import Image
        rows = numpy.asarray(picture, float)
        mean = sum(numpy.roll(rows, step, 1) for step in range(pixels)) / pixels
        return Image.fromarray(mean.astype(numpy.uint8))
    return change


def lit(factor, more=0, gamma=1.0):
    def change(picture):
        return picture.point([min(255, max(0, int(255 * (value / 255.0) ** gamma * factor + more)))
                              for value in range(256)] * 3)
    return change


def tinted(red, green, blue):
    def change(picture):
        return picture.convert('RGB', (red, 0, 0, 0, 0, green, 0, 0, 0, 0, blue, 0))
    return change


def half_lit(darkest):
    def change(picture):
        import numpy
        from PIL import Image
        rows = numpy.asarray(picture, float)
        ramp = numpy.linspace(darkest, 1, rows.shape[1])[None, :, None]
        return Image.fromarray((rows * ramp).astype(numpy.uint8))
    return change


def noisy(deviation):
    def change(picture):
        import numpy
        from PIL import Image
        rows = numpy.asarray(picture, float)
        rows = rows + numpy.random.RandomState(7).normal(0, deviation, rows.shape)
        return Image.fromarray(rows.clip(0, 255).astype(numpy.uint8))
    return change


def mode(*names):
    def change(picture):
        for name in names:
            picture = picture.convert(name)
        return picture
    return change


def sixteen_bit(picture):
    import numpy
    from PIL import Image
    return Image.fromarray(numpy.asarray(picture.convert('L')).astype(numpy.uint16) * 256)


def sized(width, height):
    def change(picture):
        return picture.resize((width, height), 1)
    return change


def cropped(left, top, right, bottom):
    def change(picture):
        return picture.crop((left, top, right, bottom))
    return change


def on_canvas(width, height, size, copies=1):
    """The photo at a size, once or more from left to right, on grey."""
    def change(picture):
        from PIL import Image
        canvas = Image.new('RGB', (width, height), (128, 128, 128))
        for index in range(copies):
            at = (width * (2 * index + 1) // (2 * copies) - size // 2, (height - size) // 2)
            canvas.paste(picture.resize((size, size * picture.height // picture.width), 1), at)
        return canvas
    return change


def same(picture):
    return picture


def _rows():
    """Give (name, source, change, options of saving, code, part of the reason)."""
    for who, source in (('collins', COLLINS), ('hopper', HOPPER)):
        eyes = source[1]
        for degrees in (-25, -15, 15, 25):
            yield 'turn_{}_{}.jpg'.format(degrees, who), source, turned(degrees), {}, 1, ''
        for degrees in (75, 90, 180, 270):
            yield 'turn_{}_{}.jpg'.format(degrees, who), source, turned(degrees), {}, 5, TURNED
        for share, code, reason in ((1, 1, ''), (2, 1, ''), (6, 5, BLURRED), (10, 5, BLURRED)):
            yield ('blur_{}_{}.jpg'.format(share, who), source, blurred(share * eyes / 100.0), {},
                   code, reason)
        yield 'smear_{}.jpg'.format(who), source, smeared(eyes // 3), {}, 5, BLURRED
    for number in range(1, 9):
        yield 'exif_{}.jpg'.format(number), COLLINS, oriented(number), {'exif': number}, 1, ''
    yield 'exif_6.png', HOPPER, oriented(6), {'exif': 6}, 1, ''
    for number in (3, 6, 8):
        yield 'exif_wrong_{}.jpg'.format(number), COLLINS, same, {'exif': number}, 5, TURNED
    for name, change in (('dark', lit(0.4)), ('darker', lit(0.2)), ('light', lit(1.0, 60)),
                         ('flat', lit(0.3, 90)), ('gamma', lit(1.0, 0, 2.2)),
                         ('burnt', lit(1.6)), ('warm', tinted(1.15, 1.0, 0.7)),
                         ('cold', tinted(0.75, 0.95, 1.2)), ('half', half_lit(0.25)),
                         ('noise', noisy(15))):
        yield 'light_{}.jpg'.format(name), COLLINS, change, {}, 1, ''
    yield 'light_half_hopper.jpg', HOPPER, half_lit(0.25), {}, 1, ''
    yield 'light_none.jpg', COLLINS, lit(0.0), {}, 3, 'no face'
    for name, options in (('as_png.png', {}), ('progressive.jpg', {'progressive': True}),
                          ('without_subsampling.jpg', {'subsampling': 0}),
                          ('poor.jpg', {'quality': 12}), ('jpeg_called.txt', {'format': 'JPEG'}),
                          ('png_called.jpg', {'format': 'PNG'}), ('no_name', {'format': 'JPEG'})):
        yield name, COLLINS, same, options, 1, ''
    for name, change in (('grey.jpg', mode('L')), ('cmyk.jpg', mode('CMYK')),
                         ('alpha.png', mode('RGBA')), ('palette.png', mode('P')),
                         ('grey_alpha.png', mode('LA')), ('sixteen.png', sixteen_bit)):
        yield name, COLLINS, change, {}, 1, ''
    for name, options in (('webp', {}), ('bmp', {}), ('tiff', {}), ('ppm', {}),
                          ('tif', {'compression': 'tiff_lzw'})):
        yield 'other.' + name, COLLINS, same, options, 1, NOT_PROMISED
    for side, code in ((511, 4), (512, 4), (513, 1)):
        yield ('size_{}.jpg'.format(side), COLLINS, sized(side, side * 9 // 8), {}, code,
               'both sides must exceed 512' if code == 4 else '')
    yield 'size_low.jpg', COLLINS, cropped(0, 200, 800, 700), {}, 4, '800 x 500 px'
    yield 'size_large.jpg', COLLINS, sized(3600, 4050), {}, 1, ''
    yield 'size_wide.jpg', COLLINS, on_canvas(2600, 700, 600), {}, 1, ''
    yield 'close.jpg', COLLINS, cropped(190, 150, 520, 600), {'enlarge': 2}, 1, ''
    yield 'far.jpg', COLLINS, on_canvas(1200, 1200, 140), {}, 5, 'from nearer'
    yield 'two.jpg', COLLINS, on_canvas(1600, 800, 600, 2), {}, 3, '2 faces'


def rows():
    """Return the table."""
    return list(_rows())


def write(folder):
    """Make every variant."""
    from PIL import Image
    for name, (source, _), change, options, _, _ in rows():
        with Image.open(os.path.join(PHOTOS, source)) as photo:
            picture = change(photo.convert('RGB'))
        options = dict(options)
        times = options.pop('enlarge', 1)
        if times > 1:
            picture = picture.resize((picture.width * times, picture.height * times), 3)
        if 'exif' in options:
            exif = Image.Exif()
            exif[0x0112] = options['exif']
            options['exif'] = exif.tobytes()
        if name.endswith('.jpg') and 'format' not in options:
            options.setdefault('quality', 92)
        picture.save(os.path.join(folder, name), **options)


if __name__ == '__main__':
    write(sys.argv[1])
