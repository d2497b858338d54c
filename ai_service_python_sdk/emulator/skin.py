"""Which pixels around a face are skin, and which cover it: hair, beard, hat, hand, glasses."""
import cv2
import numpy

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Tuple

#: Least spread of skin in L, a and b: light and shadow change L much more than the colour.
LEAST_SPREAD, MOST_SPREAD = (11.0, 5.0, 5.0), (16.0, 7.0, 7.0)
#: Spreads from the mean tone within which a pixel is skin, and beyond which it surely is not.
SKIN_ENDS, COVER_BEGINS = 1.6, 2.6
#: L by which a beard is at least, and surely, darker than the skin that it grows on.
HAIR_DARKER = (10.0, 18.0)
#: Share of the chin, and of what is below it, that is dark with a beard: 0.73; creases and collars
#: stayed below 0.47.
LEAST_BEARD = 0.6
#: Height of the face in px at which masks are opened: at full size that takes seconds.
OPENING_TALL = 40.0
#: Steepest step of grey over the bridge of the nose above which a frame crosses it: 9 and less
#: without glasses, 40 with them or under a hand.
FRAME_STEP = 28.0
#: Shares of the skin's L from which a pixel may be, and surely is, of a frame: as dark (negated),
#: and as a glint.
FRAME_DARK, FRAME_GLINT = (-0.7, -0.5), (1.15, 1.25)
JPEG_QUALITY = 95


class FacePicture(object):
    """A picture in the coordinates of the face in it.

    ``along`` is 0 between the eyes and 1 between the mouth's corners; ``across`` is 0 in the
    middle and 1 at a distance of the eyes from each other, or of 0.7 of the face's height if
    the head is turned; ``radius`` is 1 at the outline of a face.

    :param pixels: BGR, 8 bits.
    """

    def __init__(self, pixels: "Any", points: "Any") -> None:
        self.pixels = pixels
        points = numpy.array(points, float)
        eyes = (points[0] + points[1]) / 2
        axis = (points[3] + points[4]) / 2 - eyes
        self.tall = max(float(numpy.hypot(*axis)), 1.0)  # type: float
        wide = max(float(numpy.hypot(*(points[1] - points[0]))), self.tall * 0.7)
        down = axis / self.tall
        rows, columns = numpy.mgrid[0:pixels.shape[0], 0:pixels.shape[1]].astype(numpy.float32)
        x, y = columns - eyes[0], rows - eyes[1]
        self.along = (x * down[0] + y * down[1]) / self.tall  # type: Any
        self.across = (x * down[1] - y * down[0]) / wide  # type: Any
        self.radius = self.within(1.22, 0.98)  # type: Any
        self.lab = lab_of(pixels)  # type: Any
        cheeks = (self.along > 0.2) & (self.along < 0.75) & (abs(self.across) < 0.7)
        found = self.lab[cheeks] if cheeks.any() else self.lab.reshape(-1, 3)
        #: L, a and b of the middle skin.
        self.tone = numpy.median(found, axis=0)  # type: Any
        spread = 1.5 * numpy.median(abs(found - self.tone), axis=0)
        distance = ((self.lab - self.tone) / numpy.clip(spread, LEAST_SPREAD, MOST_SPREAD)) ** 2
        unlike = (distance.sum(axis=2) ** 0.5 - SKIN_ENDS) / (COVER_BEGINS - SKIN_ENDS)
        #: 1 where the picture is not of the skin's colour, 0 where it is.
        self.unlike = self.soft(numpy.clip(unlike, 0, 1), 0.02)  # type: Any

    def within(self, height: float, width: float) -> "Any":
        """Return the distance from the middle of a superellipse, 1 at its rim."""
        return (abs((self.along - 0.42) / height) ** 2.5 + abs(self.across / width) ** 2.5) ** 0.4

    def soft(self, mask: "Any", reach: float) -> "Any":
        return cv2.GaussianBlur(mask, (0, 0), max(0.5, reach * self.tall))

    def _opened(self, mask: "Any", share: float) -> "Any":
        """Return a mask without what is thinner than a share of the face's height."""
        scale = min(1.0, OPENING_TALL / self.tall)
        small = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        disc = _disc(share * self.tall * scale)
        return cv2.resize(cv2.morphologyEx(small, cv2.MORPH_OPEN, disc), mask.shape[1::-1])

    def cover(self) -> "Any":
        """Return where hair, a hat or a hand lies over the face's upper rim.

        Thin things, such as a brow or a frame, belong to the face.
        """
        opened = self._opened(self.unlike, 0.3)
        above = numpy.maximum(ramp(self.radius, 0.8, 0.95), ramp(-self.along, 0.45, 0.6))
        # Dark glasses are as thick as hair, but belong to the face.
        zone = above * ramp(-self.along, *((0.35, 0.5) if self._has_glasses() else (-0.45, -0.15)))
        return self.soft(opened * zone, 0.03)

    def beard(self) -> "Any":
        """Return where a beard is; zeros if the chin is bare."""
        darker = ramp(self.tone[0] - self.lab[:, :, 0], *HAIR_DARKER)
        hair = self._opened(darker * self.unlike, 0.1)
        chin = (self.along > 1.3) & (self.along < 1.9) & (abs(self.across) < 0.3)
        if not chin.any() or hair[chin].mean() < LEAST_BEARD:
            return numpy.zeros_like(hair)
        zone = ramp(self.along, 0.5, 0.8) * ramp(-self.within(2.3, 1.15), -1.0, -0.8)
        return self.soft(hair * zone, 0.03)

    def _has_glasses(self) -> bool:
        """Whether a frame crosses the bridge of the nose."""
        bridge = (self.along > -0.2) & (self.along < 0.3) & (abs(self.across) < 0.15)
        rows, columns = numpy.nonzero(bridge)
        if len(rows) < 4:
            return False
        part = self.pixels[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
        # INTER_AREA enlarges as INTER_LINEAR does.
        part = cv2.resize(part, (16, 28), interpolation=cv2.INTER_AREA).mean(axis=2)
        return bool(abs(numpy.diff(part, axis=0)).max(axis=0).mean() > FRAME_STEP)

    def frames(self) -> "Any":
        """Return 1 on the outer part of glasses, up to the arms; zeros without glasses."""
        if not self._has_glasses():
            return numpy.zeros(self.along.shape, numpy.uint8)
        light = self.lab[:, :, 0] / max(float(self.tone[0]), 1.0)
        # Frames are dark, and glint.
        frame = numpy.maximum(ramp(-light, *FRAME_DARK), ramp(light, *FRAME_GLINT))
        # Hair beside the frame is as dark, but not as thin.
        thin = frame - cv2.dilate(self._opened(frame, 0.3), _disc(0.12 * self.tall))
        zone = (self.along > -0.38) & (self.along < 0.15) & (abs(self.across) > 0.6)
        mask = (thin > 0.5) & zone & (abs(self.across) < 1.15)
        # A frame hangs together with its part before the eyes; gaps between strands do not.
        parts = cv2.connectedComponents(mask.astype(numpy.uint8))[1]
        mask &= numpy.isin(parts, parts[mask & (abs(self.across) < 0.85)])
        return cv2.dilate(mask.astype(numpy.uint8), _disc(0.09 * self.tall))


def ramp(values: "Any", low: float, high: float) -> "Any":
    """Return 0 below ``low``, 1 above ``high``, and a linear step between them."""
    return numpy.clip((values - low) / (high - low), 0, 1)


def _disc(pixels: float) -> "Any":
    side = max(3, int(pixels) | 1)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def similarity(source: "Any", target: "Any") -> "Any":
    """Return the 2 x 3 matrix that turns, scales and moves points onto others (least squares)."""
    one, other = (numpy.array(points, float).dot([1, 1j]) for points in (source, target))
    centred = one - one.mean()
    turn = (centred.conj() * other).sum() / max((abs(centred) ** 2).sum(), 1e-9)
    move = other.mean() - turn * one.mean()
    return numpy.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])


def region(face: "Any", shape: "Any", reach: float) -> "Tuple[int, int, int, int]":
    """Return left, top, right, bottom of the square around a face, within the picture."""
    left, top, width, height = face.box
    half = max(width, height) * reach / 2
    x, y = left + width / 2.0, top + height / 2.0
    return (max(0, int(x - half)), max(0, int(y - half)),
            min(shape[1], int(x + half) + 1), min(shape[0], int(y + half) + 1))


def shrunk(pixels: "Any", side: int) -> "Tuple[Any, float]":
    """Return a copy whose longest side is cut down to so many pixels, and its scale."""
    scale = min(1.0, float(side) / max(pixels.shape[:2]))
    size = [max(1, int(round(length * scale))) for length in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), scale


def lab_of(pixels: "Any") -> "Any":
    return cv2.cvtColor(pixels.astype(numpy.float32) / 255, cv2.COLOR_BGR2LAB)


def jpeg_of(pixels: "Any") -> bytes:
    jpeg = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return bytes(jpeg.tobytes())
