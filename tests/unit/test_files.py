"""Files are written as ``cp`` could write them, whole or not at all, and errors name them."""
import contextlib
import errno
import os
import pathlib
import stat
import subprocess
import sys
import threading

import pytest
from support.clock import Clock
from system import ROOT, as_nobody, mounted, open_to_all

from ai_service_python_sdk.portrait import TrainedModel
from ai_service_python_sdk.util import files
from ai_service_python_sdk.util.files import (
    check_place, in_home, keep_elsewhere, path_of, user_folder, write_whole)

IMPORTS = 'from ai_service_python_sdk.util.files import check_place, write_whole'
pytestmark = pytest.mark.skipif(os.name != 'posix', reason='the promises of POSIX file systems')


class Named(object):
    """A path object that is no pathlib.Path."""

    def __init__(self, name):
        self._name = name

    def __fspath__(self):
        return self._name


def mode_of(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


def content(path):
    with open(str(path), 'rb') as stream:
        return stream.read()


# What a path may be


@pytest.mark.parametrize('form', [str, os.fsencode, pathlib.Path, Named,
                                  lambda name: Named(os.fsencode(name))],
                         ids=['str', 'bytes', 'Path', 'PathLike', 'PathLike of bytes'])
def test_any_form_of_a_path_writes_the_file_of_that_name(tmp_path, form):
    path = form(str(tmp_path / '照片.json'))
    check_place(path)
    TrainedModel('m', 7).save(path)
    assert os.listdir(str(tmp_path)) == ['照片.json']
    assert TrainedModel.load(path) == TrainedModel('m', 7)


def test_an_entry_of_a_folder_can_be_saved_and_loaded(tmp_path):
    TrainedModel('m', 7).save(tmp_path / 'm.json')
    entry, = list(os.scandir(str(tmp_path)))
    TrainedModel('n', 8).save(entry)
    assert TrainedModel.load(entry) == TrainedModel('n', 8)


@pytest.mark.parametrize('path, kind, words', [
    (3, TypeError, 'pathlib.Path'), (None, TypeError, 'None'), (['a'], TypeError, 'open file'),
    (Named(3), TypeError, 'pathlib.Path'), ('', FileNotFoundError, 'empty'),
    (b'', FileNotFoundError, 'empty'), ('a\0b', ValueError, 'zero byte'),
    (b'a\0b', ValueError, 'zero byte')], ids=lambda value: getattr(value, '__name__', type(
        value).__name__ if isinstance(value, Named) else repr(value)))
@pytest.mark.parametrize('act', [check_place, lambda path: write_whole(b'x', path)],
                         ids=['check', 'write'])
def test_what_names_no_file_is_refused_and_makes_none(tmp_path, monkeypatch, path, kind, words,
                                                      act):
    monkeypatch.chdir(str(tmp_path))
    with pytest.raises(kind, match=words):
        act(path)
    assert os.listdir(str(tmp_path)) == []


def test_python_before_3_6_knows_paths_too(monkeypatch):
    class Old(pathlib.PurePosixPath):
        __fspath__ = None
    Old.__module__ = 'pathlib'
    assert path_of(Old('a/b')) == 'a/b'


# What stays


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / 'real').mkdir()
    target = tmp_path / 'real' / 'ids.json'
    target.write_bytes(b'old')
    (tmp_path / 'middle').symlink_to('real/ids.json')
    (tmp_path / 'link').symlink_to('middle')
    check_place(tmp_path / 'link')
    assert target.read_bytes() == b'old'
    write_whole(b'new', tmp_path / 'link')
    assert os.readlink(str(tmp_path / 'link')) == 'middle'
    assert target.read_bytes() == b'new' and os.listdir(str(tmp_path / 'real')) == ['ids.json']


def test_a_link_that_leads_nowhere_yet_makes_its_target(tmp_path):
    (tmp_path / 'link').symlink_to(tmp_path / 'ids.json')
    check_place(tmp_path / 'link')
    write_whole(b'new', tmp_path / 'link')
    assert (tmp_path / 'link').is_symlink() and (tmp_path / 'ids.json').read_bytes() == b'new'


def test_links_in_a_circle_are_an_error_that_names_the_link(tmp_path):
    (tmp_path / 'a').symlink_to(tmp_path / 'b')
    (tmp_path / 'b').symlink_to(tmp_path / 'a')
    with pytest.raises(OSError) as caught:
        check_place(str(tmp_path / 'a'))
    assert (caught.value.errno, caught.value.filename) == (errno.ELOOP, str(tmp_path / 'a'))


def test_a_file_of_two_names_keeps_both(tmp_path):
    (tmp_path / 'a').write_bytes(b'old')
    os.link(str(tmp_path / 'a'), str(tmp_path / 'b'))
    write_whole(b'new', tmp_path / 'a')
    assert (tmp_path / 'b').read_bytes() == b'new'


@pytest.mark.parametrize('mode', [0o600, 0o644, 0o640, 0o777])
def test_the_mode_stays(tmp_path, mode):
    path = tmp_path / 'ids.json'
    path.write_bytes(b'old')
    path.chmod(mode)
    check_place(path)
    write_whole(b'new', path)
    assert (mode_of(path), content(path)) == (mode, b'new')


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(b'new', tmp_path / 'ids.json')
    finally:
        os.umask(before)
    assert mode_of(tmp_path / 'ids.json') == 0o640


@pytest.mark.skipif(os.name != 'posix' or os.getuid() != 0, reason='only root gives files away')
def test_the_owner_stays(tmp_path):
    path = tmp_path / 'ids.json'
    path.write_bytes(b'old')
    os.chown(str(path), 1234, 2345)
    write_whole(b'new', path)
    now = os.stat(str(path))
    assert (now.st_uid, now.st_gid, content(path)) == (1234, 2345, b'new')


# What is written in place


def test_a_fifo_gets_the_bytes_and_stays_a_fifo(tmp_path):
    path = str(tmp_path / 'fifo')
    os.mkfifo(path)
    check_place(path)  # with nobody at the other end: it may not open it
    read = []
    reader = threading.Thread(target=lambda: read.append(content(path)))
    reader.start()
    write_whole(b'x' * 200000, path)
    reader.join(20)
    assert read == [b'x' * 200000] and stat.S_ISFIFO(os.stat(path).st_mode)


def test_a_device_stays_a_device():
    check_place(os.devnull)
    write_whole(b'new', os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='Linux has a full device')
def test_a_full_device_is_an_error_that_names_it():
    with pytest.raises(OSError) as caught:
        write_whole(b'new', '/dev/full')
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, '/dev/full')


@pytest.mark.skipif(not os.path.exists('/dev/stdout'), reason='no /dev/stdout')
@pytest.mark.parametrize('is_pipe', [True, False], ids=['pipe', 'file'])
def test_standard_output_is_written_through(tmp_path, is_pipe):
    code = ('import sys; sys.path.insert(0, {!r})\n'
            'from ai_service_python_sdk.util.files import check_place, write_whole\n'
            'check_place("/dev/stdout"); write_whole(b"new", "/dev/stdout")'.format(ROOT))
    with open(str(tmp_path / 'out'), 'wb') as stream:
        done = subprocess.run([sys.executable, '-c', code], timeout=60,
                              stdout=subprocess.PIPE if is_pipe else stream)
    assert done.returncode == 0
    assert (done.stdout if is_pipe else content(tmp_path / 'out')) == b'new'
    assert os.listdir(str(tmp_path)) == ['out']


def test_a_file_that_is_mounted_over_is_written_in_place(tmp_path):
    outside, inside = tmp_path / 'outside', tmp_path / 'inside'
    outside.write_bytes(b'older')
    inside.write_bytes(b'')
    with mounted('--bind', str(outside), str(inside)):
        check_place(inside)
        assert content(outside) == b'older'
        write_whole(b'new', inside)
        assert content(outside) == content(inside) == b'new'
    assert sorted(os.listdir(str(tmp_path))) == ['inside', 'outside']


@pytest.mark.parametrize('wanted', [errno.EBUSY, errno.EACCES, errno.EPERM, errno.EXDEV])
def test_where_a_rename_is_forbidden_the_file_itself_is_written(tmp_path, monkeypatch, wanted):
    path = tmp_path / 'ids.json'
    path.write_bytes(b'old')

    def forbidden(*paths):
        raise OSError(wanted, os.strerror(wanted), *paths)

    monkeypatch.setattr(os, 'replace', forbidden)
    write_whole(b'new', path)
    assert content(path) == b'new' and os.listdir(str(tmp_path)) == ['ids.json']


def test_an_open_file_in_a_closed_folder_is_written_in_place(tmp_path):
    folder = tmp_path / 'closed'
    folder.mkdir()
    path = folder / 'ids.json'
    path.write_bytes(b'old')
    path.chmod(0o666)
    folder.chmod(0o555)
    open_to_all(tmp_path)
    as_nobody(IMPORTS, 'check_place(sys.argv[1]); write_whole(b"new", sys.argv[1])', path)
    assert content(path) == b'new'


def test_a_file_that_is_closed_to_its_user_is_refused_and_stays(tmp_path):
    path = tmp_path / 'ids.json'
    path.write_bytes(b'old')
    path.chmod(0o444)
    open_to_all(tmp_path)
    code = ('for act in check_place, lambda path: write_whole(b"new", path):\n'
            '    try: act(sys.argv[1])\n'
            '    except PermissionError as error: print(error.filename == sys.argv[1])\n')
    assert as_nobody(IMPORTS, code, path).split() == ['True', 'True']
    assert content(path) == b'old' and os.listdir(str(tmp_path)) == ['ids.json']


# Whole or not at all


@pytest.mark.parametrize('name', ['a' * 255, '照' * 85, 'é' * 127, 'a' * 230, '照' * 77],
                         ids=lambda name: '{} x {}'.format(name[0], len(name)))
def test_a_name_may_have_all_255_bytes(tmp_path, name):
    check_place(tmp_path / name)
    write_whole(b'old', tmp_path / name)
    write_whole(b'new', tmp_path / name)
    assert os.listdir(str(tmp_path)) == [name] and content(tmp_path / name) == b'new'


def test_a_name_that_no_text_can_say_is_written(tmp_path):
    path = os.fsencode(str(tmp_path)) + b'/\xff\xfe.json'
    check_place(path)
    write_whole(b'new', path)
    assert os.listdir(os.fsencode(str(tmp_path))) == [b'\xff\xfe.json']


def test_on_a_full_disk_the_old_file_stays_and_the_place_is_refused(tmp_path):
    folder = tmp_path / 'small'
    folder.mkdir()
    with mounted('-t', 'tmpfs', '-o', 'size=64k', 'none', str(folder)):
        path = folder / 'ids.json'
        path.write_bytes(b'old')
        with pytest.raises(OSError) as caught:
            write_whole(b'x' * 100000, str(path))
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
        assert os.listdir(str(folder)) == ['ids.json'] and content(path) == b'old'
        with contextlib.suppress(OSError), open(str(folder / 'filler'), 'wb') as stream:
            stream.write(b'x' * 100000)
        with pytest.raises(OSError) as caught:
            check_place(str(path))
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))


def test_an_interrupted_writing_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / 'ids.json'
    path.write_bytes(b'old')

    def interrupted(number):
        raise KeyboardInterrupt()

    monkeypatch.setattr(os, 'fsync', interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(b'new', path)
    assert content(path) == b'old' and os.listdir(str(tmp_path)) == ['ids.json']


def test_a_disk_that_cannot_sync_is_no_error(tmp_path, monkeypatch):
    def unknown(number):
        raise OSError(errno.EINVAL, 'Invalid argument')

    monkeypatch.setattr(os, 'fsync', unknown)
    write_whole(b'new', tmp_path / 'ids.json')
    assert content(tmp_path / 'ids.json') == b'new'


def test_a_disk_that_breaks_at_the_end_is_an_error(tmp_path, monkeypatch):
    def broken(number):
        raise OSError(errno.EIO, 'Input/output error')

    monkeypatch.setattr(os, 'fsync', broken)
    with pytest.raises(OSError):
        write_whole(b'new', tmp_path / 'ids.json')
    assert os.listdir(str(tmp_path)) == []


def test_an_open_file_that_takes_a_part_at_a_time_gets_all():
    class Slow(object):
        taken = b''

        def write(self, data):
            self.taken += bytes(data[:3])
            return min(3, len(data))
    slow = Slow()
    write_whole(b'0123456789', slow)
    assert slow.taken == b'0123456789'


# What is refused before it is paid for


@pytest.mark.parametrize('name, kind', [
    ('no/ids.json', FileNotFoundError), ('file/ids.json', NotADirectoryError),
    ('folder', IsADirectoryError), ('folder/', IsADirectoryError), ('new/', FileNotFoundError),
    ('.', IsADirectoryError), ('a' * 256, OSError)])
@pytest.mark.parametrize('act', [check_place, lambda path: write_whole(b'x', path)],
                         ids=['check', 'write'])
def test_an_error_names_the_file_as_the_user_did(tmp_path, monkeypatch, act, name, kind):
    monkeypatch.chdir(str(tmp_path))
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').write_bytes(b'')
    with pytest.raises(kind) as caught:
        act(name)
    assert caught.value.filename == name
    assert str(caught.value).endswith(': {!r}'.format(name)), caught.value
    assert sorted(os.listdir(str(tmp_path))) == ['file', 'folder']


def test_a_check_leaves_nothing_and_changes_nothing(tmp_path):
    (tmp_path / 'old').write_bytes(b'old')
    os.utime(str(tmp_path / 'old'), (1, 1))
    check_place(tmp_path / 'old')
    check_place(tmp_path / 'new')
    assert os.listdir(str(tmp_path)) == ['old']
    assert os.stat(str(tmp_path / 'old')).st_mtime == 1 and content(tmp_path / 'old') == b'old'


def test_a_file_that_holds_something_else_is_protected(tmp_path):
    path = tmp_path / 'notes.json'
    path.write_bytes(b'my notes' * 10000)
    asked = []

    def may_replace(start):
        asked.append(start)
        return False

    with pytest.raises(FileExistsError, match='--force') as caught:
        check_place(str(path), may_replace)
    assert caught.value.filename == str(path) and len(asked[0]) == files.LOOKED_AT
    check_place(str(path))
    check_place(str(path), lambda start: start.startswith(b'my notes'))


@pytest.mark.parametrize('name', ['absent', 'empty', 'fifo'])
def test_where_nothing_can_be_lost_nobody_is_asked(tmp_path, name):
    (tmp_path / 'empty').write_bytes(b'')
    os.mkfifo(str(tmp_path / 'fifo'))
    check_place(tmp_path / name, lambda start: False)


# The user's own folders


@pytest.mark.parametrize('kind, variable, usual', [
    ('data', 'XDG_DATA_HOME', '.local/share'), ('cache', 'XDG_CACHE_HOME', '.cache')])
def test_a_user_folder_is_where_xdg_says(monkeypatch, kind, variable, usual):
    monkeypatch.setenv('HOME', '/home/me')
    monkeypatch.delenv(variable, raising=False)
    assert user_folder(kind) == '/home/me/{}/ai-portrait'.format(usual)
    monkeypatch.setenv(variable, '/xdg')
    assert user_folder(kind) == '/xdg/ai-portrait'
    # The specification: a relative path is invalid and ignored.
    monkeypatch.setenv(variable, 'relative')
    assert user_folder(kind) == '/home/me/{}/ai-portrait'.format(usual)


def test_without_a_home_there_is_an_error_and_never_a_folder_called_tilde(monkeypatch):
    monkeypatch.setattr(os.path, 'expanduser', lambda path: path)
    monkeypatch.delenv('XDG_DATA_HOME', raising=False)
    with pytest.raises(ValueError, match='HOME / XDG_DATA_HOME'):
        user_folder('data')
    with pytest.raises(ValueError, match='HOME'):
        in_home('~/x')
    assert in_home('x') == 'x'
    monkeypatch.setenv('XDG_DATA_HOME', '/xdg')
    assert user_folder('data') == '/xdg/ai-portrait'


def test_credentials_are_looked_for_without_a_home_only_where_they_are_named(monkeypatch):
    from ai_service_python_sdk.client.credentials import kept_credentials
    monkeypatch.setattr(os.path, 'expanduser', lambda path: path)
    for variable in ('HOST', 'APP_ID', 'TOKEN'):
        monkeypatch.delenv('AI_SERVICE_' + variable, raising=False)
    assert kept_credentials(None) == {}
    with pytest.raises(ValueError, match='HOME'):
        kept_credentials('~/mine.ini')


def test_of_two_that_write_one_new_file_at_once_one_wins_and_the_other_hears_of_it(tmp_path):
    path, barrier, ends = str(tmp_path / 'p.jpg'), threading.Barrier(4), []

    def write(number):
        barrier.wait()
        try:
            write_whole(b'%d' % number, path, replaces=False)
            ends.append(number)
        except FileExistsError:
            pass
    for attempt in range(20):
        del ends[:]
        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open(path, 'rb') as stream:
            assert ends == [int(stream.read().decode())] and os.listdir(str(tmp_path)) == ['p.jpg']
        os.remove(path)


def test_where_there_are_no_hard_links_a_new_file_is_written_all_the_same(tmp_path, monkeypatch):
    def refused(*names):
        raise PermissionError(1, 'no links here')
    monkeypatch.setattr(os, 'link', refused)
    write_whole(b'1', str(tmp_path / 'p.jpg'), replaces=False)
    assert (tmp_path / 'p.jpg').read_bytes() == b'1'
    with pytest.raises(FileExistsError):
        write_whole(b'2', str(tmp_path / 'p.jpg'), replaces=False)


def test_without_hard_links_a_file_that_comes_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / 'p.jpg'
    monkeypatch.delattr(os, 'link')
    write_whole(b'1', str(path), replaces=False)
    assert path.read_bytes() == b'1'
    path.unlink()
    monkeypatch.setattr(os, 'fsync', lambda number: path.write_bytes(b'of another program'))
    with pytest.raises(FileExistsError) as caught:
        write_whole(b'2', str(path), replaces=False)
    assert caught.value.filename == str(path) and path.read_bytes() == b'of another program'
    assert os.listdir(str(tmp_path)) == ['p.jpg']


def test_a_picture_is_kept_in_a_data_folder_that_is_not_there_yet(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'none' / 'yet'))
    kept = keep_elsewhere(b'picture')
    assert os.path.dirname(kept) == user_folder('data') and content(kept) == b'picture'
    assert mode_of(user_folder('data')) == 0o700
