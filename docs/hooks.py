"""What the site's generator does beside its plugins: tables from the code, included files."""
import io
import os
import re
import sys

from mkdocs.structure.files import File

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


def on_files(files, config):
    """Let the site carry the description of the HTTP API, which stands beside the pages."""
    files.append(File('openapi.yaml', HERE, config.site_dir, config.use_directory_urls))
    return files


def on_post_page(output, page, config):
    """Drop what makes the theme's script ask for a sitemap beside every page in vain.

    The script would find the same page in the other language; the links have that already.
    """
    return re.sub(r'<link rel="alternate"[^>]*>\s*', '', output)
