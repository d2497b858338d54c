"""What a studio is given: words for photos, and what it refuses before it is paid for."""
import glob
import os
import re
from contextlib import suppress

from six.moves.urllib.parse import urlsplit

from .client.serialization import to_json
from .util.files import path_of
from .util.kept import lasting
from .util.language import choose
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
#: What is taken of a folder, in any case of the letters.
PICTURES = ('.jpg', '.jpeg', '.png', '.webp', '.heic', '.heif')


def listed(photos: "Iterable[Any]", name: str) -> "List[Any]":
    """Return photos as a list; Python would take a string for a list of its letters."""
    if is_one(photos):
        raise ValueError(choose('`{}` is a single string or path; pass a list of URLs',
                                '`{}` 是单个字符串或路径，请传入 URL 列表').format(name))
    if not hasattr(photos, '__iter__') and not hasattr(photos, '__getitem__'):
        raise ValueError(choose('`{}` is {!r}; pass a list of URLs', '`{}` 为 {!r}，请传入 URL 列表')
                         .format(name, photos))
    return list(photos)


def is_one(photo: "Any") -> bool:
    """Whether it stands for one photo: a text, bytes, a path or an open file."""
    return isinstance(photo, str) or is_local(photo)


def is_url(photo: "Any") -> bool:
    """Whether it is a text that begins as a URL of the web does."""
    return isinstance(photo, str) and photo.lower().startswith(('http://', 'https://'))


def check_url(photo: "Any", name: str) -> None:
    """Refuse what the service cannot download."""
    if not is_url(photo):
        shown = type(photo).__name__ if isinstance(photo, bytes) else repr(
            bare_name(photo) if isinstance(photo, str) else photo)
        raise ValueError(choose(
            '`{}` holds {}, and the service takes http:// and https:// URLs only: put the file '
            'where the service can download it and pass its URL, or let the studio do so: '
            'PortraitStudio(client, uploads=OssUploads(...))',
            '`{}` 含有 {}，而服务仅支持 http:// 或 https:// URL：请将文件上传到服务可访问的位置并传入其 URL，'
            '或由 SDK 上传：PortraitStudio(client, uploads=OssUploads(...))').format(
                name, bare_urls(shown)[:LONGEST_SHOWN]))
    with suppress(ValueError):
        parts = urlsplit(photo)
        if parts.hostname and '\\' not in parts.netloc and not _NOT_IN_URLS.search(photo):
            return
    raise ValueError(choose(
        '`{}` holds {!r}, which is not a URL: give one with a host, without line ends or blanks '
        'around it', '`{}` 含有 {!r}，不是有效的 URL：须有主机名，且首尾无空白、无换行').format(
            name, bare_url(photo)[:LONGEST_SHOWN]))


def check_photos(urls: "List[Any]", name: str, any_count: bool) -> None:
    """Refuse the same photo twice, and a number of photos that the guide does not allow."""
    known = [lasting(url.partition('#')[0]) if '://' in str(url) else url for url in urls]
    twice = [url for place, url in enumerate(urls) if known[place] in known[:place]]
    if twice:
        raise ValueError(choose('`{}` holds {!r} twice; give each photo once',
                                '`{}` 中 {!r} 重复，每张照片只能出现一次')
                         .format(name, bare_url(str(twice[0]))[:LONGEST_SHOWN]))
    if not any_count and not FEWEST_PHOTOS <= len(urls) <= MOST_PHOTOS:
        raise ValueError(choose(
            '`{}` holds {} photos; a training takes {} to {} of one person (any_count=True lets '
            'another number through)',
            '`{}` 含有 {} 张照片；模型训练需要同一个人的 {} 到 {} 张照片（any_count=True 可跳过该检查）')
            .format(name, len(urls), FEWEST_PHOTOS, MOST_PHOTOS))


def name_of_each(person: "Union[None, str, Sequence[str]]", count: int) -> "List[Optional[str]]":
    """Return a name for each of so many persons; the name of one is that of all."""
    names = [person] if person is None or isinstance(person, str) else list(
        person)  # type: List[Any]
    if len(names) not in (1, count):
        raise ValueError(choose('`person` has {} names for {} persons; give one for each',
                                '`person` 有 {} 个名称，人物有 {} 个；请每人一个').format(
                                    len(names), count))
    return names * (count // len(names))


def check_configure(configure: "Any") -> None:
    """Refuse what cannot be parameters of a portrait, or be sent, while nothing is paid."""
    is_some = hasattr(configure, 'keys') or hasattr(configure, 'swagger_types')
    if configure is not None and not is_some:
        raise ValueError(choose(
            '`configure` is a {}; give a dict of parameters, or PortraitConfigure(...)',
            '`configure` 的类型为 {}，应为参数字典或 PortraitConfigure(...)').format(
                type(configure).__name__))
    to_json(configure, 'configure')


def expanded(word: "Any", base: str = '') -> "List[str]":
    """Return the files of a path, a folder or a pattern.

    :param base: the folder that it counts from; without one, where the program runs.
    :raises ValueError: there is no such file.
    """
    name = os.fsdecode(path_of(word))
    path, pattern = os.path.join(base, name), os.path.join(glob.escape(base), name)
    if os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        found = [os.path.join(path, each) for each in os.listdir(path)
                 if each.lower().endswith(PICTURES) and not each.startswith('.')]
    else:
        found = glob.glob(pattern)
    if not found:
        raise ValueError((choose('the folder {} holds no pictures ({})', '文件夹 {} 中没有图片（{}）')
                          if os.path.isdir(path) else
                          choose('no file is called {}', '没有匹配的文件：{}') if glob.has_magic(name)
                          else choose('the file {} does not exist', '文件不存在：{}')).format(
                              name, ' '.join(PICTURES)))
    return sorted(found)
