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
import write  # noqa: E402

WORDS = facts.load('reference.json')
#: Language → term → part of an address that a search for it finds on its first page.
TERMS = facts.load('search.json')
_FENCE = re.compile(r'^ *```.*?^ *```', re.MULTILINE | re.DOTALL)
_SKELETON = re.compile(r'^(#+ |<!-- [^>]* -->|> \*\*| *```\w*)', re.MULTILINE)


def names(lang):
    """Return the pages of a language: ``errors.md``, ``reference/client.md``."""
    folder = os.path.join(PAGES, lang)
    found = glob.glob(os.path.join(folder, '**', '*.md'), recursive=True)
    return sorted(os.path.relpath(path, folder).replace(os.sep, '/') for path in found)


def page(lang, name):
    """Return the text of a page."""
    return read(os.path.join(PAGES, lang, name))


def read(path):
    """Return a file's text."""
    with io.open(path, encoding='utf-8') as stream:
        return stream.read()


def directives(lang):
    """Return what the reference of a language shows, in order."""
    return [words[0] for _, _, words in marks(lang, 'reference')]


def markers(lang):
    """Return every request for a table of a language: page, renderer, its words."""
    return [(name, words[0], words[1:]) for name, _, words in marks(lang, 'render')]


def marks(lang, kind):
    """Return every request of a kind: page, what is written there, its words."""
    return [(name, match.group(0), match.group(2).split()) for name in names(lang)
            for match in write.REGION.finditer(page(lang, name)) if match.group(1) == kind]


def asked(lang, renderer):
    """Return the words behind every marker of a renderer: ``['account']``, ..."""
    return [words for _, name, words in markers(lang) if name == renderer]


def skeleton(text):
    """Return what a page and its twin have in common: headings, blocks, markers, directives."""
    return [part.strip().replace('.zh.md', '.md') for part in _SKELETON.findall(text)]


def is_chinese(text):
    """Whether a text holds Chinese."""
    return re.search('[\u4e00-\u9fff]', text) is not None
