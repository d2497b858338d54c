"""Step by step, with the ids in a file before it waits: a crash loses nothing that is paid."""
import os

from ai_service_python_sdk import (
    ApiClient, ImageCheckError, JobFailedError, PortraitStudio, TrainedModel)

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]

with ApiClient.from_env() as client:
    studio = PortraitStudio(client)
    try:
        if os.path.exists('model.json'):                 # of a run before: no second training
            model = studio.wait(TrainedModel.load('model.json'))
        else:
            studio.check(photos)
            model = studio.train(photos, save_to='model.json')
    except ImageCheckError as error:
        raise SystemExit(error)                          # which photos, why, and what to do
    except JobFailedError as error:
        os.remove('model.json')                          # no model: the next run trains again
        raise SystemExit(error)
    studio.create(model, folder + 'template_single_collins.jpg').save('portrait.jpg')
