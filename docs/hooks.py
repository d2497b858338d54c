"""What the site's generator does beside its plugins: tables from the code, included files."""
import io
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import render  # noqa: E402

INCLUDE = re.compile(r'^<!-- include: ([\w.-]+) -->$', re.MULTILINE)
_LINK = re.compile(r'\]\((?:pages/)?(?:en/|zh/)?([\w/-]+)(?:\.zh)?\.md(#[^)]*)?\)')


def on_page_markdown(markdown, page, config, files):
    """Put files and tables in the place of their markers."""
    text = INCLUDE.sub(lambda match: included(match.group(1)), markdown)
    return render.replace_markers(text, page.file.src_uri.split('/')[0])


def included(name):
    """Return a file that stands beside the pages, with links as they are among the pages."""
    with io.open(os.path.join(HERE, name), encoding='utf-8') as stream:
        text = stream.read()
    text = text.replace('](pages/assets/', '](../assets/')
    return _LINK.sub(lambda match: ']({}.md{})'.format(match.group(1), match.group(2) or ''), text)


def on_post_build(config):
    """Let the site carry the description of the HTTP API."""
    source = os.path.join(HERE, 'openapi.yaml')
    if os.path.exists(source):
        shutil.copy(source, os.path.join(config.site_dir, 'openapi.yaml'))
