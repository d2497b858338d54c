"""A user's program in which every line marked ``# wrong`` has to be an error, and no other."""
from ai_service_python_sdk import (
    AIGCCheckRequest, AIGCImagesApi, AiServiceJobApi, ApiClient, PortraitConfigure, PortraitStudio,
    RetryPolicy, TrainedModel, aio)
from ai_service_python_sdk import NoSuchName  # wrong

client = ApiClient('http://localhost', 'app', 'token')
api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)
images = ['http://localhost/a.jpg']

ApiClient('http://localhost', 7, 'token')  # wrong
api.aigc_images_train(5)  # wrong
api.aigc_images_train(images, configure=[1])  # wrong
api.aigc_images_train(images, no_such_option=1)  # wrong
api.aigc_images_train(images, _request_timeout='5')  # wrong
api.aigc_images_create('model')  # wrong
api.aigc_images_create(['model'], 'http://localhost/t.jpg')  # wrong
api.aigc_images_create_by_multi_model_ids([1], 'http://localhost/t.jpg')  # wrong
api.aigc_images_train_post(images)  # wrong
api.aigc_images_train_post(AIGCCheckRequest('AIGCImageCheck', images))  # wrong
api.no_such_operation(images)  # wrong
jobs.get_async_job(None)  # wrong
jobs.get_async_job([11])  # wrong

training = api.aigc_images_train(images)
training.job_id + 1  # wrong
training.data['no_such_key']  # wrong
training.model_id.upper()  # wrong
training.no_such_field  # wrong
number: str = training.job_id  # wrong
api.aigc_images_check(images).check_results.code  # wrong
api.aigc_images_train_post(images=images)  # wrong
answer: bytes = api.aigc_images_create('model', 'http://localhost/t.jpg')  # wrong
RetryPolicy(repeats='3')  # wrong
PortraitConfigure('lora_weights')  # wrong
PortraitStudio(client, intervall=3)  # wrong
PortraitStudio(client).wait(TrainedModel('m'), intervall=3)  # wrong
aio.PortraitStudio(aio.ApiClient('http://localhost', 'app', 'token'), intervall=3)  # wrong
aio.AIGCImagesApi(aio.ApiClient('http://localhost', 'app', 'token')).aigc_images_train(5)  # wrong
