"""The emulator's page in Chromium: both languages, wide and narrow, live, steering, offline."""
import json
import os
import shutil

import pytest
import requests
from helpers import person

from ai_service_python_sdk import AIGCImagesApi, ApiClient, QuotaExceededError
from ai_service_python_sdk.util.sign import authorization

selenium = pytest.importorskip('selenium', reason='needs selenium')
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

BROWSER = shutil.which('chromium') or shutil.which('google-chrome')
DRIVER = shutil.which('chromedriver')
pytestmark = [pytest.mark.usefixtures('emulator'), pytest.mark.skipif(
    not (BROWSER and DRIVER), reason='needs chromium and chromedriver')]
#: Name to width and height in pixels; seconds until something has to be there.
SCREENS, PATIENCE = {'desktop': (1280, 900), 'phone': (390, 844)}, 20
CHECK = '/api/v1/aigc_images/check'
#: Folder for screenshots to be looked at; none are taken without it.
SHOTS = os.environ.get('PAGE_SHOTS')
LANGS = {'en': {'running': '1 · running', 'done': '2 · succeeded', 'failed': '3 · failed',
                'happened': 'happened 0', 'byte': 'First difference: byte 10',
                'sure': 'Forget everything?', 'empty': 'No job yet.'},
         'zh': {'running': '1 · 运行中', 'done': '2 · 成功', 'failed': '3 · 失败',
                'happened': '已发生 0', 'byte': '首个不同的字节：第 10',
                'sure': '确定清空全部？', 'empty': '还没有任务。'}}


@pytest.fixture(scope='module')
def browser(tmp_path_factory):
    """A browser that reaches this computer alone."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for word in ('headless=new', 'no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run',
                 'disable-background-networking', 'disable-component-update', 'disable-sync',
                 'disable-dev-shm-usage', 'lang=en',
                 'user-data-dir={}'.format(tmp_path_factory.mktemp('profile')),
                 'host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'):
        options.add_argument('--' + word)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Page(object):
    """The page of an emulator of the test's own."""

    def __init__(self, browser, service, lang, screen):
        self.browser, self.service, self.words = browser, service, LANGS[lang]
        self.name = '{}_{}'.format(lang, screen)
        width, height = SCREENS[screen]
        browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': height, 'deviceScaleFactor': 1,
            'mobile': screen == 'phone'})
        self.browser.get('{}/?lang={}'.format(service.host, lang))
        self.api = AIGCImagesApi(ApiClient(service.host, service.app_id, service.token))
        self.until(lambda: self.text('#live') in ('live', '实时'))
        # A reload would lose this.
        browser.execute_script('window.mark = 1')

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return ' '.join(node.text for node in self.all(selector))

    def until(self, happens):
        return WebDriverWait(self.browser, PATIENCE, poll_frequency=0.1, ignored_exceptions=[
            selenium.common.exceptions.StaleElementReferenceException]).until(lambda _: happens())

    def click(self, selector):
        def done():
            node = self.all(selector)[0]
            self.browser.execute_script('arguments[0].scrollIntoView({block: "center"})', node)
            return node.click() is None
        # Between both the page may have drawn it anew.
        self.until(done)

    def problems(self):
        """Return errors of the console, and requests that failed or left this computer."""
        found = [entry['message'] for entry in self.browser.get_log('browser')
                 if entry['level'] in ('SEVERE', 'WARNING')]
        for entry in self.browser.get_log('performance'):
            event = json.loads(entry['message'])['message']
            response = event['params'].get('response', {})
            if event['method'] == 'Network.responseReceived' and response['status'] >= 400:
                found.append('{status} {url}'.format(**response))
            if event['method'] == 'Network.requestWillBeSent':
                url = event['params']['request']['url']
                if not url.startswith((self.service.host + '/', 'data:', 'chrome:')):
                    found.append('leaves the computer: ' + url)
        return found

    def end(self):
        """Hold what holds of every look at the page."""
        run = self.browser.execute_script
        assert run('return window.mark') == 1, 'the page was loaded anew'
        assert run('return document.documentElement.scrollWidth - '
                   'document.documentElement.clientWidth') <= 0
        assert run('return Array.from(document.images).filter(image => image.complete && '
                   'image.naturalWidth === 0).map(image => image.src)') == []
        if SHOTS:
            self.browser.save_screenshot(os.path.join(SHOTS, self.name + '.png'))
        assert self.problems() == []


#: One look at each language on each screen; what is pressed is pressed in each once.
EACH = [(lang, screen) for lang in sorted(LANGS) for screen in sorted(SCREENS)]
everywhere = pytest.mark.parametrize('page', EACH, ids='-'.join, indirect=True)


@pytest.fixture(params=[EACH[0], EACH[-1]], ids='-'.join)
def page(request, browser, own_emulator):
    browser.get('about:blank')
    for name in ('browser', 'performance'):
        browser.get_log(name)
    found = Page(browser, own_emulator(), *request.param)
    yield found
    found.end()
    browser.get('about:blank')


@everywhere
def test_jobs_and_portraits_appear_and_move_without_a_reload(page):
    assert page.words['empty'] in page.text('#jobs')
    page.service.trainings.hold()
    training = page.api.aigc_images_train(person(page.service, 'collins') + [
        page.service.url('exactly512.jpg')])
    page.until(lambda: page.words['running'] in page.text('#jobs'))
    page.until(lambda: len(page.all('#jobs .photo.good')) == 5)
    assert '512 x 512 px; both sides must exceed 512' in page.text('#jobs .why')
    page.click('#jobs .head button')
    page.until(lambda: page.words['done'] in page.text('#jobs'))
    page.api.aigc_images_create(training.model_id, page.service.url('template_single_hopper.jpg'),
                                '', {'more_like_me': 0.8})
    page.until(lambda: len(page.all('#portraits img')) == 2)
    assert 'more_like_me = 0.8' in page.text('#portraits')


def test_trainings_are_held_failed_and_released_by_buttons(page):
    page.click('#hold')
    page.until(lambda: page.service.trainings.mode == 'held')
    page.api.aigc_images_train(person(page.service, 'collins')[:2])
    page.until(lambda: page.all('#jobs select'))
    page.until(lambda: Select(page.all('#jobs select')[0])
               .select_by_visible_text('train_template') is None)
    page.click('#jobs .head button + button')
    page.until(lambda: page.words['failed'] in page.text('#jobs'))
    assert 'Training - Not get best template image' in page.text('#jobs')
    page.until(lambda: page.all('#release')[0].is_enabled())
    page.click('#release')
    page.until(lambda: page.service.trainings.mode == 0.2)
    page.click('#pace button')
    page.until(lambda: page.service.trainings.mode == 'after 3 looks')


def test_a_fault_is_set_seen_and_happens_and_what_is_wrong_is_said(page):
    page.click('#fault button')
    page.until(lambda: page.words['happened'] in page.text('#faults'))
    assert 'exceeded quota' in page.text('#faults')
    with pytest.raises(QuotaExceededError):
        page.api.aigc_images_check(['x'])
    page.until(lambda: not page.all('#faults .fault'))
    Select(page.all('#action')[0]).select_by_value('photo')
    page.all('#url')[0].send_keys('collins_0.jpg')
    page.click('#fault button')
    page.until(lambda: 'collins_0.jpg' in page.text('#faults'))
    code, = page.api.aigc_images_check(person(page.service, 'collins')[:1]).check_results
    assert code.code == 2
    page.until(lambda: '400' in page.text('#requests'))
    page.click('#clear')
    page.until(lambda: page.service.faults.all == [])


def test_a_wrong_signature_is_explained_and_stays_open_while_others_arrive(page):
    document = {'action': 'AIGCImageCheck', 'images': ['x']}
    signed = json.dumps(document, separators=(',', ':'))
    requests.post(page.service.host + CHECK, data=json.dumps(document), headers={
        'Authorization': authorization(page.service.app_id, page.service.token, 'POST', CHECK,
                                       signed)})
    page.until(lambda: '401' in page.text('#requests'))
    page.click('#requests summary')
    assert 'the same JSON was signed, written otherwise' in page.text('#requests .alarm')
    assert page.words['byte'] in page.text('#requests .differ')
    assert page.all('#requests mark')[0].text == '"'
    assert 'string to sign' in page.text('#requests dt')
    page.api.aigc_images_check(['y'])
    page.until(lambda: len(page.all('#requests details')) == 2)
    assert len(page.all('#requests details[open]')) == 1


def test_a_reset_asks_once_more_and_empties_the_page(page):
    page.api.aigc_images_train(person(page.service, 'collins')[:2])
    page.until(lambda: page.all('#jobs article'))
    page.click('#reset')
    assert page.text('#reset') == page.words['sure']
    page.click('#reset')
    page.until(lambda: page.words['empty'] in page.text('#jobs'))
    assert len(page.service.requests) == 0


def test_the_language_is_changed_and_kept(browser, own_emulator):
    page = Page(browser, own_emulator(), 'en', 'desktop')
    page.click('#lang')
    page.until(lambda: page.text('h1') == 'AI 写真模拟器')
    assert browser.execute_script('return document.documentElement.lang') == 'zh-CN'
    browser.get(page.service.host)
    page.until(lambda: page.text('h1') == 'AI 写真模拟器')


def test_the_page_follows_dark_and_light(browser, own_emulator):
    page = Page(browser, own_emulator(), 'en', 'desktop')
    grounds = []
    for scheme in ('dark', 'light'):
        browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {
            'features': [{'name': 'prefers-color-scheme', 'value': scheme}]})
        grounds.append(page.all('body')[0].value_of_css_property('background-color'))
    assert grounds[0] != grounds[1]


def test_the_page_is_small_and_in_the_package():
    import pkgutil
    files = [pkgutil.get_data('ai_service_python_sdk.emulator', 'page.' + kind)
             for kind in ('html', 'css', 'js')]
    assert sum(len(data.splitlines()) for data in files) <= 700
