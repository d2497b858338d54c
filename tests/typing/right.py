"""A user's program in which every use is right and every inferred type is asserted."""
import pathlib
import sys
from datetime import datetime
from typing import Any, List, Optional

import urllib3.exceptions
from typing_extensions import assert_type

from ai_service_python_sdk import (
    AIGCImageCheckResponse, AIGCImageCreateResponse, AIGCImagesApi, AIGCImageTrainResponse,
    AIGCTrainRequest, AiServiceImageApi, AiServiceJobApi, AiServiceLlmApi, AiServiceTextApi,
    AiServiceVideoApi, ApiClient, ApiException, AsyncJobResponse, Configuration, Job, JobState,
    FinishedJob, Portrait, PortraitConfigure, PortraitStudio, QuotaExceededError, Response,
    RetryPolicy, TrainedModel, aio)
from ai_service_python_sdk.batch import BatchResult
from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi as DeepApi
from ai_service_python_sdk.portrait import CreateResult, CreateTask
from ai_service_python_sdk.client.models.aigc_train_request import AIGCTrainRequest as DeepRequest

client = ApiClient('http://localhost', 'app', 'token')
api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)
images = ['http://localhost/a.jpg']

checked = api.aigc_images_check(images, '', None)
assert_type(checked, AIGCImageCheckResponse)
assert_type(checked.passed, bool)
assert_type(checked.cost_time, Optional[float])
for result in checked.check_results:
    assert_type(result.url, Optional[str])
    assert_type(result.frontal, Optional[bool])
if checked.code != 'OK':
    sys.exit(checked.message)

training = api.aigc_images_train(images)
assert_type(training, AIGCImageTrainResponse)
assert_type(training.job_id, Optional[int])
assert_type(training.model_id, Optional[str])
assert_type(training.data['job_id'], int)
assert_type(training.data['model_id'], str)
assert_type(training.request_id, Optional[str])
api.aigc_images_train(images, '', {'any': 'thing'}, _request_timeout=(3, 60))
api.aigc_images_train(tuple(images), configure=PortraitConfigure(lora_weights=0.9))

status = jobs.get_async_job(training.data['job_id'])
assert_type(status, AsyncJobResponse)
assert_type(status.job, Job)
assert_type(status.job.state, Optional[int])
assert_type(status.job.create_time, Optional[datetime])
assert_type(status.data['job']['state'], int)
if status.job.state == JobState.SUCCEEDED:
    assert_type(status.job.result, Any)
assert_type(jobs.get_batch_job('7').jobs, List[Job])

portrait = api.aigc_images_create('model', 'http://localhost/t.jpg', '',
                                  PortraitConfigure(lora_weights=0.9))
assert_type(portrait, AIGCImageCreateResponse)
assert_type(portrait.image_bytes, Optional[bytes])
assert_type(portrait.media_type, Optional[str])
assert_type(portrait.data['image'], str)
portrait.save_image('portrait.jpg')
portrait.save_image(pathlib.Path('portrait.jpg'))
api.aigc_images_create_by_multi_model_ids(['a', 'b'], 'http://localhost/t.jpg')

request = AIGCTrainRequest('AIGCImageTrain', images, '', None)
answer = api.aigc_images_train_post(request)
assert_type(answer, AIGCImageTrainResponse)
assert_type(api.aigc_images_train_post(request, async_req=True).get(), AIGCImageTrainResponse)
whole, code, headers = api.aigc_images_train_with_http_info(request)
DeepApi(client).aigc_images_train_post(DeepRequest('AIGCImageTrain', images))

assert_type(AiServiceTextApi(client), AiServiceTextApi)
assert_type(AiServiceVideoApi(client).video_qa('http://localhost/v.mp4', 'title').job_id,
            Optional[int])
AiServiceImageApi(client)
AiServiceLlmApi(client)

configuration = Configuration('http://localhost', 'app', 'token')
configuration.retry_policy = RetryPolicy(repeats=1)
configuration.timeout = (3, 60)
configuration.proxy = 'http://localhost:3128'
with ApiClient('http://localhost', 'app', 'token') as other:
    assert_type(other, ApiClient)

try:
    api.aigc_images_check(images).raise_for_code()
except QuotaExceededError as error:
    assert_type(error.hint, Optional[str])
except ApiException as error:
    assert_type(error.status, Optional[int])
    assert_type(error.request_id, Optional[str])
except urllib3.exceptions.MaxRetryError:
    pass


def shown(response: Response) -> str:
    """Print any answer."""
    return str(response)


shown(checked)
shown(portrait)


studio = PortraitStudio(client, timeout=7200, interval=3)
trained = studio.train(images, save_to=pathlib.Path('person.json'), tolerated_failures=1)
assert_type(trained, TrainedModel)
assert_type(studio.wait(trained, interval=5), TrainedModel)
assert_type(studio.create(trained, 'http://localhost/t.jpg', timeout=(3, 60)), Portrait)
trained.save(pathlib.Path('person.json'))
TrainedModel.load(pathlib.Path('person.json'))
for made in studio.create_many([CreateTask('m', 'http://localhost/t.jpg', key=7)]):
    assert_type(made, CreateResult)
for ended in studio.batch(pathlib.Path('orders.csv'), 'portraits', trainings=2):
    assert_type(ended, BatchResult)
assert_type(studio.batch([]).plan().creations, int)


async def awaited() -> None:
    """Await the same."""
    twin = aio.ApiClient('http://localhost', 'app', 'token', on_unclaimed=print)
    assert_type(twin.configuration, Configuration)
    assert_type(await aio.AIGCImagesApi(twin).aigc_images_train(images), AIGCImageTrainResponse)
    assert_type(await aio.AiServiceJobApi(twin).get_async_job(11), AsyncJobResponse)
    async for done in aio.AiServiceJobApi(twin).wait_for_async_jobs([11]):
        assert_type(done, FinishedJob)
    awaited_studio = aio.PortraitStudio(twin, timeout=7200, interval=3)
    assert_type(await awaited_studio.train(images, wait=False, interval=5), TrainedModel)
    async for result in awaited_studio.create_many([('m', 'http://localhost/t.jpg')]):
        assert_type(result, CreateResult)
    async for ended in awaited_studio.batch([{'person': 'Grace'}]):
        assert_type(ended, BatchResult)
    assert_type(await twin.close(timeout=20), List[str])
