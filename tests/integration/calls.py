"""Clients without pauses, and the calls that tests of the wire make with them."""
import pytest

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceAiCreationApi, AiServiceImageApi, AiServiceJobApi, AiServiceTextApi,
    AiServiceVideoApi, ApiClient, RetryPolicy)

TOKEN = 'k3y-S3cret-t0ken'
#: Repeats at once, so that a test takes no time.
AT_ONCE = dict(first_delay=0.0, longest_delay=0.0)


def client_of(host, configure=None, **policy):
    """A client that repeats at once; ``configure`` changes its configuration."""
    client = ApiClient(host, 'app', TOKEN)
    client.configuration.retry_policy = RetryPolicy(**dict(AT_ONCE, **policy))
    client.configuration.timeout = 5
    if configure:
        configure(client.configuration)
    return client


def trusting(bundle, **settings):
    def configure(configuration):
        configuration.ssl_ca_cert = bundle
        for name, value in settings.items():
            setattr(configuration, name, value)
    return configure


def train(client, **options):
    return AIGCImagesApi(client).aigc_images_train(['http://localhost/a.jpg'], **options)


def create(client, **options):
    return AIGCImagesApi(client).aigc_images_create('m', 'http://localhost/t.jpg', **options)


def create_multi(client, **options):
    return AIGCImagesApi(client).aigc_images_create_by_multi_model_ids(
        ['a', 'b'], 'http://localhost/t.jpg', **options)


def sd(client, **options):
    return AIGCImagesApi(client).aigc_images_sd('', {'task': 'outpaint'}, **options)


def video(client, **options):
    return AiServiceVideoApi(client).video_qa('http://localhost/v.mp4', 't', **options)


def batch_video(client, **options):
    return AiServiceVideoApi(client).batch_video_qa([{'url': 'http://localhost/v'}], **options)


def creation(client, **options):
    return AiServiceAiCreationApi(client).ai_creation('about', **options)


def check(client, **options):
    return AIGCImagesApi(client).aigc_images_check(['http://localhost/a.jpg'], **options)


def job(client, **options):
    return AiServiceJobApi(client).get_async_job(11, **options)


def batch(client, **options):
    return AiServiceJobApi(client).get_batch_job(11, **options)


def text(client, **options):
    return AiServiceTextApi(client).ner_text('text', **options)


def image(client, **options):
    return AiServiceImageApi(client).image_qa('http://localhost/a.jpg', **options)


#: Calls that cost money or change something, and calls that only read.
PAID = [train, create, create_multi, sd, video, batch_video, creation]
QUERIES = [check, job, batch]


def name_of(value):
    return getattr(value, '__name__', None)


def each(calls):
    return pytest.mark.parametrize('call', calls, ids=name_of)
