"""AI portrait (AI写真): check photos, train a person's model, create portraits."""
from ..models.aigc_check_request import AIGCCheckRequest
from ..models.aigc_create_request import AIGCCreateRequest
from ..models.aigc_image_check_response import AIGCImageCheckResponse
from ..models.aigc_image_create_response import AIGCImageCreateResponse
from ..models.aigc_image_train_response import AIGCImageTrainResponse
from ..models.aigc_sd_request import AIGCSDRequest
from ..models.aigc_train_request import AIGCTrainRequest
from ..models.response import Response
from ..operation import POST, Operation

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence
    from typing_extensions import Unpack
    from ..api_client import ApiClient
    from ..models.request import Configure
    from ..typed_methods import BodyMethod, CallOptions

CHECK = Operation(POST, '/api/v1/aigc_images/check', AIGCImageCheckResponse, repeatable=True)
TRAIN = Operation(POST, '/api/v1/aigc_images/train', AIGCImageTrainResponse)
CREATE = Operation(POST, '/api/v1/aigc_images/create', AIGCImageCreateResponse)
SD = Operation(POST, '/api/v1/aigc_images/sd', Response)


class AIGCImagesApi(object):
    """The portrait operations over one client."""

    aigc_images_check_post = CHECK.post(
        'aigc_images_check_post')  # type: BodyMethod[AIGCCheckRequest, AIGCImageCheckResponse]
    aigc_images_check_with_http_info = CHECK.with_http_info('aigc_images_check')  # type: Any
    aigc_images_train_post = TRAIN.post(
        'aigc_images_train_post')  # type: BodyMethod[AIGCTrainRequest, AIGCImageTrainResponse]
    aigc_images_train_with_http_info = TRAIN.with_http_info('aigc_images_train')  # type: Any
    aigc_images_create_post = CREATE.post(
        'aigc_images_create_post')  # type: BodyMethod[AIGCCreateRequest, AIGCImageCreateResponse]
    aigc_images_create_with_http_info = CREATE.with_http_info('aigc_images_create')  # type: Any
    aigc_images_sd_post = SD.post(
        'aigc_images_sd_post')  # type: BodyMethod[AIGCSDRequest, Response]
    aigc_images_sd_with_http_info = SD.with_http_info('aigc_images_sd')  # type: Any

    def __init__(self, api_client: "Optional[ApiClient]" = None) -> None:
        self.api_client = api_client  # type: Any

    def aigc_images_check(self, images: "Sequence[str]", model_name: "Optional[str]" = '',
                          configure: "Configure" = None, **options: "Unpack[CallOptions]"
                          ) -> "AIGCImageCheckResponse":
        """Say of each photo whether it fits a training.

        A photo that does not fit raises no error: see ``check_results`` and ``failures``.

        :param images: URLs of the photos, 5 to 20 for a training (service reference 5.1).
        :param model_name: a deployed model service, ``''`` for the general one.
        :param options: ``async_req``, ``_request_timeout`` in seconds and the like.
        :raises ApiException: the service refused, or could not be reached.
        """
        body = AIGCCheckRequest('AIGCImageCheck', images, model_name, configure)
        return self.aigc_images_check_post(body, **options)

    def aigc_images_train(self, images: "Sequence[str]", model_name: "Optional[str]" = '',
                          configure: "Configure" = None, **options: "Unpack[CallOptions]"
                          ) -> "AIGCImageTrainResponse":
        """Start a training; it is paid, and never sent twice behind your back.

        Keep ``job_id`` and ``model_id`` of the answer: the service has no list of them.
        Arguments and errors as in :meth:`aigc_images_check`.
        """
        body = AIGCTrainRequest('AIGCImageTrain', images, model_name, configure)
        return self.aigc_images_train_post(body, **options)

    def aigc_images_create(self, model_id: str, template_image: "Optional[str]",
                           model_name: "Optional[str]" = '', configure: "Configure" = None,
                           **options: "Unpack[CallOptions]") -> "AIGCImageCreateResponse":
        """Put a person into a template picture; takes tens of seconds, is paid, never repeated.

        :param model_id: the trained model, as the training's answer named it.
        :param template_image: URL of the template, with one face.
        :param configure: a dict or :class:`.PortraitConfigure` (service reference 3.1).
        :raises ApiException: 462 and 469 name what is wrong with template or parameters.
        """
        body = AIGCCreateRequest('AIGCImageCreate', model_id, None, model_name, template_image,
                                 configure)
        return self.aigc_images_create_post(body, **options)

    def aigc_images_create_by_multi_model_ids(
            self, model_ids: "Sequence[str]", template_image: "Optional[str]",
            model_name: "Optional[str]" = '', configure: "Configure" = None,
            **options: "Unpack[CallOptions]") -> "AIGCImageCreateResponse":
        """Put several persons into a template with as many faces, presumably left to right.

        :param model_ids: one trained model per face; the same one may stand twice.
        """
        body = AIGCCreateRequest('AIGCImageCreate', None, model_ids, model_name, template_image,
                                 configure)
        return self.aigc_images_create_post(body, **options)

    def aigc_images_sd(self, model_name: "Optional[str]", configure: "Mapping[str, Any]",
                       **options: "Unpack[CallOptions]") -> Response:
        """Run a Stable Diffusion task such as ``{'task': 'outpaint', ...}``.

        Known from the Python SDK alone (service reference 2, row 4); no guide describes it.
        """
        body = AIGCSDRequest('AIGCImageSD', model_name, configure)
        return self.aigc_images_sd_post(body, **options)
