"""The whole job against any host: check the photos, train, wait, create for one and for two.

    python docs/examples/portrait.py HOST APP_ID TOKEN PHOTOS

PHOTOS is the address of a folder with the sample pictures, such as
``http://127.0.0.1:8765/files``. Without arguments the emulator is started on the
pictures next to this file, so that no account and no network are needed.
"""
import os
import sys
import time

from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi
from ai_service_python_sdk.client.api.ai_service_job_api import AiServiceJobApi
from ai_service_python_sdk.client.api_client import ApiClient
from ai_service_python_sdk.client.rest import ApiException

#: Seconds between two looks at a job.
POLL_SECONDS = float(os.environ.get('POLL_SECONDS', '10'))


def train(api, jobs, images):
    """Check photos, train a model from them, wait; return the model's id."""
    check = api.aigc_images_check(images, '', None)
    if check.code != 'OK':
        sys.exit('check failed: {}'.format(check.message))
    for result in check.data['check_results']:
        print('{code} {message:<10} {url}'.format(**result))

    training = api.aigc_images_train(images, '', None)
    if training.code != 'OK':
        sys.exit('training failed: {}'.format(training.message))
    job_id, model_id = training.data['job_id'], training.data['model_id']
    print('job', job_id, 'model', model_id)

    while True:
        job = jobs.get_async_job(job_id).data['job']
        print('job', job_id, 'state', job['state'], job['message'])
        if job['state'] == 2:
            return model_id
        if job['state'] == 3:
            sys.exit('training failed: {}'.format(job['message']))
        time.sleep(POLL_SECONDS)


def run(host, app_id, token, photos):
    """Make portrait.jpg and portrait_two.jpg in the current folder."""
    client = ApiClient(host, app_id, token)
    api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)
    try:
        collins = train(api, jobs, ['{}/collins_{}.jpg'.format(photos, i) for i in range(5)])
        hopper = train(api, jobs, ['{}/hopper_{}.jpg'.format(photos, i) for i in range(5)])

        template = photos + '/template_single_hopper.jpg'
        portrait = api.aigc_images_create(collins, template, '', {'sharp_ratio': 0.2})
        portrait.save_image('portrait.jpg')
        print('portrait.jpg', portrait.cost_time, 's')

        template = photos + '/template_two.jpg'
        both = api.aigc_images_create_by_multi_model_ids([hopper, collins], template, '', None)
        both.save_image('portrait_two.jpg')
        print('portrait_two.jpg', both.cost_time, 's')
    except ApiException as error:
        sys.exit(str(error))


def main():
    if len(sys.argv) == 5:
        return run(*sys.argv[1:])
    from ai_service_python_sdk.emulator import Emulator
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'photos')
    global POLL_SECONDS
    POLL_SECONDS = 0.3
    with Emulator(files=folder, training_seconds=1) as service:
        run(service.host, service.app_id, service.token, service.host + '/files')


if __name__ == '__main__':
    main()
