"""The code blocks of README and docs: what stands on a page, and what each is for.

A mark is an HTML comment on the line before a block:

    <!-- output -->         a text block that the run of the block before it has to print;
                            ``...`` stands for anything
    <!-- file: NAME -->     a block that is written to a file, which a later bash block uses
    <!-- program: recipe_NAME -->  a program of docs/examples that test_recipes.py runs
    <!-- command: NAME -->  a bash block of README.md that the project's whole check runs

What has no mark is run if it is Python or bash, and only shown in the other languages.
"""
import glob
import io
import os
import re

from support import ROOT

RUN = ('python', 'bash')
SHOWN = ('text', 'ini', 'json', 'yaml', 'http', 'mermaid')
_FENCE = re.compile(r'( *)(`{3,}|~{3,})(.*)')
_MARK = re.compile(r'<!-- (output|file|command|program(?=: recipe_))(?:: (\S+))? -->')
_COMMENT = re.compile(r'(^|\s+)#.*')


class Block(object):
    """One block; ``line`` is that of its fence."""

    def __init__(self, line, language, code, mark, argument):
        self.line = line
        self.language = language
        self.code = code
        self.mark = mark
        self.argument = argument
        #: What its run has to print, None for anything.
        self.output = None

    @property
    def is_run(self):
        """Whether the run of the page has to run it, or write its file."""
        return self.mark == 'file' or self.language in RUN and self.mark is None

    @property
    def bare(self):
        """The code without comments: what is the same in both languages."""
        lines = [_COMMENT.sub('', line).rstrip() for line in self.code.splitlines()]
        return [line for line in lines if line]


def pages():
    """Return README and every page that has blocks of its own, relative to the root."""
    patterns = ('README.md', 'docs/*.md', 'docs/pages/**/*.md')
    found = [path for pattern in patterns
             for path in glob.glob(os.path.join(ROOT, pattern), recursive=True)]
    found = sorted(os.path.relpath(path, ROOT).replace(os.sep, '/') for path in found)
    return [page for page in found if not text_of(page).startswith('<!-- include: ')]


def twin_of(page):
    """Return the Chinese page of an English one, None where there is none."""
    if page == 'README.md':
        return 'docs/README.zh.md'
    if page.startswith('docs/pages/en/'):
        return page.replace('/en/', '/zh/')
    is_english = page.startswith('docs/') and page.count('/') == 1 and '.zh.' not in page
    return page.replace('.md', '.zh.md') if is_english else None


def text_of(page):
    """Return a page's text."""
    with io.open(os.path.join(ROOT, page), encoding='utf-8') as stream:
        return stream.read()


def blocks_of(page):
    """Return the blocks of a page.

    :raises ValueError: a block has no end, or an output belongs to no block.
    """
    found, before, last = [], '', None
    lines = enumerate(text_of(page).splitlines(), 1)
    for number, line in lines:
        fence = _FENCE.match(line)
        if not fence:
            before = line.strip() or before
            continue
        block = _block(number, fence, lines, _MARK.match(before))
        if block.mark == 'output':
            if last is None:
                raise ValueError('{}:{} is the output of no block'.format(page, number))
            last.output = block.code
        found.append(block)
        before, last = '', block if block.is_run else None
    return found


def _block(number, fence, lines, mark):
    indent, ticks, info = fence.groups()
    code = []
    for _, line in lines:
        if line.strip() == ticks:
            text = ''.join(each + '\n' for each in code)
            return Block(number, (info.split() or [''])[0], text, *(
                mark.groups() if mark else (None, None)))
        code.append(line[len(indent):])
    raise ValueError('the block in line {} has no end'.format(number))
