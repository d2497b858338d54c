"""The built site, where DOCS_SITE says, in Chromium: wide, narrow, both languages, offline."""
import contextlib
import functools
import json
import os
import shutil
import threading
from urllib.parse import urlsplit

import pytest
from site_sources import TERMS, names

selenium = pytest.importorskip('selenium', reason='needs selenium')
http_server = pytest.importorskip('http.server')
from selenium import webdriver  # noqa: E402
from selenium.common.exceptions import TimeoutException  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

SITE = os.environ.get('DOCS_SITE')
BROWSER = shutil.which('chromium') or shutil.which('google-chrome')
DRIVER = shutil.which('chromedriver')
pytestmark = pytest.mark.skipif(not (SITE and BROWSER and DRIVER),
                                reason='needs DOCS_SITE, chromium and chromedriver')
#: Name → width and height in pixels.
SCREENS = {'desktop': (1280, 900), 'phone': (390, 844)}
#: Seconds until something has to be there.
PATIENCE = 30
PAGES = [('zh/' if lang == 'zh' else '') + name[:-len('.md')].replace('index', '').rstrip('/')
         for lang in ('en', 'zh') for name in names(lang)]
_OVERFLOW = 'return document.documentElement.scrollWidth - document.documentElement.clientWidth'
#: Results of a search that a reader sees before scrolling far.
FIRST = 8
_SEARCH = '''arguments[0].focus(); arguments[0].value = arguments[1];
arguments[0].dispatchEvent(new Event("keyup", {bubbles: true}))'''
_FOUND = '''return Array.from(document.querySelectorAll(
    ".md-search-result__item > .md-search-result__link")).map(link => link.href)'''
_BROKEN = '''return Array.from(document.images).filter(
    image => !image.complete || image.naturalWidth === 0).map(image => image.src)'''


class _Handler(http_server.SimpleHTTPRequestHandler):
    """Serves the site and says nothing of it."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope='module')
def address():
    """Where the site is served, on this computer."""
    handler = functools.partial(_Handler, directory=SITE)
    server = http_server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield 'http://127.0.0.1:{}/'.format(server.server_port)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope='module')
def browser():
    """A browser that reaches this computer alone."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for word in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                 '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'):
        options.add_argument(word)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def put_on(browser, screen):
    """Give the browser a screen."""
    width, height = SCREENS[screen]
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
        'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': screen == 'phone'})


def look(browser, url, screen):
    """Open a page on a screen; return what went wrong while it loaded."""
    put_on(browser, screen)
    browser.get(url)
    browser.execute_script('document.querySelectorAll("img").forEach(i => i.loading = "eager")')
    until(browser, lambda: browser.execute_script('return document.readyState') == 'complete')
    return troubles(browser)


def troubles(browser):
    """Return errors of the console, and requests that failed or left this computer."""
    found = [entry['message'] for entry in browser.get_log('browser')
             if entry['level'] in ('SEVERE', 'WARNING')]
    for entry in browser.get_log('performance'):
        event = json.loads(entry['message'])['message']
        response = event['params'].get('response', {})
        if event['method'] == 'Network.responseReceived' and response['status'] >= 400:
            found.append('{status} {url}'.format(**response))
        if event['method'] == 'Network.requestWillBeSent':
            url = event['params']['request']['url']
            if not url.startswith(('http://127.0.0.1:', 'data:', 'blob:')):
                found.append('leaves the computer: ' + url)
    return found


def until(browser, happens):
    """Wait until something happens; return it."""
    return WebDriverWait(browser, PATIENCE, poll_frequency=0.1).until(lambda _: happens())


@pytest.mark.parametrize('page', PAGES)
def test_the_page_loads_without_trouble_its_pictures_are_there_and_it_fits_every_screen(
        page, browser, address):
    assert look(browser, address + page, 'desktop') == []
    for screen in sorted(SCREENS):
        put_on(browser, screen)
        assert browser.execute_script(_OVERFLOW) <= 0, screen
        assert browser.execute_script(_BROKEN) == [], screen
    assert troubles(browser) == []


@pytest.mark.parametrize('screen', sorted(SCREENS))
@pytest.mark.parametrize('lang', sorted(TERMS))
def test_the_search_finds_every_term_of_the_list_and_only_pages_of_its_language(
        lang, screen, browser, address):
    look(browser, address + ('zh/' if lang == 'zh' else ''), screen)
    with contextlib.suppress(Exception):
        browser.find_element(By.CSS_SELECTOR, '.md-header label[for=__search]').click()
    field = browser.find_element(By.CSS_SELECTOR, '.md-search__input')
    until(browser, field.is_displayed)
    lost = {}
    for term, expected in TERMS[lang].items():
        links = results(browser, field, term)
        if not any(urlsplit(link).path.endswith(expected) for link in links[:FIRST]):
            lost[term] = links
        assert all(('/zh/' in link) == (lang == 'zh') for link in links), links
    assert lost == {}
    assert troubles(browser) == []


def results(browser, field, term):
    """Return the addresses that a search finds, best first."""
    browser.execute_script(_SEARCH, field, '')
    until(browser, lambda: not browser.execute_script(_FOUND))
    browser.execute_script(_SEARCH, field, term)
    with contextlib.suppress(TimeoutException):
        WebDriverWait(browser, 5, poll_frequency=0.05).until(
            lambda _: browser.execute_script(_FOUND))
    return [link.split('?')[0] for link in browser.execute_script(_FOUND)]


@pytest.mark.parametrize('screen', sorted(SCREENS))
@pytest.mark.parametrize('page', ['', 'errors/', 'reference/client/'])
def test_the_switch_leads_to_the_same_page_in_the_other_language_and_back(
        page, screen, browser, address):
    look(browser, address + page, screen)
    for lang, expected in (('zh', 'zh/' + page), ('en', page)):
        link = browser.find_element(By.CSS_SELECTOR, '.md-select a[hreflang={}]'.format(lang))
        browser.execute_script('arguments[0].click()', link)
        until(browser, lambda: browser.current_url == address + expected)
        shown = until(browser, lambda: browser.find_element(By.TAG_NAME, 'html'))
        assert shown.get_attribute('lang') == lang
    assert troubles(browser) == []


@pytest.mark.parametrize('screen', sorted(SCREENS))
@pytest.mark.parametrize('page', ['http-api/', 'zh/http-api/'])
def test_the_viewer_shows_every_endpoint_of_the_http_api(page, screen, browser, address):
    look(browser, address + page, screen)
    frame = browser.find_element(By.CSS_SELECTOR, 'iframe.swagger-ui-iframe')
    browser.switch_to.frame(frame)
    try:
        paths = until(browser, lambda: [
            part.get_attribute('data-path') for part in browser.find_elements(
                By.CSS_SELECTOR, '.opblock-summary-path')])
        assert '/api/v1/aigc_images/train' in paths and len(paths) == 13
        assert browser.find_elements(By.CSS_SELECTOR, '.errors-wrapper') == []
        browser.find_element(By.CSS_SELECTOR, '.opblock-summary-control').click()
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, '.opblock-body'))
    finally:
        browser.switch_to.default_content()
    assert troubles(browser) == []


@pytest.mark.parametrize('screen', sorted(SCREENS))
def test_the_switch_of_colours_makes_the_page_dark_and_light_again(screen, browser, address):
    look(browser, address, screen)
    body = browser.find_element(By.TAG_NAME, 'body')
    for number, scheme in ((1, 'slate'), (0, 'default')):
        switch = browser.find_element(By.CSS_SELECTOR, 'label[for=__palette_{}]'.format(number))
        until(browser, switch.is_displayed)
        switch.click()
        until(browser, lambda: body.get_attribute('data-md-color-scheme') == scheme)
    assert troubles(browser) == []
