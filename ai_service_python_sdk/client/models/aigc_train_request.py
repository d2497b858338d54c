"""The request of a training (模型训练)."""
from .request import PhotosRequest


class AIGCTrainRequest(PhotosRequest):
    """Photos to train a person's model from."""
