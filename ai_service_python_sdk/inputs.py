"""Checks of what a studio is given, before anything is paid for; files of a path or pattern."""
import glob
import os
import re
from contextlib import suppress

from six.moves.urllib.parse import urlsplit

from .client.serialization import to_json
from .util.files import path_of
from .util.kept import lasting
from .util.language import translate
from .util.photo_file import is_local
from .util.redact import bare_name, bare_url, bare_urls

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Sequence, Union

#: Photos of one person in a training (service reference 5.1).
FEWEST_PHOTOS, MOST_PHOTOS = 5, 20
#: Characters of a value that a message shows.
LONGEST_SHOWN = 200
#: Blanks at the ends, and what controls a terminal or ends a line.
_NOT_IN_URLS = re.compile('^\\s|\\s$|[\x00-\x1f\x7f]')
#: Endings of the files that are taken from a folder, in lower or upper case.
PICTURES = ('.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif')


def listed(photos: "Iterable[Any]", name: str) -> "List[Any]":
    """Return photos as a list; refuse a single string, which Python would split into letters."""
    if is_one(photos):
        raise ValueError(translate('`{}` is a single string or path; pass a list of URLs', name))
    if not hasattr(photos, '__iter__') and not hasattr(photos, '__getitem__'):
        raise ValueError(translate('`{}` is {!r}; pass a list of URLs', name, photos))
    return list(photos)


def is_one(photo: "Any") -> bool:
    """Whether it is a single photo, not a list of them: a text, bytes, a path or an open file."""
    return isinstance(photo, str) or is_local(photo)


def is_url(photo: "Any") -> bool:
    """Whether it is a text that begins with http:// or https://."""
    return isinstance(photo, str) and photo.lower().startswith(('http://', 'https://'))


def check_url(photo: "Any", name: str) -> None:
    """Raise ValueError for what is not a URL that the service can download."""
    if not is_url(photo):
        shown = type(photo).__name__ if isinstance(photo, bytes) else repr(
            bare_name(photo) if isinstance(photo, str) else photo)
        raise ValueError(translate('`{}` holds {}, and the service takes http:// and https:// '
                                   'URLs only: put the file where the service can download it and '
                                   'pass its URL, or let the studio do so: PortraitStudio(client, '
                                   'uploads=OssUploads(...))', name,
                                   bare_urls(shown)[:LONGEST_SHOWN]))
    with suppress(ValueError):
        parts = urlsplit(photo)
        if parts.hostname and '\\' not in parts.netloc and not _NOT_IN_URLS.search(photo):
            return
    raise ValueError(translate('`{}` holds {!r}, which is not a URL: give one with a host, '
                               'without line ends or blanks around it', name,
                               bare_url(photo)[:LONGEST_SHOWN]))


def check_photos(urls: "List[Any]", name: str, any_count: bool) -> None:
    """Refuse the same photo twice, and a number of photos that the guide does not allow."""
    known = [lasting(url.partition('#')[0]) if '://' in str(url) else url for url in urls]
    twice = [url for place, url in enumerate(urls) if known[place] in known[:place]]
    if twice:
        raise ValueError(translate('`{}` holds {!r} twice; give each photo once', name,
                                   bare_url(str(twice[0]))[:LONGEST_SHOWN]))
    if not any_count and not FEWEST_PHOTOS <= len(urls) <= MOST_PHOTOS:
        raise ValueError(translate('`{}` holds {} photos; a training takes {} to {} of one person '
                                   '(any_count=True lets another number through)', name, len(urls),
                                   FEWEST_PHOTOS, MOST_PHOTOS))


def name_of_each(person: "Union[None, str, Sequence[str]]", count: int) -> "List[Optional[str]]":
    """Return a name for each of ``count`` persons; None or a single name stands for all."""
    names = [person] if person is None or isinstance(person, str) else list(
        person)  # type: List[Any]
    if len(names) not in (1, count):
        raise ValueError(translate('`person` has {} names for {} persons; give one for each',
                                   len(names), count))
    return names * (count // len(names))


def check_configure(configure: "Any") -> None:
    """Raise ValueError for what is not a dict of parameters, or cannot be sent as JSON."""
    is_dict_or_model = hasattr(configure, 'keys') or hasattr(configure, 'swagger_types')
    if configure is not None and not is_dict_or_model:
        raise ValueError(translate('`configure` is a {}; give a dict of parameters, or '
                                   'PortraitConfigure(...)', type(configure).__name__))
    to_json(configure, 'configure')


def check_kind(path: str) -> None:
    """Refuse a pipe, which can be read once, and a device, which may never end."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise ValueError(translate('{} is a pipe or a device; save what it holds as a file', path))


def expanded(word: "Any", base: str = '') -> "List[str]":
    """Return the files of a path, a folder or a pattern, sorted.

    :param base: the folder that a relative path starts from; '' for the current one.
    :raises ValueError: there is no such file.
    """
    name = os.fsdecode(path_of(word))
    path = os.path.join(base, name)
    if os.path.isfile(path):
        return [path]
    check_kind(path)
    if os.path.isdir(path):
        found = [os.path.join(path, each) for each in os.listdir(path)
                 if each.lower().endswith(PICTURES) and not each.startswith('.')]
    else:
        found = glob.glob(os.path.join(glob.escape(base), name))
    if found:
        return sorted(found)
    if os.path.isdir(path):
        raise ValueError(translate('the folder {} holds no pictures ({})', name,
                                   ' '.join(PICTURES)))
    raise ValueError(translate('no file matches {}', name) if glob.has_magic(name)
                     else translate('the file {} does not exist', name))
