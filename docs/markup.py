"""Texts on their way to the pages: docstrings become Markdown, lines and links are mended."""
import re

_ROLE = re.compile(r':(?:class|meth|func|attr|data|mod|exc):`~?([^`<>]+)`')
_LITERAL = re.compile(r'``([^`\n](?:[^\n]*?[^`\n])??)``')
_BLOCK = re.compile(r'::[ \t]*(?=\n\s*\n)')


def to_markdown(text, find=lambda name: None):
    """Turn roles into links and ``::`` into the start of a code block.

    :param find: returns the full path of a name that the reference documents, else None.
    """
    return _BLOCK.sub(_before_block, _LITERAL.sub(r'`\1`', _ROLE.sub(
        lambda match: _link(match.group(1), find), text)))


def _link(name, find):
    shown = name.lstrip('.')
    if shown.startswith('ai_service_python_sdk.'):
        shown = shown.split('.')[-1]
    path = find(name.lstrip('.'))
    return '[`{}`][{}]'.format(shown, path) if path else '`{}`'.format(shown)


def _before_block(match):
    before = match.string[:match.start()]
    return '' if not before.strip() or before.endswith('\n') else ':'


_FIELD_INSIDE = re.compile(r'(?<=\S)[;.]? +(?=:(?:param|ivar|raises) \w+: )')
_MANY_RAISES = re.compile(r'^:raises ([\w.]+(?:, [\w.]+)+):([^\n]*(?:\n[ \t]+\S[^\n]*)*)', re.M)


def one_field_a_line(text):
    """Put every ``:param x:`` on a line of its own, and every class of a ``:raises A, B:`` too."""
    text = _FIELD_INSIDE.sub('\n', text)
    return _MANY_RAISES.sub(lambda match: '\n'.join(
        ':raises {}:{}'.format(name, match.group(2)) for name in match.group(1).split(', ')), text)


_FENCE = re.compile(r'(^ *```.*?^ *```)', re.MULTILINE | re.DOTALL)
_CHINESE = '\u3000-\u303f\u4e00-\u9fff\uff00-\uffef'
_BREAK = re.compile('(?<=[{0}])\n *(?=[{0}])'.format(_CHINESE))
_LINK = re.compile(r'\]\((?:pages/)?(?:en/|zh/)?([\w/-]+)(?:\.zh)?\.md(#[^)]*)?\)')


def join_chinese_lines(markdown):
    """Join lines that end and begin with Chinese, where a browser would show a space."""
    parts = _FENCE.split(markdown)
    return ''.join(part if place % 2 else _BREAK.sub('', part) for place, part in enumerate(parts))


_HEADING = re.compile(r'^(#+) +(.*?) *$')
_ANCHOR = re.compile(r'^<a id="[^"]*"></a>\n\n?(?=#+ )', re.MULTILINE)
_ANCHORED = re.compile(r'^<a id="([^"]*)"></a>\n\n?(#+ .*)$', re.MULTILINE)


def slug(heading):
    """Return the anchor that a repository page and the site give a heading."""
    text = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading).replace('`', '').strip().lower()
    return re.sub(r'[^\w\- ]', '', text).replace(' ', '-')


def headings(text):
    """Return level and text of every heading outside of code blocks."""
    parts = _FENCE.split(text)
    lines = [line for part in parts[::2] for line in part.split('\n')]
    return [(len(match.group(1)), match.group(2)) for match in map(_HEADING.match, lines) if match]


def with_anchors(text, english):
    """Give the headings of a Chinese page the anchors of its English twin.

    Nothing is done while the two have other headings.
    """
    bare = _ANCHOR.sub('', text)
    ours, theirs = headings(bare), headings(english)
    if [level for level, _ in ours] != [level for level, _ in theirs]:
        return text
    found = iter(zip(ours, anchors(english)))
    parts = _FENCE.split(bare)
    for place in range(0, len(parts), 2):
        parts[place] = '\n'.join(_with_anchor(line, found) for line in parts[place].split('\n'))
    return ''.join(parts)


def _with_anchor(line, found):
    if not _HEADING.match(line):
        return line
    (level, heading), anchor = next(found)
    if level == 1 or slug(heading) == anchor:
        return line
    return '<a id="{}"></a>\n\n{}'.format(anchor, line)


def anchors(text):
    """Return the anchor of every heading: a second one of the same text gets a number."""
    seen, found = {}, []
    own = dict((heading, anchor) for anchor, heading in _ANCHORED.findall(text))
    for level, heading in headings(text):
        anchor = own.get('#' * level + ' ' + heading) or slug(heading)
        count = seen[anchor] = seen.get(anchor, -1) + 1
        found.append('{}-{}'.format(anchor, count) if count else anchor)
    return found


def for_site(text, depth):
    """Return a page as the site's generator reads it.

    :param depth: how many folders the page is below the first page.
    """
    text = re.sub(r'^<!-- reference: ([\w.]+)( brief)? -->\n.*?^<!-- end -->\n', _directive, text,
                  flags=re.M | re.S)
    text = _ANCHORED.sub(r'\2 { #\1 }', text)
    root = '../' * depth
    text = re.sub(r'(?:\.\./)+assets/', root + 'assets/', text)
    text = re.sub(r'(?:\.\./)+openapi\.yaml', root + 'openapi.yaml', text)
    return join_chinese_lines(text)


def _directive(match):
    options = '' if not match.group(2) else (
        '\n    options:\n      members: false\n      show_signature: false'
        '\n      merge_init_into_class: false')
    return '::: {}{}\n'.format(match.group(1), options)


def among_pages(text):
    """Turn links of a file beside the pages into links of a page."""
    text = text.replace('](pages/assets/', '](../assets/')
    text = re.sub(r'\]\((?=openapi\.yaml|data/|examples/)', '](../../', text)
    return _LINK.sub(lambda match: ']({}.md{})'.format(match.group(1), match.group(2) or ''), text)
