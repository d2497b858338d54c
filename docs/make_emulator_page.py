"""Makes the screen of the emulator's page anew: ``python docs/make_emulator_page.py [FILE]``.

Needs chromium, chromedriver and ``pip install ".[test]"``.
"""
import io
import json
import os
import shutil
import sys
import tempfile
import time

import requests
from PIL import Image
from selenium import webdriver

from ai_service_python_sdk import AIGCImagesApi, ApiClient, PortraitStudio
from ai_service_python_sdk.emulator import Emulator
from ai_service_python_sdk.util.sign import authorization

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = os.path.join(HERE, 'examples', 'photos')
FILE = os.path.join(HERE, 'pages', 'assets', 'emulator_page.png')
#: Pixels of the screen; seconds for what is on it to come to rest.
WIDTH, HEIGHT, REST = 1280, 1650, 5
CHECK = '/api/v1/aigc_images/check'
_READY = ('document.querySelector("#requests details").open = true;'
          'document.documentElement.style.overflow = "hidden"')


def main(path=FILE):
    with Emulator(files=PHOTOS, port=8765) as service:
        fill(service)
        time.sleep(REST)
        picture = Image.open(io.BytesIO(shot(service.host))).convert('RGB')
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def fill(service):
    """Let the emulator have what is worth a look."""
    with ApiClient(service.host, service.app_id, service.token) as client:
        studio, urls = PortraitStudio(client, interval=0.1), service.url
        model = studio.train([urls('collins_{}.jpg'.format(index)) for index in range(5)])
        studio.create(model, urls('template_single_hopper.jpg'),
                      {'more_like_me': 0.8, 'sharp_ratio': 0.3})
        service.trainings.hold()
        AIGCImagesApi(client).aigc_images_train([urls(name) for name in (
            'hopper_0.jpg', 'hopper_1.jpg', 'hopper_2.jpg', 'hopper_3.jpg', 'exactly512.jpg',
            'noface_coffee.jpg')])
    body = {'action': 'AIGCImageCheck', 'images': [urls('collins_0.jpg')], 'model_name': ''}
    signed = json.dumps(body, separators=(',', ':'))
    requests.post(service.host + CHECK, data=json.dumps(body), headers={
        'Authorization': authorization(service.app_id, service.token, 'POST', CHECK, signed)})
    service.faults.photo(5, url='collins_0.jpg')


def shot(url):
    """Return the page as a PNG file."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which('chromium') or shutil.which('google-chrome')
    for word in ('headless=new', 'no-sandbox', 'disable-gpu', 'disable-dev-shm-usage',
                 'user-data-dir=' + tempfile.mkdtemp()):
        options.add_argument('--' + word)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(
        shutil.which('chromedriver')))
    try:
        browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': WIDTH, 'height': HEIGHT, 'deviceScaleFactor': 1, 'mobile': False})
        browser.get(url + '/?lang=en')
        time.sleep(REST)
        browser.execute_script(_READY)
        time.sleep(1)
        return browser.get_screenshot_as_png()
    finally:
        browser.quit()


if __name__ == '__main__':
    main(*sys.argv[1:])
