"""The face engine: find faces, tell people apart, rate pictures, compose; all under one lock.

OpenCV's detector and network objects are not thread-safe: four threads without a lock abort the
process ("free(): invalid pointer").
"""
import threading

from . import poses
from .compose import compose, similarity
from .model_files import DETECTOR, EMBEDDER, import_cv2, model_path

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from .poses import Crop

#: Cosine from which two faces are one person: SFace's published threshold.
SAME_PERSON = 0.363
#: Longest side in px for detection, and for a second try at tight close-ups.
DETECTION_SIDES = (1280, 320)
#: Score from which a detection counts as a face.
LEAST_SCORE = 0.8
#: Nose offset from the middle of the face, in eye distances, up to which it is frontal.
FRONTAL_OFFSET = 0.15
#: Longest side in px at which a face's crop is compared with its turned copies, and how much
#: higher one of them has to score: at 30 degrees none came nearer than -0.03, from 60 on 0.025.
TURN_SIDE, TURN_MARGIN = 320, 0.02
#: Rows and columns of the aligned 112 x 112 px in which sharpness and light are measured.
_INNER = (slice(28, 104), slice(18, 94))
#: OpenCV's number for errors and worse.
LOG_ERRORS = 2
#: Where SFace expects eyes, nose and mouth corners in its 112 x 112 px.
_SFACE_POINTS = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655),
                 (70.7299, 92.2041))


class Face(object):
    """One face in a picture, in pixels of that picture."""

    def __init__(self, box: "Tuple[int, ...]", landmarks: "Sequence[Tuple[float, float]]",
                 score: float) -> None:
        #: Left, top, width, height.
        self.box = box
        #: Eyes, nose, mouth corners, from left to right in the picture.
        self.landmarks = landmarks
        self.score = score
        #: 128 numbers of length 1, made by :meth:`FaceEngine.faces`.
        self.embedding = ()  # type: Sequence[float]

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes."""
        (ax, ay), (bx, by) = self.landmarks[:2]
        return float(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5)

    @property
    def offset(self) -> float:
        """How far the nose is off the line from the eyes' to the mouth's middle."""
        (ax, ay), (bx, by), (nx, ny), (mx, my), (kx, ky) = self.landmarks
        top, low = ((ax + bx) / 2, (ay + by) / 2), ((mx + kx) / 2, (my + ky) / 2)
        dx, dy = low[0] - top[0], low[1] - top[1]
        length = max((dx * dx + dy * dy) ** 0.5, 1e-6)
        across = (nx - top[0]) * dy - (ny - top[1]) * dx
        return float(across / length / max(self.eye_distance, 1e-6))

    @property
    def frontal(self) -> bool:
        """Whether the face looks at the camera."""
        return abs(self.offset) <= FRONTAL_OFFSET


class FaceEngine(object):
    """What the emulator sees in pictures; models are loaded with the first one.

    :param models: folder of the model files; None for those of the extra.
    :param mark: whether a portrait shows in a corner that it is emulated.
    """

    def __init__(self, models: "Optional[str]" = None, mark: bool = True) -> None:
        self._models = models
        #: Whether a portrait shows in a corner that it is emulated.
        self.mark = mark
        #: Held around every call of OpenCV; hold it for one picture at a time.
        self.lock = threading.RLock()
        self._cv2 = None  # type: Any

    def load(self) -> None:
        """Load the models now.

        :raises ImportError: the extra is not installed.
        :raises ValueError: a model file is missing or wrong.
        """
        with self.lock:
            if self._cv2 is None:
                cv2 = import_cv2()
                # OpenCV 5 warns of its own default target at every start; 4.11 has another switch.
                switch = getattr(cv2.utils, 'logging', cv2)
                level = switch.getLogLevel()
                switch.setLogLevel(LOG_ERRORS)
                self._detector = cv2.FaceDetectorYN.create(
                    model_path(DETECTOR, self._models), '', (320, 320), LEAST_SCORE, 0.3, 100)
                self._net = cv2.dnn.readNetFromONNX(model_path(EMBEDDER, self._models))
                switch.setLogLevel(level)
                self._cv2 = cv2

    def decode(self, data: bytes, reduction: int = 1) -> "Any":
        """Return a picture as BGR pixels, turned as its EXIF says; None if it is none.

        :param reduction: 1, 2, 4 or 8; of a JPEG the larger picture is never made.
        """
        self.load()
        import numpy
        if not data:
            return None
        cv2 = self._cv2
        flags = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2,
                 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
        with self.lock:
            try:
                return cv2.imdecode(numpy.frombuffer(data, numpy.uint8), flags[reduction])
            except cv2.error:
                return None

    def faces(self, picture: "Any") -> "List[Face]":
        """Return the faces of a picture from left to right."""
        self.load()
        with self.lock:
            found = []  # type: List[Face]
            for side in DETECTION_SIDES:
                found = found or self._detect(picture, side)
            for face in found:
                face.embedding = self._embed(picture, face)
        return sorted(found, key=lambda face: face.box[0] + face.box[2] / 2)

    def _detect(self, picture: "Any", side: int) -> "List[Face]":
        height, width = picture.shape[:2]
        scale = min(1.0, float(side) / max(height, width))
        size = (max(1, int(round(width * scale))), max(1, int(round(height * scale))))
        small = picture if scale == 1 else self._cv2.resize(
            picture, size, interpolation=self._cv2.INTER_AREA)
        self._detector.setInputSize(size)
        rows = self._detector.detect(small)[1]
        return [] if rows is None else [_face(row, scale) for row in rows]

    def _embed(self, picture: "Any", face: Face) -> "List[float]":
        import numpy
        matrix = similarity(face.landmarks, _SFACE_POINTS)
        aligned = self._cv2.warpAffine(picture, matrix, (112, 112))
        blob = self._cv2.dnn.blobFromImage(aligned, 1.0, (112, 112), (0, 0, 0), True)
        self._net.setInput(blob, 'data')
        vector = numpy.asarray(self._net.forward(), numpy.float64).reshape(-1)
        return _unit(vector)

    def likeness(self, one: "Sequence[float]", other: "Sequence[float]") -> float:
        """Return the cosine of two embeddings; from :data:`SAME_PERSON` it is one person."""
        return float(sum(a * b for a, b in zip(one, other)))

    def crop(self, picture: "Any", face: Face) -> "Crop":
        """Return what is kept of a photo: the face, and how good it is."""
        with self.lock:
            pixels, landmarks = poses.cut(self._cv2, picture, face)
            figures = {'offset': face.offset, 'eye_distance': face.eye_distance}
            figures.update(self._figures(pixels, landmarks))
        return poses.Crop(pixels, landmarks, figures)

    def _figures(self, pixels: "Any", landmarks: "Any") -> "Dict[str, float]":
        """Measure sharpness and light where SFace would look, so that size does not count."""
        import numpy
        cv2 = self._cv2
        matrix = similarity(landmarks, _SFACE_POINTS)
        scale = 2 * float(matrix[0, 0] ** 2 + matrix[1, 0] ** 2) ** 0.5
        if scale < 1:
            # Skipping pixels would make noise of what is to be measured.
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            matrix[:, :2] /= scale
        aligned = cv2.warpAffine(pixels, matrix, (112, 112), borderMode=cv2.BORDER_REPLICATE)
        grey = cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY)[_INNER].astype(float)
        # Of both directions the weaker one: a hand that moves blurs one alone.
        edges = min(numpy.diff(grey, 2, axis).var() for axis in (0, 1))
        middle = grey.shape[1] // 2
        sides = sorted((grey[:, :middle].mean() + 1, grey[:, middle:].mean() + 1))
        burnt = float((grey > 250).mean())
        return {'sharpness': float(2 * edges / max(grey.var(), 1.0)),
                'light': float(sides[0] / sides[1]) * (1 - burnt)}

    def turn(self, picture: "Any") -> int:
        """Return by how many degrees a face is turned, clockwise: 0, 90, 180 or 270.

        The landmarks do not tell, YuNet gives upright ones for any face; its scores do.
        """
        self.load()
        import numpy
        sides = (TURN_SIDE,) if max(picture.shape) <= poses.CROP_SIDE else DETECTION_SIDES
        scores = []
        with self.lock:
            for quarters in range(4):
                turned = numpy.ascontiguousarray(numpy.rot90(picture, quarters))
                scores.append(max([face.score for side in sides
                                   for face in self._detect(turned, side)] or [0.0]))
        quarters = max(range(4), key=lambda index: scores[index])
        return 90 * quarters if scores[quarters] > scores[0] + TURN_MARGIN else 0

    def packed(self, crops: "Sequence[Crop]") -> bytes:
        """Return crops as text, for the store."""
        with self.lock:
            return poses.packed(self._cv2, crops)

    def compose(self, template: "Any", people: "Sequence[Tuple[Face, bytes]]",
                configure: "Dict[str, Any]") -> bytes:
        """Put people in the place of faces; return a JPEG file that is marked as emulated."""
        with self.lock:
            return compose(self._cv2, template, people, configure, self.mark)

    def quality(self, picture: "Any") -> "Dict[str, float]":
        """Rate a picture: sharpness, contrast and exposure, each from 0 to 1."""
        self.load()
        with self.lock:
            grey = self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2GRAY)
            edges = float(self._cv2.Laplacian(grey, self._cv2.CV_64F).var())
        mean, deviation = float(grey.mean()) / 255, float(grey.std()) / 255
        return {'sharpness': edges / (edges + 100.0), 'contrast': min(1.0, deviation * 4),
                'exposure': 1 - abs(mean - 0.5) * 2}


def _face(row: "Any", scale: float) -> Face:
    values = [float(value) / scale for value in row[:14]]
    points = [(values[4 + 2 * i], values[5 + 2 * i]) for i in range(5)]
    return Face(tuple(int(round(value)) for value in values[:4]), points, float(row[14]))


def _unit(vector: "Any") -> "List[float]":
    length = float((vector ** 2).sum()) ** 0.5
    return [float(value) / (length or 1.0) for value in vector]
