"""Plain contract data: documented errors, photo codes, and what the emulator decides by itself.

Facts: service reference, sections 2 and 4. Where the guide is silent the emulator has a choice of
its own: it stands here, marked "emulator policy", and nowhere else.
"""
import logging
from fnmatch import fnmatchcase

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

log = logging.getLogger('ai_service_python_sdk.emulator')  # type: logging.Logger
OK, SUCCESS, JSON = 'OK', 'success', 'application/json'
#: Field that the emulator adds to an answer: why, in its own words. The service has none.
REASON = 'emulated_reason'
_P, _E = 'PARAMETER_ERROR', 'error'

#: Name to (status, code, message) of every documented error.
ERRORS = {
    'appid': (400, _P, 'not found appid'),
    'quota': (400, 'EXCEEDED_QUOTA_ERROR', 'exceeded quota'),
    'sign': (401, _P, 'sign error'),
    'model_name': (404, _P, 'model not found'),
    'train_input': (462, _E, 'Invalid input data'),
    'photos_missing': (462, _E, 'Image not provided'),
    'storage': (462, _E, 'Make dir in oss Error'),
    'photos': (462, _E, 'Image process error'),
    'train_template': (469, _E, 'Training - Not get best template image'),
    'train_weights': (469, _E, 'Training - Not get lora weight'),
    'create_input': (462, _E, 'Invalid input data. Please check the input dict.'),
    'template_missing': (462, _E, 'mage not provided. Please check the template_image.'),
    'model_id': (462, _E, 'Prompts get error. Please check the model_id.'),
    'not_trained': (462, _E, "Roop image decord error. Pleace check the user's lora is trained or "
                             'not.'),
    'template_decode': (462, _E, 'Template image decord error. Please Give a new template.'),
    'template_face': (462, _E, 'There is not face in template. Please Give a new template.'),
    'template_process': (462, _E, 'Template image process error. Please Give a new template.'),
    'first_fusion': (469, _E, "First Face Fusion Error, Can't get face in template image."),
    'first_diffusion': (469, _E, 'First Stable Diffusion Process error. Check the webui status.'),
    'second_fusion': (469, _E, "Second Face Fusion Error, Can't get face in template image."),
    'second_diffusion': (469, _E, 'Second Stable Diffusion Process error. Check the webui '
                                  'status.'),
    'face_count': (469, _E, 'Please confirm if the number of faces in the template corresponds to '
                            'the user ID.'),
    'background': (469, _E, 'Third Stable Diffusion Process error. Check the webui status.'),
    'face_id': (500, _E, "Face id image decord error. Pleace check the user's lora is trained or "
                         'not.'),
    # Emulator policy: the guide names no error for these.
    'job_id': (404, _P, 'job not found'),
    'path': (404, _P, 'path not found'),
    'image': (462, _E, 'Image decode error'),
    'too_large': (413, _P, 'body too large'),
    'length': (411, _P, 'body without length'),
    'method': (405, _P, 'method not allowed'),
    'request': (400, _P, 'bad request'),
}  # type: Dict[str, Tuple[int, str, str]]

#: Photo code to message.
PHOTO_MESSAGES = {
    1: 'success', 2: 'Image decode error', 3: 'Number of face is not 1', 4: 'Image detect error',
    5: 'Image encoding error', 6: 'This photo is not the same person in photos'}

#: Answers to callers from elsewhere, and to a request that a bug of the emulator broke.
OWN_ERRORS = {'host': (403, _P, 'host not allowed'), 'origin': (403, _P, 'origin not allowed'),
              'crash': (500, _E, 'internal error')}

_VIDEO = ('ClassifyLabelVideo', 'VideoQA', 'MultiModalClassify')
#: Name of each operation to its method, its path, where * is an id, the actions that it takes
#: (service reference 2.3), none if it takes no body, and what its body needs besides the action;
#: arrays are not empty.
OPERATIONS = {
    'check': ('POST', '/api/v1/aigc_images/check', ('AIGCImageCheck',), {}),
    'train': ('POST', '/api/v1/aigc_images/train', ('AIGCImageTrain',), {}),
    'create': ('POST', '/api/v1/aigc_images/create', ('AIGCImageCreate',), {}),
    'sd': ('POST', '/api/v1/aigc_images/sd', ('AIGCImageSD',), {'configure': dict}),
    'images': ('POST', '/api/v1/images', (
        'FaceRecognitionImage', 'FaceBeautyImage', 'FaceAttrImage', 'FaceDetectImage',
        'OCRImage', 'ClassifyImage', 'MultiLabelImage', 'MultiLabelImageV2', 'ImageQA',
        'DetectClassifyImage', 'ScanImage', 'ProductDetectImage'), {'image': str}),
    'text': ('POST', '/api/v1/text', (
        'KeyWordText', 'NERText', 'FineGrainedLabelText', 'VectorizationText', 'AntiSpamText',
        'SentimentAnalysisText', 'EcomerceReviewSentimentAnalysisText'), {'text': str}),
    'videos': ('POST', '/api/v1/videos', _VIDEO, {'video_url': str}),
    'batch_videos': ('POST', '/api/v1/batch_videos', _VIDEO, {'videos': list}),
    'images_with_text': ('POST', '/api/v1/images_with_text', ('ImageTextTag',), {'images': list}),
    'ai_creation': ('POST', '/api/v1/ai_creation', ('AICreation',), {'content': str}),
    'eval_judger': ('POST', '/api/v1/llm/eval_judger', ('LLMEvalJudger',),
                    {'messages': list, 'model': str}),
    'async_jobs': ('POST', '/api/v1/async_jobs/*', (), {}),
    'batch_jobs': ('GET', '/api/v1/batch_jobs/*', (), {}),
}  # type: Dict[str, Tuple[str, str, Tuple[str, ...], Dict[str, type]]]

INITIALISED, RUNNING, SUCCEEDED, FAILED = 0, 1, 2, 3

# Emulator policy from here on.

#: Pixels that both sides of a photo or template have to exceed; else code 4, or 462.
LEAST_SIDE = 512
#: Pixels between the eyes from which a face can be told apart; below it is code 5.
LEAST_EYE_DISTANCE = 24
#: Sharpness of a face below which it is blurred, code 5: twice the variance of the second
#: differences over that of the light, at 112 px. Sharp photos had 0.05 and more, 0.022 with 24 px
#: between the eyes; blurred by 4 hundredths of the eye distance 0.018 and less.
LEAST_SHARPNESS = 0.02
#: Cosine from which two faces are one person: SFace's published threshold.
SAME_PERSON = 0.363
#: Formats that the guide promises, as Pillow names them; phones write MPO into .jpg files.
PROMISED_FORMATS = ('JPEG', 'MPO', 'PNG')
#: Pixels above which a photo is looked at in half of its size.
MOST_WORKING_PIXELS = 12500 * 1000
#: Photos of a training: as the guide's samples, and as the guide says (``strict``).
PHOTO_COUNTS, STRICT_PHOTO_COUNTS = (2, 20), (5, 20)
#: Bytes of a request body, and of a photo; pixels of a photo; seconds to fetch it.
MOST_BODY_BYTES = 64 * 1024 * 1024
MOST_PHOTO_BYTES = 20 * 1024 * 1024
MOST_PHOTO_PIXELS = 50 * 1000 * 1000
FETCH_SECONDS = 10.0
#: Seconds that a request may take to arrive; its head has the limits of ``http.client``.
MOST_ARRIVAL_SECONDS = 60.0
#: Bytes of a body that are read from a caller whose app id is unknown.
MOST_STRANGER_BYTES = 64 * 1024
#: User-Agent by which a photo's host knows the emulator.
USER_AGENT = 'ai-service-python-sdk-emulator'
#: Redirects that are followed for a photo.
MOST_REDIRECTS = 3


class ServiceFailure(Exception):
    """An answer that is an error.

    :param name: a key of :data:`ERRORS` or :data:`OWN_ERRORS`; any other if ``error`` is given.
    :param reason: what was wrong and what to do, in words that the service does not have.
    :param error: (status, code, message); None for those of the name.
    """

    def __init__(self, name: str, reason: "Optional[str]" = None,
                 error: "Optional[Tuple[int, str, str]]" = None) -> None:
        Exception.__init__(self, name)
        #: Status, code, message.
        self.error = error or ERRORS.get(name) or OWN_ERRORS[name]  # type: Tuple[int, str, str]
        self.reason = reason


def error_named(error: "Any") -> "Tuple[int, str, str]":
    """Return (status, code, message) for a name of :data:`ERRORS`, or such a triple itself.

    :raises ValueError: it is neither.
    """
    if isinstance(error, str) and error in ERRORS:
        return ERRORS[error]
    if (isinstance(error, (tuple, list)) and [type(part) for part in error] == [int, str, str]
            and is_status(error[0])):
        return error[0], error[1], error[2]
    raise ValueError('`error` is {!r}; must be one of {} or (status, code, message)'
                     .format(error, ', '.join(sorted(ERRORS))))


def is_status(value: "Any") -> bool:
    # A status below 200 is an interim one: clients would wait for another answer.
    return type(value) is int and 200 <= value <= 599


def operation_at(path: str) -> "Optional[str]":
    """Return the name of the operation that has a path, None if none has it."""
    return next((name for name, row in OPERATIONS.items() if fnmatchcase(path, row[1])
                 and path.count('/') == row[1].count('/')), None)


def paths_of(operation: "Any") -> str:
    """Return a pattern of the paths of an operation, with ``*`` for any text.

    :param operation: its name, a path, or the start of paths with ``/`` or ``*`` behind it.
    :raises ValueError: no operation has such a path.
    """
    given = operation if isinstance(operation, str) else ''
    paths = OPERATIONS[given][1] if given in OPERATIONS else given
    paths += '*' if paths.endswith('/') else ''
    if not operation_at(paths) and not any(
            fnmatchcase(row[1], paths) for row in OPERATIONS.values()):
        raise ValueError('`operation` is {!r}; must be one of {}, a path such as {}, or the start '
                         'of paths with * behind it'.format(
                             operation, ', '.join(sorted(OPERATIONS)), OPERATIONS['check'][1]))
    return paths
