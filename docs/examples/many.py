"""Many portraits at once: failures one by one, memory bounded, nothing paid twice."""
import os

from ai_service_python_sdk import ApiClient, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]

with ApiClient.from_env() as client:
    studio = PortraitStudio(client)
    model = studio.train(photos, save_to='model.json')
    tasks = [(model, folder + 'template_single_collins.jpg', {'sharp_ratio': ratio})
             for ratio in (0.1, 0.2, 0.3)]
    for result in studio.create_many(tasks, concurrency=2):
        if result.ok:
            result.portrait.save('portrait_{}.jpg'.format(result.index))
        else:
            print('task', result.index, result.error)
