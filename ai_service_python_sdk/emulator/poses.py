"""What is kept of a person: two or three crops of the face, the best first, as text."""
import base64
import json

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

#: Pixels: longest side of what is kept of a photo. Face boxes around the face that are kept.
CROP_SIDE, CROP_REACH = 768, 2.2
#: Crops that are kept of a person.
MOST_POSES = 3
#: Nose offset, in eye distances, from which two crops are two poses.
POSE_STEP = 0.06
#: Share of the best crop's worth below which another pose is not kept.
LEAST_WORTH = 0.5
#: Sharpness and pixels between the eyes beyond which more makes no better portrait.
FULL_SHARPNESS, FULL_EYE_DISTANCE = 0.1, 125.0
JPEG_QUALITY = 95


class Crop(object):
    """The face of a photo, small enough to keep, and where its landmarks are in it.

    :param figures: ``offset`` of the nose; ``sharpness``; ``light``, from 0 (one half of the face
        is black, or burnt out) to 1 (even); see :meth:`.FaceEngine.crop`.
    """

    def __init__(self, pixels: "Any", landmarks: "Sequence[Tuple[float, float]]",
                 figures: "Dict[str, float]") -> None:
        self.pixels = pixels
        self.landmarks = landmarks
        self.figures = figures

    @property
    def worth(self) -> float:
        """How good a portrait it makes, from 0 to 1: from the front, sharp, in even light."""
        figures = self.figures
        frontality = max(0.0, 1 - abs(figures['offset']) / 0.4)
        sharpness = min(1.0, figures['sharpness'] / FULL_SHARPNESS) ** 0.5
        size = min(1.0, figures['eye_distance'] / FULL_EYE_DISTANCE) ** 0.5
        return float(frontality * sharpness * size * figures['light'])


def region(face: "Any", shape: "Any", reach: float) -> "Tuple[int, int, int, int]":
    """Return left, top, right, bottom of the square around a face, within the picture."""
    left, top, width, height = face.box
    half = max(width, height) * reach / 2
    x, y = left + width / 2.0, top + height / 2.0
    return (max(0, int(x - half)), max(0, int(y - half)),
            min(shape[1], int(x + half) + 1), min(shape[0], int(y + half) + 1))


def cut(cv2: "Any", picture: "Any", face: "Any") -> "Tuple[Any, Any]":
    """Return the pixels around a face, a copy of at most CROP_SIDE, and the landmarks in it."""
    x0, y0, x1, y1 = region(face, picture.shape, CROP_REACH)
    part = picture[y0:y1, x0:x1]
    scale = min(1.0, float(CROP_SIDE) / max(part.shape[:2]))
    # A view would keep the whole picture alive.
    part = cv2.resize(part, None, fx=scale, fy=scale,
                      interpolation=cv2.INTER_AREA) if scale < 1 else part.copy()
    return part, [((x - x0) * scale, (y - y0) * scale) for x, y in face.landmarks]


def best(crops: "Sequence[Crop]") -> "List[Crop]":
    """Return the best crop, then those of other poses that are not much worse."""
    ranked = sorted(crops, key=lambda crop: -crop.worth)
    kept = ranked[:1]
    for crop in ranked[1:]:
        is_new = all(abs(crop.figures['offset'] - other.figures['offset']) >= POSE_STEP
                     for other in kept)
        if is_new and crop.worth >= LEAST_WORTH * kept[0].worth and len(kept) < MOST_POSES:
            kept.append(crop)
    return kept


def packed(cv2: "Any", crops: "Sequence[Crop]") -> bytes:
    """Return crops as text, for the store."""
    poses = []
    for crop in crops:
        jpeg = cv2.imencode('.jpg', crop.pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        poses.append({'jpeg': base64.b64encode(jpeg.tobytes()).decode('ascii'),
                      'landmarks': crop.landmarks, 'worth': crop.worth,
                      'offset': crop.figures['offset']})
    return json.dumps({'poses': poses}).encode('ascii')


def unpacked(cv2: "Any", memory: bytes, offset: float) -> "Tuple[Any, Any]":
    """Return pixels and landmarks of the pose that goes best with a nose offset."""
    import numpy
    kept = json.loads(memory.decode('ascii'))
    # A store of an earlier release holds one pose, bare.
    pose = max(kept.get('poses', [kept]), key=lambda one: (
        one.get('worth', 1.0) - 2 * abs(one.get('offset', 0.0) - offset)))
    jpeg = numpy.frombuffer(base64.b64decode(pose['jpeg']), numpy.uint8)
    return cv2.imdecode(jpeg, 1), pose['landmarks']
