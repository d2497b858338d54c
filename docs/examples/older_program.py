"""A program written for the older SDK."""
import base64
import os
import sys
import time

from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi
from ai_service_python_sdk.client.api.ai_service_job_api import AiServiceJobApi
from ai_service_python_sdk.client.api_client import ApiClient

host, app_id, token = (os.environ['AI_SERVICE_' + name] for name in ('HOST', 'APP_ID', 'TOKEN'))
photos = ['{}/files/hopper_{}.jpg'.format(host, i) for i in range(5)]
template = host + '/files/template_single_collins.jpg'

client = ApiClient(host, app_id, token)
api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)

check = api.aigc_images_check(photos, '', None)
for result in check.data['check_results']:
    if result['code'] != 1:
        sys.exit('{url}: {message}'.format(**result))

training = api.aigc_images_train(photos, '', None)
job_id, model_id = training.data['job_id'], training.data['model_id']
while True:
    job = jobs.get_async_job(job_id).data['job']
    if job['state'] == 2:
        break
    if job['state'] == 3:
        sys.exit(job['message'])
    time.sleep(10)

answer = api.aigc_images_create(model_id, template, '', None)
with open('portrait.jpg', 'wb') as stream:
    stream.write(base64.b64decode(answer.data['image']))
