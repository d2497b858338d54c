"""The other endpoints: their documented shapes, from the real picture where that is possible."""
import base64
import binascii
import time
import uuid

from .contract import ServiceFailure
from .photos import PhotoError

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, List
    from .faces import FaceEngine
    from .photos import Photos
    from .service import Service

#: Actions of each endpoint (service reference 2.3).
IMAGE_ACTIONS = ('OCRImage', 'ClassifyImage', 'MultiLabelImage', 'MultiLabelImageV2',
                 'DetectClassifyImage', 'FaceRecognitionImage', 'ScanImage', 'FaceBeautyImage',
                 'ImageQA', 'FaceAttrImage', 'ProductDetectImage', 'FaceDetectImage')
FACE_ACTIONS = ('FaceRecognitionImage', 'FaceBeautyImage', 'FaceAttrImage', 'FaceDetectImage')
TEXT_ACTIONS = ('KeyWordText', 'NERText', 'FineGrainedLabelText', 'VectorizationText',
                'AntiSpamText', 'SentimentAnalysisText', 'EcomerceReviewSentimentAnalysisText')
VIDEO_ACTIONS = ('ClassifyLabelVideo', 'VideoQA', 'MultiModalClassify')


class Answers(object):
    """Minimal, honest answers; each says that it is emulated."""

    def __init__(self, engine: "FaceEngine", photos: "Photos", service: "Service") -> None:
        self._engine = engine
        self._photos = photos
        self._service = service

    def image(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Look at a picture given by URL or Base64."""
        picture = self._picture(body.get('image'))
        height, width = picture.shape[:2]
        data = {'image_height': height, 'image_width': width, 'emulated': True}
        if body['action'] == 'ImageQA':
            figures = self._engine.quality(picture)
            data['iqa_result'] = round(100 * sum(figures.values()) / len(figures), 2)
        if body['action'] in FACE_ACTIONS:
            data['faces'] = [_face(face) for face in self._engine.faces(picture)]
        return data

    def _picture(self, image: "Any") -> "Any":
        if not isinstance(image, str) or not image:
            raise ServiceFailure('image', '`image` has to be a URL or Base64')
        try:
            if image.startswith(('http://', 'https://')):
                return self._photos.picture(image).pixels()
            return self._photos.opened(base64.b64decode(image.encode('ascii'))).pixels()
        except (PhotoError, ValueError, binascii.Error) as error:
            raise ServiceFailure('image', str(error))

    def text(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Count the characters of a text: nothing here understands it."""
        return {'length': len(_text(body, 'text')), 'emulated': True}

    def creation(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Give the content back."""
        return {'content': _text(body, 'content'), 'emulated': True}

    def image_text(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Count the pictures and their text."""
        text = '' if body.get('text') is None else _text(body, 'text')
        return {'images': len(_list(body, 'images')), 'length': len(text), 'emulated': True}

    def stable_diffusion(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Give the task back; no guide describes what the service answers."""
        configure = body.get('configure')
        if not isinstance(configure, dict):
            raise ServiceFailure('create_input', '`configure` has to be an object')
        return {'task': configure.get('task'), 'emulated': True}

    def video(self, body: "Dict[str, Any]", app_id: str) -> "Dict[str, Any]":
        """Accept a job."""
        if not isinstance(body.get('video_url'), str):
            raise ServiceFailure('train_input', '`video_url` has to be a text')
        return {'job_id': self._service.add_other_jobs('Video', app_id)[0][0]}

    def batch_video(self, body: "Dict[str, Any]", app_id: str) -> "Dict[str, Any]":
        """Accept a job for each video."""
        count = len(_list(body, 'videos'))
        return {'batch_id': self._service.add_other_jobs('Video', app_id, count)[1]}

    def judge(self, body: "Dict[str, Any]") -> "Dict[str, Any]":
        """Answer in the judge's shape, without a judgement."""
        model = _text(body, 'model')
        _list(body, 'messages')
        choice = {'index': 0, 'finish_reason': 'stop', 'text': 'emulated: not judged'}
        return {'id': 'emulated-' + uuid.uuid4().hex, 'object': 'chat.completion',
                'created': int(time.time()), 'model': model, 'choices': [choice],
                'emulated': True}


def _face(face: "Any") -> "Dict[str, Any]":
    return {'box': list(face.box), 'score': round(face.score, 4), 'frontal': face.frontal,
            'landmarks': [[round(x, 1), round(y, 1)] for x, y in face.landmarks]}


def _text(body: "Dict[str, Any]", name: str) -> str:
    if not isinstance(body.get(name), str):
        raise ServiceFailure('train_input', '`{}` has to be a text'.format(name))
    text = body[name]  # type: str
    return text


def _list(body: "Dict[str, Any]", name: str) -> "List[Any]":
    if not isinstance(body.get(name), list) or not body[name]:
        raise ServiceFailure('train_input', '`{}` has to be an array, not empty'.format(name))
    items = body[name]  # type: List[Any]
    return items
