"""Composing a portrait: align by landmarks, match colours, blend in a pyramid; no diffusion.

Blending in a Laplacian pyramid looked better in every trial than Poisson blending, which gave hot
foreheads and black eye sockets where the mask met hair or shadow.
"""
from .poses import JPEG_QUALITY, region, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence, Tuple

#: What ``configure`` parameters do here; all others are range-checked and have no effect.
ACTING = {
    'more_like_me': 'how much of the face is replaced',
    'color_shift_middle': "shifts the person's colours to the template's",
    'color_shift_last': "spreads them as the template's",
    'skin_retouching_bool': 'smooths the face',
    'sharp_ratio': 'sharpens the face',
    'style_name': 'Anime flattens the colours of the whole picture',
}
#: Written into every picture.
MARK = b'emulated by ai-service-python-sdk; a composition of two photos, not made by AI Portrait'
#: Pixels: longest side of what is kept of a person, and of the part that is worked on.
MEMORY_SIDE, WORKING_SIDE = 512, 640
#: Face boxes around the face that are kept, and that are worked on.
MEMORY_REACH, WORKING_REACH = 2.2, 1.7


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
            configure: "Dict[str, Any]") -> bytes:
    """Return the template with people in the place of its faces, as a JPEG file."""
    picture = template.copy()
    for face, memory in people:
        x0, y0, x1, y1 = region(face, picture.shape, WORKING_REACH)
        part = picture[y0:y1, x0:x1]
        points = [(x - x0, y - y0) for x, y in face.landmarks]
        picture[y0:y1, x0:x1] = _replace(cv2, part, points, memory, configure)
    if configure.get('style_name') == 'Anime':
        picture = cv2.edgePreservingFilter(picture, flags=1, sigma_s=40, sigma_r=0.4) // 24 * 24
    jpeg = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    comment = b'\xff\xfe' + (len(MARK) + 2).to_bytes(2, 'big') + MARK
    # Behind JFIF, which has to be the first segment.
    end = 4 + int.from_bytes(jpeg[4:6], 'big')
    return bytes(jpeg[:end] + comment + jpeg[end:])


def _replace(cv2: "Any", part: "Any", points: "Any", memory: bytes,
             configure: "Dict[str, Any]") -> "Any":
    """Return a part of the template with the remembered face in it, worked on at a capped size."""
    import numpy
    scale = min(1.0, float(WORKING_SIDE) / max(part.shape[:2]))
    work = part if scale == 1 else cv2.resize(part, None, fx=scale, fy=scale,
                                              interpolation=cv2.INTER_AREA)
    points = [(x * scale, y * scale) for x, y in points]
    donor, landmarks = unpacked(cv2, memory, 0.0)
    size = (work.shape[1], work.shape[0])
    face = cv2.warpAffine(donor, similarity(landmarks, points), size,
                          flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    extent = 0.9 + 0.2 * configure.get('more_like_me', 0.5)
    core = _mask(work.shape, points, extent)
    face = _finish(cv2, _match_colours(cv2, face, work, core, configure), configure)
    blended = _blend(cv2, face, work, core)
    # The pyramid spreads beyond its mask: this one ends where the face does.
    rim = _mask(work.shape, points, extent * 1.12)[:, :, None]
    result = blended * rim + work * (1 - rim)
    if scale < 1:
        full = (part.shape[1], part.shape[0])
        rim = cv2.resize(rim, full)[:, :, None]
        result = cv2.resize(result, full, interpolation=cv2.INTER_CUBIC) * rim + part * (1 - rim)
    return numpy.clip(numpy.rint(result), 0, 255).astype(numpy.uint8)


def _mask(shape: "Any", points: "Any", extent: float) -> "Any":
    """Return 1 in the face, 0 outside, a soft rim between: a superellipse around the landmarks."""
    import numpy
    eyes, mouth = _middle(points[0], points[1]), _middle(points[3], points[4])
    axis = (mouth[0] - eyes[0], mouth[1] - eyes[1])
    tall = max((axis[0] ** 2 + axis[1] ** 2) ** 0.5, 1.0)
    wide = max(((points[1][0] - points[0][0]) ** 2 + (points[1][1] - points[0][1]) ** 2) ** 0.5,
               tall * 0.7)
    down = (axis[0] / tall, axis[1] / tall)
    centre = (eyes[0] + axis[0] * 0.42, eyes[1] + axis[1] * 0.42)
    rows, columns = numpy.mgrid[0:shape[0], 0:shape[1]].astype(numpy.float64)
    x, y = columns - centre[0], rows - centre[1]
    along, across = x * down[0] + y * down[1], x * down[1] - y * down[0]
    distance = (numpy.abs(along / (tall * 1.22 * extent)) ** 2.5
                + numpy.abs(across / (wide * 0.98 * extent)) ** 2.5) ** 0.4
    return numpy.clip((1.0 - distance) / 0.18, 0, 1)


def _middle(one: "Any", other: "Any") -> "Tuple[float, float]":
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _match_colours(cv2: "Any", face: "Any", work: "Any", core: "Any",
                   configure: "Dict[str, Any]") -> "Any":
    import numpy
    inside = core > 0.5
    if not inside.any():
        return face
    ours, theirs = (cv2.cvtColor(picture, cv2.COLOR_BGR2LAB).astype(numpy.float64)
                    for picture in (face, work))
    for channel in range(3):
        own, other = ours[:, :, channel], theirs[:, :, channel]
        mean, spread = own[inside].mean(), max(own[inside].std(), 1.0)
        ratio = 1.0
        if configure.get('color_shift_last', True):
            ratio = min(1.3, max(0.75, other[inside].std() / spread))
        target = other[inside].mean() if configure.get('color_shift_middle', True) else mean
        ours[:, :, channel] = (own - mean) * ratio + target
    lab = numpy.clip(ours, 0, 255).astype(numpy.uint8)
    return cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)


def _finish(cv2: "Any", face: "Any", configure: "Dict[str, Any]") -> "Any":
    if configure.get('skin_retouching_bool', False):
        face = cv2.bilateralFilter(face, 9, 40, 9)
    ratio = configure.get('sharp_ratio', 0.15)
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
    return numpy.clip(result, 0, 255)
