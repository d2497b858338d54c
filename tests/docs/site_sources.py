"""What stands in the sources of the documentation site, for its tests."""
import glob
import io
import os
import re
import sys

from support import ROOT

DOCS = os.path.join(ROOT, 'docs')
PAGES = os.path.join(DOCS, 'pages')
LANGUAGES = ('en', 'zh')
if DOCS not in sys.path:
    sys.path.insert(0, DOCS)

import facts  # noqa: E402
import render  # noqa: E402

WORDS = facts.load('reference.json')
_FENCE = re.compile(r'^ *```.*?^ *```', re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r'^::: ([\w.]+)$', re.MULTILINE)
_SKELETON = re.compile(r'^(#+ |::: [\w.]+|<!-- [^>]* -->|!!! \w+| *```\w*)', re.MULTILINE)


def names(lang):
    """Return the pages of a language: ``errors.md``, ``reference/client.md``."""
    folder = os.path.join(PAGES, lang)
    found = glob.glob(os.path.join(folder, '**', '*.md'), recursive=True)
    return sorted(os.path.relpath(path, folder).replace(os.sep, '/') for path in found)


def page(lang, name):
    """Return the text of a page, with the files that it includes."""
    text = read(os.path.join(PAGES, lang, name))
    return render.INCLUDE.sub(lambda match: read(os.path.join(DOCS, match.group(1))), text)


def read(path):
    """Return a file's text."""
    with io.open(path, encoding='utf-8') as stream:
        return stream.read()


def directives(lang):
    """Return what the reference of a language shows, in order."""
    return [path for name in names(lang) for path in _DIRECTIVE.findall(page(lang, name))]


def markers(lang):
    """Return every request for a table of a language: page, renderer, its words."""
    return [(name, match.group(1), match.group(2).split()) for name in names(lang)
            for match in render.MARKER.finditer(page(lang, name))]


def asked(lang, renderer):
    """Return the words behind every marker of a renderer: ``['account']``, ..."""
    return [words for _, name, words in markers(lang) if name == renderer]


def skeleton(text):
    """Return what a page and its twin have in common: headings, blocks, markers, directives."""
    return [part.strip() for part in _SKELETON.findall(text)]


def is_chinese(text):
    """Whether a text holds Chinese."""
    return re.search('[\u4e00-\u9fff]', text) is not None
