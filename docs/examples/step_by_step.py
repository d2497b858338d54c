"""Step by step, with the ids in a file before it waits: a crash loses nothing that is paid."""
import os

from ai_service_python_sdk import ApiClient, ImageCheckError, PortraitStudio, TrainedModel

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]

with ApiClient.from_env() as client:
    studio = PortraitStudio(client)
    if os.path.exists('model.json'):
        model = TrainedModel.load('model.json')          # of a run before: no second training
        studio.wait(model)
    else:
        try:
            studio.check(photos)
        except ImageCheckError as error:
            raise SystemExit(error)                      # which photos, why, and what to do
        model = studio.train(photos, save_to='model.json')
    studio.create(model, folder + 'template_single_collins.jpg').save('portrait.jpg')
