"""Composing a portrait: align by landmarks, match colours, blend in a pyramid; no diffusion.

Blending in a Laplacian pyramid looked better in every trial than Poisson blending, which gave hot
foreheads and black eye sockets where the mask met hair or shadow.
"""
import cv2
import numpy

from .skin import FacePicture, jpeg_of, lab_of, ramp, region, shrunk, similarity

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence, Tuple

#: Written into every file.
COMMENT = (b'emulated by ai-service-python-sdk; a composition of two photos, '
           b'not made by AI Portrait')
#: Longest side in px of the part that is worked on, and how many face boxes wide that part is.
WORKING_SIDE, WORKING_REACH = 640, 1.8
#: Share of the way from the template's colour to its own that a face keeps, and what a much darker
#: face keeps besides.
KEPT_COLOUR, KEPT_DARKNESS = 0.3, 0.4
#: Distance of the skin from grey, in Lab, below which a photo counts as black and white.
GREY_CHROMA = 4.0
#: The visible mark, in a corner; its letters' height as a share of the picture's shorter side.
MARK, MARK_HEIGHT = 'emulated', 0.011
#: Layers of the pyramid in which a face is blended with what is around it.
BANDS = 5
#: Longest side in px at which Anime is drawn, and how much stronger its colours are.
ANIME_SIDE, ANIME_SATURATION = 1000, 1.35


def compose(template: "Any", people: "Sequence[Tuple[Any, Tuple[Any, Any]]]",
            configure: "Dict[str, Any]", is_marked: bool) -> bytes:
    """Return the template with people in the place of its faces, as a JPEG file.

    :param people: for each a face of the template, and pixels and landmarks of the person.
    :param is_marked: whether a corner of the picture also says that it is emulated.
    """
    picture = template.copy()
    for face, donor in people:
        x0, y0, x1, y1 = region(face, picture.shape, WORKING_REACH)
        part = picture[y0:y1, x0:x1]
        points = [(x - x0, y - y0) for x, y in face.landmarks]
        picture[y0:y1, x0:x1] = _replace(part, points, donor, configure)
    if configure.get('style_name') == 'Anime':
        picture = _anime(picture)
    if is_marked:
        _mark(picture)
    jpeg = jpeg_of(picture)
    comment = b'\xff\xfe' + (len(COMMENT) + 2).to_bytes(2, 'big') + COMMENT
    # The comment stands behind JFIF, which has to be the first segment.
    end = 4 + int.from_bytes(jpeg[4:6], 'big')
    return jpeg[:end] + comment + jpeg[end:]


def _replace(part: "Any", points: "Any", donor: "Any", configure: "Dict[str, Any]") -> "Any":
    """Return a part of the template with a face in it, worked on at a capped size."""
    work, scale = shrunk(part, WORKING_SIDE)
    points = [(x * scale, y * scale) for x, y in points]
    around, face, mask = _fitted(work, points, donor, configure)
    rim = numpy.maximum(mask, cv2.GaussianBlur(mask, (0, 0), 3)).astype(numpy.float32)
    face = _blend(face, around, mask)
    change = around.astype(numpy.int16) - work
    full = part.shape[1::-1]
    rim, change = cv2.resize(rim, full), cv2.resize(change, full)
    face = cv2.resize(face, full, interpolation=cv2.INTER_CUBIC)
    return cv2.blendLinear(face, cv2.add(part, change, dtype=cv2.CV_8U), rim, 1 - rim)


def _fitted(work: "Any", points: "Any", donor: "Any",
            configure: "Dict[str, Any]") -> "Tuple[Any, Any, Any]":
    """Return the template, the face to put into it, and 1 where the face goes."""
    pixels, landmarks = donor
    warped = cv2.warpAffine(pixels, similarity(landmarks, points), work.shape[1::-1],
                            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    theirs, ours = FacePicture(work, points), FacePicture(warped, points)
    frames = theirs.frames()
    if frames.any():
        theirs = FacePicture(cv2.inpaint(work, frames, 3, cv2.INPAINT_TELEA), points)
    extent = 0.9 + 0.2 * configure.get('more_like_me', 0.5)
    beard, cover = ours.beard(), numpy.maximum(ours.cover(), theirs.cover())
    mask = ramp(-ours.radius / extent, -1.0, -0.82) * (1 - cover)
    # A beard is taken whole, or left whole.
    mask = numpy.maximum(mask, beard) if beard.any() else mask * (1 - theirs.beard())
    mask = numpy.maximum(mask, ours.soft(ours.frames().astype(numpy.float32), 0.02))
    face, around = _match_colours(ours, theirs, mask, configure)
    # What covers the face must not shine through the lower layers of the pyramid.
    hidden = ours.soft(cover * ramp(ours.radius, 0.5, 0.7), 0.02)[:, :, None]
    face = _rounded(face * (1 - hidden) + around * hidden)
    if configure.get('skin_retouching_bool', False):
        face = _smooth(face, 1 - ours.unlike, ours.tall)
        around = _smooth(around, _skin_zone(theirs), theirs.tall)
    ratio, blurred = configure.get('sharp_ratio', 0.15), cv2.GaussianBlur(face, (0, 0), 2)
    return around, cv2.addWeighted(face, 1 + ratio, blurred, -ratio, 0), mask


def _skin_zone(face: FacePicture) -> "Any":
    """Return 1 on the skin of a head and its neck, softly 0 away from it."""
    return (1 - face.unlike) * ramp(-face.within(1.9, 1.5), -1.0, -0.75)


def _match_colours(ours: FacePicture, theirs: FacePicture, mask: "Any",
                   configure: "Dict[str, Any]") -> "Tuple[Any, Any]":
    """Return the face in colours near the template's, and the template's skin near the face's.

    Both change, so that they meet: a face that took the template's colour would turn grey where it
    was dark, and one that kept its own would look like a mask on the neck.
    """
    own, other = (_tone(face, mask) for face in (ours, theirs))
    greys = [numpy.hypot(*tone[0][1:]) < GREY_CHROMA for tone in (own, other)]
    target, change, ratio = own[0], 0.0, 1.0
    if configure.get('color_shift_middle', True):
        keep = KEPT_COLOUR + KEPT_DARKNESS * ramp(other[0][0] - own[0][0], 4.0, 24.0)
        target = other[0] + (0 if any(greys) else keep) * (own[0] - other[0])
        change = target - other[0]
    if configure.get('color_shift_last', True):
        ratio = numpy.clip(other[1] / own[1], 0.8, 1.2)
    lab = (ours.lab - own[0]) * [ratio, 1.0, 1.0] + own[0]
    # Eyes and teeth keep their colour: a skin's shift makes them blue.
    paler = ramp(numpy.hypot(*own[0][1:]) - numpy.hypot(*ours.lab.T[1:]).T, 2.0, 8.0)
    kept = numpy.array([0.2, 0.8, 0.8]) * (paler * ours.unlike)[:, :, None]
    lab += (target - own[0]) * (1 - kept)
    if greys[1]:
        lab[:, :, 1:] = 0
    around = theirs.lab + change * _skin_zone(theirs)[:, :, None]
    return _bgr(lab), _bgr(around)


def _tone(face: FacePicture, mask: "Any") -> "Tuple[Any, float]":
    """Return the mean colour of the skin in a mask, and the spread of its light."""
    inside = (mask > 0.5) & (face.unlike < 0.5)
    if inside.sum() < 20:
        return face.tone, 10.0
    return face.lab[inside].mean(axis=0), max(float(face.lab[inside][:, 0].std()), 1.0)


def _bgr(lab: "Any") -> "Any":
    return _rounded(cv2.cvtColor(lab.astype(numpy.float32), cv2.COLOR_LAB2BGR) * 255)


def _rounded(pixels: "Any") -> "Any":
    return numpy.clip(numpy.rint(pixels), 0, 255).astype(numpy.uint8)


def _blend(face: "Any", around: "Any", mask: "Any") -> "Any":
    """Blend two pictures by a mask, each frequency over its own width."""
    blender = cv2.detail.MultiBandBlender(0, BANDS)  # type: Any
    blender.prepare((0, 0, mask.shape[1], mask.shape[0]))
    for picture, weight in ((face, mask), (around, 1 - mask)):
        blender.feed(picture.astype(numpy.int16), _rounded(weight * 255), (0, 0))
    return _rounded(blender.blend(None, None)[0])


def _anime(picture: "Any") -> "Any":
    """Return a picture in flat, strong colours with drawn lines."""
    small = shrunk(picture, ANIME_SIDE)[0]
    for _ in range(4):
        small = cv2.bilateralFilter(small, 9, 28, 7)
    lab = lab_of(small) * [1.0, ANIME_SATURATION, ANIME_SATURATION]
    # Lines are drawn where a pixel is darker than what is around it.
    depth = cv2.GaussianBlur(lab, (0, 0), 2.4) - cv2.GaussianBlur(lab, (0, 0), 1.0)
    lab[:, :, 0] *= 1 - 0.75 * ramp(depth[:, :, 0], 1.2, 5.0)
    return cv2.resize(_bgr(lab), picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def _smooth(picture: "Any", skin: "Any", tall: float) -> "Any":
    """Return a picture whose skin is even and a little brighter; ``skin`` is 1 where it is."""
    smooth = picture
    for _ in range(2):
        smooth = cv2.bilateralFilter(smooth, 0, 38, max(2.0, 0.06 * tall))
    smooth = numpy.clip(smooth.astype(numpy.float32) * 1.04 + 3, 0, 255)
    weight = 0.9 * skin[:, :, None]
    return _rounded(smooth * weight + picture * (1 - weight))


def _mark(picture: "Any") -> None:
    height, width = picture.shape[:2]
    letters = max(7.0, MARK_HEIGHT * min(height, width))
    scale, thick = letters / 21, max(1, int(letters / 11))
    (length, _), low = cv2.getTextSize(MARK, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    place = (width - length - int(letters), height - low - int(letters * 0.5))
    corner = picture[-int(letters * 4):, -int(length + letters * 3):]
    tone = [235 if corner.mean() < 128 else 40] * 3
    cv2.putText(picture, MARK, place, cv2.FONT_HERSHEY_SIMPLEX, scale, tone, thick, cv2.LINE_AA)
