"""Docstrings are reStructuredText in a small way; here it becomes Markdown."""
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


_FIELD_INSIDE = re.compile(r'(?<=\S)[;.]? +(?=:(?:param|ivar) \w+: )')
_MANY_RAISES = re.compile(r'^:raises ([\w.]+(?:, [\w.]+)+):([^\n]*(?:\n[ \t]+\S[^\n]*)*)', re.M)


def one_field_a_line(text):
    """Put every ``:param x:`` on a line of its own, and every class of a ``:raises A, B:`` too."""
    text = _FIELD_INSIDE.sub('\n', text)
    return _MANY_RAISES.sub(lambda match: '\n'.join(
        ':raises {}:{}'.format(name, match.group(2)) for name in match.group(1).split(', ')), text)
