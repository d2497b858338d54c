"""Many portraits at once: failures one by one; run again, nothing is paid twice."""
import os

from ai_service_python_sdk import ApiClient, Ledger, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]
template = folder + 'template_single_collins.jpg'

with ApiClient.from_env() as client, Ledger('many.sqlite') as ledger:
    studio = PortraitStudio(client, ledger=ledger)
    if not ledger.standing('train', 'key', ['hopper']):  # not paid for yet
        studio.check(photos)
    model = studio.train(photos, key='hopper')
    # Models, template, parameters, the key in the ledger, and the file.
    tasks = [(model, template, {'sharp_ratio': ratio}, 'hopper-{}'.format(ratio),
              'portrait_many_{}.jpg'.format(ratio)) for ratio in (0.1, 0.2, 0.3)]
    for result in studio.create_many(tasks, concurrency=2):
        print(result.key, result.error or 'saved')
