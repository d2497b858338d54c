"""The operations, one class per family."""
from ...util.exports import export as _export

TYPE_CHECKING = bool()  # type: bool
if TYPE_CHECKING:
    from .ai_service_ai_creation_api import AiServiceAiCreationApi as AiServiceAiCreationApi
    from .ai_service_aigc_images_api import AIGCImagesApi as AIGCImagesApi
    from .ai_service_image_api import AiServiceImageApi as AiServiceImageApi
    from .ai_service_image_text_api import AiServiceImageTextApi as AiServiceImageTextApi
    from .ai_service_job_api import AiServiceJobApi as AiServiceJobApi
    from .ai_service_llm_api import AiServiceLlmApi as AiServiceLlmApi
    from .ai_service_llm_api import LlmEvaluation as LlmEvaluation
    from .ai_service_text_api import AiServiceTextApi as AiServiceTextApi
    from .ai_service_video_api import AiServiceVideoApi as AiServiceVideoApi

_export(__name__, '''
    ai_service_aigc_images_api.AIGCImagesApi ai_service_ai_creation_api.AiServiceAiCreationApi
    ai_service_image_api.AiServiceImageApi ai_service_image_text_api.AiServiceImageTextApi
    ai_service_job_api.AiServiceJobApi ai_service_llm_api.AiServiceLlmApi
    ai_service_llm_api.LlmEvaluation ai_service_text_api.AiServiceTextApi
    ai_service_video_api.AiServiceVideoApi
''')
