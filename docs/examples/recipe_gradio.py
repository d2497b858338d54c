"""A page on which a person makes a portrait of the photos on their own disk."""
import io
import os
import uuid

import gradio
from PIL import Image

from ai_service_python_sdk import ApiClient, ApiException, Ledger, PortraitStudio
from ai_service_python_sdk.uploads import OssUploads

client = ApiClient.from_env()
bucket = OssUploads(os.environ['AI_SERVICE_UPLOAD'])      # such as oss://my-bucket/portraits
studio = PortraitStudio(client, ledger=Ledger('ledger.sqlite'), uploads=bucket)


def make(photos, template, progress=gradio.Progress()):
    """Return a picture; the photos are at OSS for as long as it takes."""
    if not photos or not template:
        raise gradio.Error('Give 5 to 20 photos of one person, and a template.')
    key = uuid.uuid4().hex
    try:
        portrait = studio.portrait(photos, template, key=key, on_progress=lambda job: progress(
            0.3 * job.state, 'training'))
    except (ApiException, ValueError) as error:
        raise gradio.Error(getattr(error, 'summary', str(error)))
    portrait.save(os.path.abspath('portrait_{}.jpg'.format(key)))
    return Image.open(io.BytesIO(portrait.image_bytes))


page = gradio.Interface(
    make, [gradio.File(file_count='multiple', type='filepath', label='Photos'),
           gradio.Image(type='filepath', label='Template')],
    gradio.Image(label='Portrait'), title='AI Portrait', flagging_mode='never')

if __name__ == '__main__':
    page.queue().launch()
