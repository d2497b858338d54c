"""Analysis of one picture."""
from ..models.image_qa_response import ImageQAResponse
from ..models.image_request import ImageRequest
from ..models.response import Response
from ..operation import POST, Family, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any
    from ..typed_methods import BodyMethod, ImageAction
    Action = ImageAction[Response]

IMAGE = Operation(POST, '/api/v1/images', Response, by_action={'ImageQA': ImageQAResponse})


def _analysis(name: str, action: str, what: str) -> "Any":
    def method(self: "Any", image: str, model_name: str = '', configure: "Any" = None,
               **options: "Any") -> "Any":
        body = ImageRequest(action, image, model_name, configure)
        return self.ai_model_image(body, **options)
    return IMAGE.named(method, name, what + '\n\n:param image: URL, or Base64 text.')


class AiServiceImageApi(Family):
    """The actions on pictures over one client (service reference 2.3, endpoint 7)."""

    ai_model_image = IMAGE.post('ai_model_image')  # type: BodyMethod[ImageRequest, Response]
    ai_model_image_with_http_info = IMAGE.with_http_info('ai_model_image')  # type: Any

    ocr_image = _analysis('ocr_image', 'OCRImage', 'Read the text in a picture.')  # type: Action
    classify_image = _analysis(
        'classify_image', 'ClassifyImage', 'Classify a picture.')  # type: Action
    multi_label_image = _analysis(
        'multi_label_image', 'MultiLabelImage', 'Label a picture.')  # type: Action
    multi_label_image_v2 = _analysis(
        'multi_label_image_v2', 'MultiLabelImageV2', 'Tag a picture (图像打标).')  # type: Action
    detect_classify_image = _analysis(
        'detect_classify_image', 'DetectClassifyImage',
        'Find and classify objects.')  # type: Action
    face_recognition_image = _analysis(
        'face_recognition_image', 'FaceRecognitionImage', 'Recognise faces.')  # type: Action
    scan_image = _analysis('scan_image', 'ScanImage', 'Scan a picture.')  # type: Action
    face_beauty_image = _analysis(
        'face_beauty_image', 'FaceBeautyImage', 'Rate faces.')  # type: Action
    image_qa = _analysis(
        'image_qa', 'ImageQA',
        'Rate the quality of a picture, 0 to 100 (图像质量评分).')  # type: ImageAction[ImageQAResponse]
    face_attr_image = _analysis(
        'face_attr_image', 'FaceAttrImage', 'Describe faces (人脸属性分析).')  # type: Action
    product_detect_image = _analysis(
        'product_detect_image', 'ProductDetectImage',
        'Find products; known from the Go SDK.')  # type: Action
    face_detect_image = _analysis(
        'face_detect_image', 'FaceDetectImage',
        'Find faces; known from the Go SDK.')  # type: Action
