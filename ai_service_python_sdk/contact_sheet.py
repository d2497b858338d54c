"""The report of a batch, one line for each order, and a page of all portraits made from it."""
import html
import io
import json
import os
from contextlib import suppress

from six.moves.urllib.parse import quote

from .client.paid import warn
from .util.files import write_whole
from .util.language import translate, language

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import IO, Any, Dict

#: By these a line of a report is known.
_FIELDS = (b'"index": ', b'"person": ', b'"template": ', b'"state": ', b'"tries": ')
#: Start of the page, which loads nothing from elsewhere.
_HEAD = '''<!DOCTYPE html>
<html lang="{}"><head><meta charset="utf-8"><title>{}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; --card: #f3f3f5; --dim: #5c5c66; --bad: #b3261e; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --card: #26262b; --dim: #a9a9b4; --bad: #ff8a80; }} }}
body {{ font: 14px/1.45 system-ui, sans-serif; margin: 24px; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 16px; }}
figure {{ margin: 0; padding: 10px; border-radius: 8px; background: var(--card);
  overflow-wrap: anywhere; }}
img, .no {{ width: 100%; aspect-ratio: 3/4; object-fit: contain; border-radius: 4px; }}
.no {{ display: grid; place-items: center; border: 1px dashed var(--bad);
  box-sizing: border-box; }}
small {{ display: block; color: var(--dim); }} .no, .bad {{ color: var(--bad); }}
</style></head><body><h1>{}</h1><main>
'''
_CARD = '<figure>{}<figcaption><b>{}</b><small>{}</small>{}</figcaption></figure>\n'


class Lines(object):
    """Writes the lines of a report; if the disk is full, the paid work goes on without them."""

    def __init__(self, stream: "IO[bytes]") -> None:
        self._stream, self._is_full = stream, False

    def write(self, line: str) -> None:
        if self._is_full:
            return
        try:
            write_whole(line.encode('ascii') + b'\n', self._stream)
        except OSError as error:
            self._is_full = True
            warn(translate('{} cannot be written: {}', self._stream.name, error))


def is_of_a_batch(start: bytes) -> bool:
    """Whether a file that begins with these bytes is the report or the page of a batch."""
    if start.startswith(b'<!DOCTYPE html>'):
        return b'--card: #f3f3f5; --dim:' in start
    first = start.partition(b'\n')[0]
    return start.startswith(b'{') and all(field in first for field in _FIELDS)


def contact_sheet(report: str, path: str) -> str:
    """Write the page of a report, in the language of messages; return its path.

    :param report: path of the file of lines of :meth:`.BatchResult.to_dict`.
    :param path: of the page; its links are relative, so that the folder may be moved.
    """
    title = html.escape(translate('Portraits'))
    # A file name may hold bytes that are not UTF-8: they are shown as escapes.
    with io.open(path, 'w', encoding='utf-8', errors='backslashreplace') as page, \
            io.open(report, encoding='utf-8') as lines:
        page.write(_HEAD.format(language(), title, title))
        for line in lines:
            with suppress(ValueError):  # the last line is cut where the disk was full
                page.write(_card(json.loads(line), os.path.dirname(os.path.abspath(path))))
        page.write('</main></body></html>\n')
    return path


def _card(result: "Dict[str, Any]", folder: str) -> str:
    error, name = result['error'], html.escape(str(result['person']))
    picture = '<div class="no">{}</div>'.format(html.escape(result['state']))
    if result['path']:
        place = _link_to(result['path'], folder)
        picture = '<a href="{0}"><img loading="lazy" src="{0}" alt="{1}"></a>'.format(place, name)
    facts = [os.path.basename(result['template'])] + [
        '{}={}'.format(*pair) for pair in sorted((result['configure'] or {}).items())]
    said = error and (error.get('meaning') or error.get('message') or error['summary']
                      or error['class'])
    return _CARD.format(picture, name, html.escape(', '.join(facts)), said and
                        '<small class="bad">{}</small>'.format(html.escape(str(said))) or '')


def _link_to(path: str, folder: str) -> str:
    with suppress(ValueError):
        return quote(os.fsencode(os.path.relpath(path, folder).replace(os.sep, '/')))
    place = os.fsencode(path.replace(os.sep, '/'))
    return 'file:///' + quote(place, safe='/:')  # on another drive of Windows
