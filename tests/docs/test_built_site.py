"""The built site, where DOCS_SITE says: every link and anchor is there, all of it is its own."""
import glob
import json
import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from site_sources import TERMS, names, read

SITE = os.environ.get('DOCS_SITE')
pytestmark = pytest.mark.skipif(not SITE, reason='DOCS_SITE names no built site')
#: What a browser fetches by itself.
LOADED = {'script': 'src', 'img': 'src', 'iframe': 'src', 'link': 'href', 'source': 'src'}
#: Hosts that examples speak of, and names that are no addresses.
EXAMPLES = re.compile(r'(.*\.)?example\.com|127\.0\.0\.1|localhost')
DELIVERY = re.compile(r'unpkg\.com|jsdelivr|cdnjs|googleapis|gstatic|bootcdn|polyfill\.io')


class Page(HTMLParser):
    """The links, anchors, loaded files and texts of a page."""

    def __init__(self, path):
        HTMLParser.__init__(self, convert_charrefs=True)
        self.path = path
        #: Links, and those of the switch of languages.
        self.links, self.switch = [], []
        self.anchors, self.loaded, self.texts = set(['']), [], []
        self.lang = None
        self._in_code = 0
        self.feed(read(path))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.update(filter(None, (attributes.get('id'), attributes.get('name'))))
        if tag == 'a' and attributes.get('href'):
            place = self.switch if 'hreflang' in attributes else self.links
            place.append(attributes['href'])
        if attributes.get(LOADED.get(tag)):
            self.loaded.append(attributes[LOADED[tag]])
        if tag == 'html':
            self.lang = attributes.get('lang')
        self._in_code += tag in ('code', 'pre', 'script', 'style')

    def handle_endtag(self, tag):
        self._in_code -= tag in ('code', 'pre', 'script', 'style')

    def handle_data(self, data):
        if not self._in_code:
            self.texts.append(data)


@pytest.fixture(scope='module')
def pages():
    """Path → page, for every HTML file of the site but the viewer's frame."""
    found = glob.glob(os.path.join(SITE, '**', '*.html'), recursive=True)
    return {os.path.realpath(path): Page(path) for path in found
            if not re.search(r'swagger|404', os.path.relpath(path, SITE))}


def target_of(page, link):
    """Return the file that a link of a page leads to, and the anchor in it."""
    parts = urlsplit(link)
    path = unquote(parts.path)
    path = os.path.normpath(os.path.join(os.path.dirname(page.path), path)) if path else page.path
    if os.path.isdir(path):
        path = os.path.join(path, 'index.html')
    return os.path.realpath(path), unquote(parts.fragment)


def is_internal(link):
    """Whether a link stays in the site."""
    return not urlsplit(link).scheme and not link.startswith('//')


def test_the_site_has_every_page_in_both_languages(pages):
    for lang, folder in (('en', SITE), ('zh', os.path.join(SITE, 'zh'))):
        for name in names(lang):
            place = re.sub(r'(^|/)index$', '', name[:-len('.md')])
            path = os.path.realpath(os.path.join(folder, place, 'index.html'))
            assert pages[path].lang == lang, path


def test_every_link_and_every_anchor_inside_the_site_leads_somewhere(pages):
    lost = []
    for page in pages.values():
        for link in filter(is_internal, page.links + page.switch):
            path, anchor = target_of(page, link)
            if not os.path.isfile(path) or (path in pages and anchor not in pages[path].anchors):
                lost.append((os.path.relpath(page.path, SITE), link))
    assert lost == []


def test_every_link_stays_in_its_language_but_for_the_switch(pages):
    chinese = os.path.realpath(os.path.join(SITE, 'zh')) + os.sep
    for page in pages.values():
        for link in filter(is_internal, page.links):
            path, _ = target_of(page, link)
            if path in pages:
                assert path.startswith(chinese) == (page.lang == 'zh'), (page.path, link)


def test_every_page_leads_to_its_twin(pages):
    for page in pages.values():
        found = [pages[target_of(page, link)[0]] for link in page.switch]
        assert [twin.lang for twin in found] == ['en', 'zh'], page.path
        assert page in found


def test_links_to_elsewhere_are_whole_and_use_https(pages):
    for page in pages.values():
        for link in page.links:
            parts = urlsplit(link)
            if not is_internal(link) and not EXAMPLES.match(parts.hostname or ''):
                assert parts.scheme in ('https', 'mailto'), (page.path, link)
                assert parts.scheme == 'mailto' or '.' in parts.hostname, (page.path, link)


def test_what_a_page_loads_is_in_the_site(pages):
    for page in pages.values():
        for source in page.loaded:
            assert source.startswith('data:') or is_internal(source), (page.path, source)
            assert source.startswith('data:') or os.path.exists(target_of(page, source)[0]), (
                page.path, source)


def test_no_page_or_style_of_the_site_speaks_of_a_delivery_network():
    # The theme's script knows one, for diagrams that no page has; what a browser really fetches
    # is watched in test_site_in_browser.py.
    for path in glob.glob(os.path.join(SITE, '**', '*.*'), recursive=True):
        if path.endswith(('.html', '.css', '.svg', '.xml')):
            assert not DELIVERY.search(read(path)), path


def test_style_sheets_load_nothing_from_elsewhere():
    for path in glob.glob(os.path.join(SITE, '**', '*.css'), recursive=True):
        for source in re.findall(r'(?:url\(|@import )["\']?([^"\')]+)', read(path)):
            assert source.startswith(('data:', '#')) or is_internal(source), (path, source)


def test_nothing_of_the_sources_shows_through(pages):
    raw = re.compile(r':(?:class|meth|func|attr|data|mod|param|raises|ivar)\b[^\n]{0,40}[:`]'
                     r'|^:::|\]\[|<!-- (?:render|include)|\{ #', re.MULTILINE)
    for page in pages.values():
        found = raw.search(''.join(page.texts))
        assert not found, (page.path, found.group())


def test_the_description_of_the_http_api_is_in_the_site():
    text = read(os.path.join(SITE, 'openapi.yaml'))
    assert re.search(r'^openapi: 3\.1', text, re.MULTILINE)


def test_each_language_has_a_search_index_of_its_own_where_the_terms_of_the_guide_are_words():
    english, chinese = (
        json.dumps(json.loads(read(os.path.join(SITE, folder, 'search', 'search_index.json'))),
                   ensure_ascii=False) for folder in ('', 'zh'))
    assert '写真制作' not in english and '"errors/' in english
    for term in ('核验', '模型训练', '训练结果查询', '写真制作', '额度', '响应', '人像融合', '颜色矫正',
                 '脸型适配'):
        assert term in TERMS['zh']
        assert re.search('[^\u4e00-\u9fff]{}[^\u4e00-\u9fff]'.format(term), chinese), term
