"""How an error reads: one line that says all, then what came, shortened and without secrets."""
from ...util.redact import mask_headers, mask_text

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any
    from .base import ApiException

#: Bytes of a body that are printed.
LONGEST_SHOWN_BODY = 2000
#: Characters of headers, a reason or a message that are printed.
LONGEST_SHOWN_TEXT = 1000


def text_of(error: "ApiException") -> str:
    """Return the text of an error: status, cause and remedy first, then the old SDK's lines."""
    facts = ['{}: {}'.format(name, _short(value)) for name, value in error.facts() if value]
    first = '({})'.format(error.status)
    if error.is_documented:
        first = ' '.join([first, error.meaning or '', '[{}]'.format('; '.join(facts)),
                          error.hint or ''])
    lines = [first, 'Reason: {}'.format(_short(error.reason))]
    if not error.is_documented:
        lines += [fact[0].upper() + fact[1:] for fact in facts]
        lines += ['Hint: ' + error.hint] if error.hint else []
    if error.headers:
        shown = '{!r}'.format(mask_headers(error.headers.items()))
        lines.append('HTTP response headers: ' + _short(shown))
    if error.body:
        lines.append('HTTP response body: ' + _shown_body(error.body))
    return mask_text('\n'.join(lines)) + '\n'


def _short(value: "Any", limit: int = LONGEST_SHOWN_TEXT) -> str:
    text = str(value)
    return text if len(text) <= limit else '{}... ({} characters in all)'.format(
        text[:limit], len(text))


def _shown_body(body: "Any") -> str:
    if len(body) <= LONGEST_SHOWN_BODY:
        return repr(body)
    return '{!r}... ({} bytes in all)'.format(body[:LONGEST_SHOWN_BODY], len(body))
