"""Texts on their way to the pages: docstrings become Markdown, lines and links are mended."""
import re

_ROLE = re.compile(r':(?:class|meth|func|attr|data|mod|exc):`~?([^`<>]+)`')
_LITERAL = re.compile(r'``([^`\n](?:[^\n]*?[^`\n])?)``')
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


def among_pages(text):
    """Turn links of a file beside the pages into links of a page."""
    text = text.replace('](pages/assets/', '](../assets/')
    return _LINK.sub(lambda match: ']({}.md{})'.format(match.group(1), match.group(2) or ''), text)
