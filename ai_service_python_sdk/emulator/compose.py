"""Composing a portrait: align by landmarks, match colours, blend in a pyramid; no diffusion.

Blending in a Laplacian pyramid looked better in every trial than Poisson blending, which gave hot
foreheads and black eye sockets where the mask met hair or shadow.
"""
from . import styles
from .poses import JPEG_QUALITY, region, unpacked
from .skin import Face, ramp

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence, Tuple

#: What ``configure`` parameters do here; all others are range-checked and have no effect.
ACTING = {
    'more_like_me': 'how much of the face is replaced',
    'color_shift_middle': "shifts the person's colours to the template's",
    'color_shift_last': "spreads them as the template's",
    'skin_retouching_bool': 'smooths the skin of face and neck',
    'sharp_ratio': 'sharpens the face',
    'style_name': 'Anime draws the whole picture in flat colours with lines',
}
#: Written into every picture.
MARK = b'emulated by ai-service-python-sdk; a composition of two photos, not made by AI Portrait'
#: Pixels: longest side of the part that is worked on. Face boxes around the face that it has.
WORKING_SIDE, WORKING_REACH = 640, 1.8
#: Rows of a large template that are put together at once; as a whole they would take gigabytes.
BAND_ROWS = 256
#: How much of the way from the template's colour to its own a face keeps, and what of it more if
#: it is much darker.
KEPT_COLOUR, KEPT_DARKNESS = 0.3, 0.4
#: Colour of skin below which a photo is black and white.
GREY_CHROMA = 4.0


def similarity(source: "Any", target: "Any") -> "Any":
    """Return the 2 x 3 matrix that turns, scales and moves points onto others (least squares)."""
    import numpy
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, dx, dy = numpy.linalg.lstsq(numpy.array(rows, float), numpy.array(values, float),
                                      rcond=None)[0]
    return numpy.array([[a, -b, dx], [b, a, dy]])


def compose(cv2: "Any", template: "Any", people: "Sequence[Tuple[Any, bytes]]",
            configure: "Dict[str, Any]", mark: bool = True) -> bytes:
    """Return the template with people in the place of its faces, as a JPEG file.

    :param mark: whether it is also written into a corner that it is emulated.
    """
    picture = template.copy()
    for face, memory in people:
        x0, y0, x1, y1 = region(face, picture.shape, WORKING_REACH)
        part = picture[y0:y1, x0:x1]
        points = [(x - x0, y - y0) for x, y in face.landmarks]
        donor = unpacked(cv2, memory, face.offset)
        picture[y0:y1, x0:x1] = _replace(cv2, part, points, donor, configure)
    if configure.get('style_name') == 'Anime':
        picture = styles.anime(cv2, picture)
    if mark:
        picture = styles.mark(cv2, picture)
    jpeg = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    comment = b'\xff\xfe' + (len(MARK) + 2).to_bytes(2, 'big') + MARK
    # Behind JFIF, which has to be the first segment.
    end = 4 + int.from_bytes(jpeg[4:6], 'big')
    return bytes(jpeg[:end] + comment + jpeg[end:])


def _replace(cv2: "Any", part: "Any", points: "Any", donor: "Any",
             configure: "Dict[str, Any]") -> "Any":
    """Return a part of the template with a face in it, worked on at a capped size."""
    import numpy
    scale = min(1.0, float(WORKING_SIDE) / max(part.shape[:2]))
    work = part if scale == 1 else cv2.resize(part, None, fx=scale, fy=scale,
                                              interpolation=cv2.INTER_AREA)
    points = [(x * scale, y * scale) for x, y in points]
    around, face, mask = _fitted(cv2, work, points, donor, configure)
    rim = numpy.maximum(mask, cv2.GaussianBlur(mask, (0, 0), 3)).astype(numpy.float32)
    face = _rounded(_blend(cv2, face, around, mask))
    change = around.astype(numpy.int16) - work
    if scale < 1:
        full = (part.shape[1], part.shape[0])
        rim, change = cv2.resize(rim, full), cv2.resize(change, full)
        face = cv2.resize(face, full, interpolation=cv2.INTER_CUBIC)
    result = numpy.empty_like(part)
    for top in range(0, len(part), BAND_ROWS):
        rows = slice(top, top + BAND_ROWS)
        weight = rim[rows, :, None]
        result[rows] = _rounded(face[rows] * weight + (part[rows] + change[rows]) * (1 - weight))
    return result


def _fitted(cv2: "Any", work: "Any", points: "Any", donor: "Any",
            configure: "Dict[str, Any]") -> "Tuple[Any, Any, Any]":
    """Return the template, the face to put into it, and 1 where the face goes."""
    import numpy
    pixels, landmarks = donor
    size = (work.shape[1], work.shape[0])
    warped = cv2.warpAffine(pixels, similarity(landmarks, points), size,
                            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    theirs, ours = Face(cv2, work, points), Face(cv2, warped, points)
    frames = theirs.frames()
    if frames.any():
        theirs = Face(cv2, cv2.inpaint(work, frames, 3, cv2.INPAINT_TELEA), points)
    extent = 0.9 + 0.2 * configure.get('more_like_me', 0.5)
    beard, cover = ours.beard(), numpy.maximum(ours.cover(), theirs.cover())
    mask = ramp(-ours.radius / extent, -1.0, -0.82) * (1 - cover)
    # A beard is taken whole, or left whole.
    mask = numpy.maximum(mask, beard) if beard.any() else mask * (1 - theirs.beard())
    mask = numpy.maximum(mask, ours.soft(ours.frames().astype(numpy.float32), 0.02))
    face, around = _match_colours(cv2, ours, theirs, mask, configure)
    # What covers the face must not shine through the lower layers of the pyramid.
    hidden = ours.soft(cover * ramp(ours.radius, 0.5, 0.7), 0.02)[:, :, None]
    face = _rounded(face * (1 - hidden) + around * hidden)
    if configure.get('skin_retouching_bool', False):
        face = styles.smooth_skin(cv2, face, 1 - ours.unlike, ours.tall)
        around = styles.smooth_skin(cv2, around, _skin_zone(theirs), theirs.tall)
    return around, _sharpened(cv2, face, configure.get('sharp_ratio', 0.15)), mask


def _skin_zone(face: "Face") -> "Any":
    """Return 1 on the skin of a head and its neck, softly 0 away from it."""
    return (1 - face.unlike) * ramp(-face.within(1.9, 1.5), -1.0, -0.75)


def _match_colours(cv2: "Any", ours: "Face", theirs: "Face", mask: "Any",
                   configure: "Dict[str, Any]") -> "Tuple[Any, Any]":
    """Return the face in colours near the template's, and the template's skin near the face's.

    They meet on the way: a face that takes the other's colour whole turns grey where it was dark,
    one that keeps its own is a mask on a neck of someone else.
    """
    import numpy
    own, other = (_tone(face, mask) for face in (ours, theirs))
    greys = [numpy.hypot(*tone[0][1:]) < GREY_CHROMA for tone in (own, other)]
    target, ratio = own[0], 1.0
    if configure.get('color_shift_middle', True):
        keep = KEPT_COLOUR + KEPT_DARKNESS * ramp(other[0][0] - own[0][0], 4.0, 24.0)
        target = other[0] + (0 if any(greys) else keep) * (own[0] - other[0])
    if configure.get('color_shift_last', True):
        ratio = numpy.clip(other[1] / own[1], 0.8, 1.2)
    lab = (ours.lab - own[0]) * [ratio, 1.0, 1.0] + own[0]
    # Eyes and teeth keep their colour: a skin's shift makes them blue.
    paler = ramp(numpy.hypot(*own[0][1:]) - numpy.hypot(*ours.lab.T[1:]).T, 2.0, 8.0)
    kept = numpy.array([0.2, 0.8, 0.8]) * (paler * ours.unlike)[:, :, None]
    lab += (target - own[0]) * (1 - kept)
    if greys[1]:
        lab[:, :, 1:] = 0
    change = (target - other[0] if configure.get('color_shift_middle', True) else 0.0)
    around = theirs.lab + change * _skin_zone(theirs)[:, :, None]
    return _bgr(cv2, lab), _bgr(cv2, around)


def _tone(face: "Face", mask: "Any") -> "Tuple[Any, float]":
    """Return the mean colour of the skin in a mask, and the spread of its light."""
    inside = (mask > 0.5) & (face.unlike < 0.5)
    if inside.sum() < 20:
        return face.tone, 10.0
    return face.lab[inside].mean(axis=0), max(float(face.lab[inside][:, 0].std()), 1.0)


def _bgr(cv2: "Any", lab: "Any") -> "Any":
    import numpy
    return _rounded(cv2.cvtColor(lab.astype(numpy.float32), cv2.COLOR_LAB2BGR) * 255)


def _rounded(pixels: "Any") -> "Any":
    import numpy
    return numpy.clip(numpy.rint(pixels), 0, 255).astype(numpy.uint8)


def _sharpened(cv2: "Any", face: "Any", ratio: float) -> "Any":
    return cv2.addWeighted(face, 1 + ratio, cv2.GaussianBlur(face, (0, 0), 2), -ratio, 0)


def _blend(cv2: "Any", face: "Any", work: "Any", mask: "Any") -> "Any":
    """Blend two pictures by a mask, each frequency over its own width."""
    import numpy
    one, two = face.astype(numpy.float64), work.astype(numpy.float64)
    mask = numpy.dstack([mask] * 3)
    layers = []  # type: Any
    while min(one.shape[:2]) >= 16 and len(layers) < 5:
        size = (one.shape[1], one.shape[0])
        lower = [cv2.pyrDown(picture) for picture in (one, two, mask)]
        rest = [picture - cv2.pyrUp(low, dstsize=size)
                for picture, low in ((one, lower[0]), (two, lower[1]))]
        layers.append((rest[0] * mask + rest[1] * (1 - mask), size))
        one, two, mask = lower
    result = one * mask + two * (1 - mask)
    for layer, size in reversed(layers):
        result = cv2.pyrUp(result, dstsize=size) + layer
    return result
