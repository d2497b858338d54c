"""The request of a check of photos (核验)."""
from .request import PhotosRequest


class AIGCCheckRequest(PhotosRequest):
    """Photos to be verified before a training."""
