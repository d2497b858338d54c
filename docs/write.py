"""Writes into the pages what code and data say: tables, lists, included files, Chinese anchors.

    python docs/write.py            writes; names the files that have changed
    python docs/write.py --check    changes nothing; ends with code 1 if a file is stale

A page asks with a comment on a line of its own, and what is written ends with another:

    <!-- render: NAME WORDS -->     a table of ``docs/render.py``
    <!-- include: FILE -->          a file of ``docs/``
    <!-- reference: PATH -->        a class or function of the package: signature, members;
                                    with ``brief`` after the path without its members
    <!-- program: FILE -->          a program of ``docs/examples/``
    <!-- end -->
"""
import glob
import io
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [path for path in (HERE, ROOT) if path not in sys.path]

import markup  # noqa: E402
import reference  # noqa: E402
import render  # noqa: E402

#: The file for assistants that write code, and what it is written from.
LLMS, LLMS_SOURCE = 'docs/llms.txt', 'docs/data/llms.md'
#: What a page asks for, with what was written the last time.
REGION = re.compile(
    r'^<!-- (render|include|reference|program): ([\w .-]+) -->\n'
    r'(?:(?:(?!^<!-- (?:render|include|reference|program): ).)*?^<!-- end -->\n)?', re.M | re.S)


def pages():
    """Return the files that are written to, README first, relative to the root."""
    found = ['README.md'] + sorted(
        os.path.relpath(path, ROOT).replace(os.sep, '/') for pattern in ('*.md', 'pages/**/*.md')
        for path in glob.glob(os.path.join(HERE, pattern), recursive=True))
    # A file that others include comes before them.
    return sorted(found, key=lambda path: path.count('/'))


def language_of(page):
    """Return the language of a page by its path."""
    return 'zh' if '.zh.' in page or '/zh/' in page else 'en'


def twin_of(page):
    """Return the English page of a Chinese one."""
    twin = page.replace('/zh/', '/en/').replace('.zh.', '.')
    return 'README.md' if twin == 'docs/README.md' else twin


def read(page):
    """Return the text of a page."""
    with io.open(os.path.join(ROOT, page), encoding='utf-8') as stream:
        return stream.read()


def written(text, page, english=None):
    """Return the text of a page as it has to be.

    :param english: the text of its English twin, for the anchors of a Chinese page.
    :raises KeyError: a mark that asks for what there is not.
    """
    lang = language_of(page)

    def region(match):
        kind, words = match.group(1), match.group(2).split()
        return '<!-- {}: {} -->\n\n{}\n\n<!-- end -->\n'.format(
            kind, match.group(2), _WRITERS[kind](lang, words).strip('\n'))
    text = REGION.sub(region, text.rstrip('\n') + '\n')
    return markup.with_anchors(text, english) if english is not None else text


def _rendered(lang, words):
    with render.speaking(lang):
        return render.RENDERERS[words[0].replace('_', '-')](lang, *words[1:])


def _included(lang, words):
    return markup.among_pages(read('docs/' + words[0]))


def _referred(lang, words):
    return reference.entry(words[0], is_brief='brief' in words[1:])


def _program(lang, words):
    return '```python\n{}```'.format(read('docs/examples/' + words[0]))


_WRITERS = {'render': _rendered, 'include': _included, 'reference': _referred,
            'program': _program}


def wanted(page):
    """Return the text of a file as it has to be."""
    if page == LLMS:
        # For programs that read it, without marks.
        text = written(read(LLMS_SOURCE), LLMS_SOURCE)
        return re.sub(r'^<!-- [^>]* -->\n\n?', '', text, flags=re.MULTILINE)
    english = read(twin_of(page)) if language_of(page) == 'zh' else None
    return written(read(page), page, english)


def main(options):
    stale = []
    for page in pages() + [LLMS]:
        before, after = read(page), wanted(page)
        if after != before:
            stale.append(page)
            if '--check' not in options:
                with io.open(os.path.join(ROOT, page), 'w', encoding='utf-8') as stream:
                    stream.write(after)
    print('\n'.join(stale))
    return 1 if stale and '--check' in options else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
