"""The whole job: five photos and a template in, a portrait out."""
import os

from ai_service_python_sdk import ApiClient, PortraitStudio

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
photos = [folder + 'hopper_{}.jpg'.format(i) for i in range(5)]
template = folder + 'template_single_collins.jpg'

with ApiClient.from_env() as client:
    portrait = PortraitStudio(client).portrait(photos, template)
portrait.save('portrait.jpg')
