"""README and docs tell to install what they say; an index can show the README."""
import glob
import os
import re
import subprocess
import sys
import zipfile

import pytest
from blocks import text_of
from site_sources import write

HERE = os.path.dirname(os.path.abspath(__file__))
EVERY_FILE = write.pages() + [write.LLMS]


def installs():
    """Yield every page with what it tells pip to install."""
    for page in EVERY_FILE:
        for line in text_of(page).splitlines():
            for part in line.split('pip install ')[1:]:
                words = re.split(r'`|\*\*|&&| #', part)[0].strip()
                # Said of the index, to warn of it.
                if not (words == '"ai-service-python-sdk"' and is_warning(page, line)):
                    yield page, words


def is_warning(page, line):
    """Whether a line says that the index has the older SDK."""
    text = text_of(page)
    place = text.index(line)
    return re.search(r'older SDK|旧版 SDK', text[place:place + len(line) + 100])


@pytest.mark.parametrize('words', sorted(set(words for _, words in installs())))
def test_an_install_line_installs_from_the_tree_what_it_says(words, wheels):
    environment = dict(os.environ, PIP_FIND_LINKS=str(wheels), PIP_NO_INDEX='1')
    if words.startswith('./dist/'):
        words = glob.glob(os.path.join(str(wheels), '*.whl'))[0]
    process = subprocess.Popen(
        [sys.executable, os.path.join(HERE, 'dry_pip.py'), 'install']
        + words.replace('"', '').split(), env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = process.communicate()[0].decode('utf-8')
    assert process.returncode == 0, printed


def test_the_readme_tells_where_the_index_leads():
    assert '"ai-service-python-sdk"` of the index' in text_of('README.md')
    assert '"ai-service-python-sdk"` 得到的是旧版 SDK' in text_of('docs/README.zh.md')


@pytest.fixture(scope='module')
def description(wheels):
    """The long description in the wheel's metadata."""
    wheel, = glob.glob(os.path.join(str(wheels), '*.whl'))
    with zipfile.ZipFile(wheel) as archive:
        name, = [name for name in archive.namelist() if name.endswith('.dist-info/METADATA')]
        metadata = archive.read(name).decode('utf-8')
    assert 'Description-Content-Type: text/markdown' in metadata
    return metadata.split('\n\n', 1)[1]


def test_the_description_on_an_index_has_no_link_and_no_picture_that_leads_nowhere(description):
    assert '# AI Portrait SDK for Python' in description
    for target in re.findall(r'\]\(([^)]*)\)|(?:src|href)="([^"]*)"', description):
        assert ''.join(target).startswith('https:'), target
    assert '<!--' not in description


def test_an_index_can_render_the_description(description):
    pytest.importorskip('comrak', reason='needs readme_renderer[md]')
    markdown = pytest.importorskip('readme_renderer.markdown')
    page = markdown.render(description)
    assert '<h2' in page and '<table' in page and 'pip install' in page
    assert not re.search(r'(?:src|href)="(?!https:|#)', page)
