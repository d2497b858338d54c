"""What is done to a finished portrait: Anime, smooth skin, and the mark that it is emulated."""

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any

#: The visible mark, in a corner; its letters' height as a share of the picture's shorter side.
MARK, MARK_HEIGHT = 'emulated', 0.011
#: Pixels: longest side at which Anime is drawn, and steps of light that it has.
ANIME_SIDE, ANIME_STEPS = 1000, 7
#: How far the colours of Anime go beyond those of the photo.
ANIME_SATURATION = 1.35


def anime(cv2: "Any", picture: "Any") -> "Any":
    """Return a picture in flat, strong colours with drawn lines."""
    import numpy
    size = (picture.shape[1], picture.shape[0])
    scale = min(1.0, float(ANIME_SIDE) / max(size))
    flat = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    line = _lines(cv2, flat)
    for _ in range(4):
        flat = cv2.bilateralFilter(flat, 9, 28, 7)
    lab = cv2.cvtColor(flat.astype(numpy.float32) / 255, cv2.COLOR_BGR2LAB)
    light = lab[:, :, 0] / 100 * ANIME_STEPS
    # Steps with soft edges: hard ones are blotches.
    lab[:, :, 0] = (numpy.floor(light) + 0.5 + 0.5 * numpy.tanh(
        4 * (light - numpy.floor(light) - 0.5))) / ANIME_STEPS * 100
    lab[:, :, 1:] *= ANIME_SATURATION
    drawn = cv2.cvtColor(lab, cv2.COLOR_LAB2BGR) * line[:, :, None]
    drawn = numpy.clip(drawn * 255, 0, 255).astype(numpy.uint8)
    return cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC) if scale < 1 else drawn


def _lines(cv2: "Any", picture: "Any") -> "Any":
    """Return 1, and less where a pen would draw: where it is darker than what is around."""
    import numpy
    grey = cv2.cvtColor(cv2.bilateralFilter(picture, 7, 30, 5), cv2.COLOR_BGR2GRAY)
    grey = grey.astype(numpy.float32)
    depth = cv2.GaussianBlur(grey, (0, 0), 2.4) - cv2.GaussianBlur(grey, (0, 0), 1.0)
    return 1 - 0.75 * numpy.clip((depth - 3) / 9, 0, 1)


def smooth_skin(cv2: "Any", picture: "Any", skin: "Any", tall: float) -> "Any":
    """Return a picture whose skin is even and a little brighter; ``skin`` is 1 where it is."""
    import numpy
    smooth = picture
    for _ in range(2):
        smooth = cv2.bilateralFilter(smooth, 0, 38, max(2.0, 0.06 * tall))
    smooth = numpy.clip(smooth.astype(numpy.float32) * 1.04 + 3, 0, 255)
    weight = 0.9 * skin[:, :, None]
    return numpy.clip(smooth * weight + picture * (1 - weight), 0, 255).astype(numpy.uint8)


def mark(cv2: "Any", picture: "Any") -> "Any":
    """Write the mark into the lower right corner."""
    height, width = picture.shape[:2]
    letters = max(7.0, MARK_HEIGHT * min(height, width))
    scale, thick = letters / 21, max(1, int(letters / 11))
    (length, _), low = cv2.getTextSize(MARK, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    place = (width - length - int(letters), height - low - int(letters * 0.5))
    corner = picture[-int(letters * 4):, -int(length + letters * 3):]
    tone = (235, 235, 235) if corner.mean() < 128 else (40, 40, 40)
    cv2.putText(picture, MARK, place, cv2.FONT_HERSHEY_SIMPLEX, scale, tone, thick, cv2.LINE_AA)
    return picture
