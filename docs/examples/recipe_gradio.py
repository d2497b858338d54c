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
studio = PortraitStudio(client, ledger=Ledger('orders.sqlite'), uploads=bucket)


def make(photos, template, progress=gradio.Progress()):
    """Return a picture; the photos are at OSS for as long as it takes."""
    if not photos or not template:
        raise gradio.Error('Give 5 to 20 photos of one person, and a template.')
    key = uuid.uuid4().hex
    try:
        portrait = studio.portrait(
            photos, template, key=key, save_to=os.path.abspath('portrait_{}.jpg'.format(key)),
            on_progress=lambda job: progress(0.3 * job.state, 'training'))
    except (ApiException, ValueError) as error:
        raise gradio.Error(getattr(error, 'summary', str(error)))
    except OSError as error:    # a full disk: the picture is paid for, and at hand
        portrait = getattr(error, 'portrait', None)
        if portrait is None:
            raise
    return Image.open(io.BytesIO(portrait.image_bytes))


page = gradio.Interface(
    make, [gradio.File(file_count='multiple', type='filepath', label='Photos'),
           gradio.Image(type='filepath', label='Template')],
    gradio.Image(label='Portrait'), title='AI Portrait', flagging_mode='never')

if __name__ == '__main__':
    page.queue().launch()
