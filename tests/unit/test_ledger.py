"""The ledger: every paid call is written down before it leaves, and nothing of it is lost."""
import copy
import io
import json
import os
import pickle
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing, suppress

import pytest
from support import untraced
from system import ROOT, as_nobody, mounted, open_to_all

from ai_service_python_sdk import AlreadyPaidError
from ai_service_python_sdk.ledger import (
    ACCEPTED, FAILED, FORGOTTEN, SUCCEEDED, UNSETTLED, InDoubtError, Ledger, LedgerError)
from ai_service_python_sdk.util import kept, shared_file
from ai_service_python_sdk.util.language import set_language

pytestmark = pytest.mark.usefixtures('in_english')

PHOTOS = ['https://h.test/{}.jpg?Expires=9&Signature=s3cret'.format(index) for index in range(5)]
TOLD_OF_FORKS = pytest.mark.skipif(not hasattr(os, 'register_at_fork'),
                                   reason='Python tells of forks from 3.7 on')
POSIX = pytest.mark.skipif(os.name != 'posix', reason='as POSIX has it')


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / 'ledger.sqlite')


@pytest.fixture
def ledger(path):
    with Ledger(path) as opened:
        yield opened


def command_of(code, *arguments):
    start = ('import os, sys; sys.path.insert(0, {!r})\n'
             'from ai_service_python_sdk.ledger import *\n'
             'from ai_service_python_sdk.ledger import InDoubtError, Ledger, LedgerError\n')
    return [sys.executable, '-c', start.format(ROOT) + code] + [str(a) for a in arguments]


def run(code, *arguments):
    done = subprocess.run(command_of(code, *arguments), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def zipped(path, place):
    with zipfile.ZipFile(place, 'w') as archive:
        archive.write(path)


def bytes_of(path):
    found = b''
    for end in ('', '-wal', '-shm', '-journal'):
        if os.path.exists(path + end):
            with open(path + end, 'rb') as stream:
                found += stream.read()
    return found


# One row


def test_a_training_is_in_the_file_before_it_leaves_and_settled_by_its_answer(ledger, path):
    row = ledger.begin('aigc_images_train', photos=PHOTOS, person='collins')
    with Ledger(path) as other:
        assert [left.id for left in other.unsettled()] == [row.id]
    row = ledger.settle(row, request_id='r-1', job_id=11, model_id='m-11')
    assert (row.state, row.job_id, row.model_id, row.request_id) == (ACCEPTED, 11, 'm-11', 'r-1')
    assert ledger.unsettled() == [] and ledger.model('collins').model_id == 'm-11'
    ledger.finished(11, SUCCEEDED, seconds=1560)
    assert ledger.model(11).state == SUCCEEDED and ledger.seconds_of_trainings() == [1560.0]


def test_a_creation_succeeds_by_its_answer_and_says_where_it_was_saved(ledger, tmp_path,
                                                                       monkeypatch):
    row = ledger.begin('aigc_images_create', template='https://h.test/t.jpg', model_ids='m',
                       configure={'lora_weights': 0.9})
    row = ledger.settle(row, cost_time=12.5)
    assert (row.state, row.cost_time, row.model_ids) == (SUCCEEDED, 12.5, ['m'])
    assert row.configure == {'lora_weights': 0.9} and row.template[0] == 'https://h.test/t.jpg'
    monkeypatch.chdir(str(tmp_path))
    assert ledger.saved(row.id, b'p.jpg').saved == os.path.join(os.getcwd(), 'p.jpg')
    assert [made.id for made in ledger.creations()] == [row.id] and not ledger.trainings()


def test_a_refusal_is_a_failure_and_a_doubt_stays_unsettled(ledger):
    first, second = ledger.begin('train'), ledger.begin('train')
    assert ledger.fail(first, 'no quota', certainly_not_done=True).state == FAILED
    row = ledger.fail(second, 'the line broke', certainly_not_done=False)
    assert (row.state, row.message, row.settled) == (UNSETTLED, 'the line broke', None)
    assert ledger.unsettled()[0].message == 'the line broke'


def test_an_answer_that_comes_late_wins_over_doubt_and_forgetting(ledger):
    row = ledger.begin('train')
    ledger.forget(row)
    assert ledger.settle(row, job_id=1, model_id='m').state == ACCEPTED
    assert ledger.forget(row).state == ACCEPTED
    assert ledger.fail(row, 'x', certainly_not_done=True).state == ACCEPTED


def test_odd_answers_are_kept_as_text_or_not_at_all(ledger):
    row = ledger.settle(ledger.begin('train'), request_id={'a': 1}, job_id='007', model_id=5,
                        cost_time=float('inf'))
    assert (row.request_id, row.job_id, row.model_id, row.cost_time) == (
        "{'a': 1}", '007', '5', None)
    ledger.finished('007', FAILED, 'Image process error')
    assert ledger.trainings()[0].state == FAILED


def test_a_row_is_plain_data_and_its_times_are_utc(ledger):
    row = ledger.begin('train', photos=PHOTOS)
    assert json.loads(json.dumps(row.to_dict()))['photos'] == row.photos
    assert re.match(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$', row.begun)
    assert pickle.loads(pickle.dumps(row)).to_dict() == row.to_dict()


@pytest.mark.parametrize('arguments, words', [
    ({'key': ''}, '`key`'), ({'key': 17}, '`key`')], ids=str)
def test_a_key_that_names_nothing_is_refused(ledger, arguments, words):
    with pytest.raises(ValueError, match=words):
        ledger.begin('train', **arguments)
    assert ledger.trainings() == []


def test_states_and_rows_that_there_are_not_are_refused(ledger):
    row = ledger.begin('train')
    for act in (lambda: ledger.settle(row, state='done'), lambda: ledger.settle(row, state=''),
                lambda: ledger.finished(1, 'accepted'), lambda: ledger.finished(1, None)):
        with pytest.raises(ValueError, match='`state` is .*succeeded'):
            act()
    assert [each.id for each in ledger.unsettled()] == [row.id]
    with pytest.raises(LookupError, match='row 99'):
        ledger.settle(99)


def test_a_blank_around_an_id_that_the_service_gave_is_not_kept(ledger):
    ledger.settle(ledger.begin('train', person='anna'), job_id=77, model_id='m-1 ')
    assert ledger.model('anna').model_id == 'm-1'


@pytest.mark.parametrize('restores', [False, True])
def test_an_answer_settles_no_other_call_after_its_row_was_deleted(ledger, path, restores):
    shutil.copy(path, path + '.copy')
    left = ledger.begin('create', key='A')
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('DELETE FROM paid_calls')
    if restores:  # into the same file, whose numbers are given anew
        shutil.copyfile(path + '.copy', path)
    other = ledger.begin('create', key='B')
    for act in (lambda: ledger.settle(left, saved='A.jpg'), lambda: ledger.saved(left, 'A.jpg'),
                lambda: ledger.fail(left, 'x', True), lambda: ledger.forget(left)):
        with pytest.raises(LookupError, match='no such row'):
            act()
    assert ledger.find('B').to_dict() == other.to_dict()


# No secrets, no pictures


def test_no_secret_and_no_picture_gets_into_the_file(ledger, path, tmp_path):
    picture = tmp_path / 'me.jpg'
    picture.write_bytes(b'\xff\xd8PIXELSOFAFACE')
    row = ledger.begin('train', photos=[
        'https://user:s3cret@h.test/a.jpg', 'https://h.test/b.jpg?x=s3cret a "s3cret&y=s3cret',
        'https://h.test/c.jpg#s3cret', 'data:image/jpeg;base64,PIXELSOFAFACE' * 9,
        'PIXELSOFAFACE' * 1000, str(picture)], template='http://h.test/t?s3cret',
        configure={'mask': 'https://h.test/m.png?k=s3cret', 'list': ['ftp://a:s3cret@h/x']})
    ledger.fail(row, 'download of https://u:s3cret@h.test/a.jpg?Signature=s3cret failed: '
                + 'ab' * 32, certainly_not_done=False)
    ledger.finished(1, FAILED, 'https://h.test/a?s3cret')
    kept = bytes_of(path)
    assert b'h.test/a.jpg' in kept and b's3cret' not in kept and b'PIXELSOFAFACE' not in kept
    assert 'ab' * 32 not in ledger.unsettled()[0].message
    row = ledger.unsettled()[0]
    assert [name for name, _ in row.photos][:3] == [
        'https://h.test/' + name for name in ('a.jpg', 'b.jpg', 'c.jpg')]
    assert row.configure == {'mask': 'https://h.test/m.png', 'list': ['ftp://h/x']}
    assert row.message.startswith('download of https://h.test/a.jpg failed: ')


@POSIX
def test_the_file_and_what_stands_beside_it_are_the_users_alone(path):
    before = os.umask(0)
    try:
        with Ledger(path) as ledger:
            ledger.begin('train')
            folder = os.path.dirname(path)
            modes = ledger._transaction(lambda run: run("UPDATE paid_calls SET key = ''") and [
                stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                for name in os.listdir(folder)])
    finally:
        os.umask(before)
    assert modes == [0o600] * 2  # the journal too
    assert os.listdir(os.path.dirname(path)) == ['ledger.sqlite']


# The same photos


def test_the_same_photos_are_known_in_any_order_and_with_any_signature(ledger):
    row = ledger.begin('train', photos=PHOTOS, person='collins')
    again = [photo.replace('s3cret', 'other') for photo in reversed(PHOTOS)]
    assert ledger.same_training(again, 'collins').id == row.id
    assert ledger.same_training(again, 'smith') is None and ledger.same_training(again) is None
    assert ledger.same_training(again[:4], 'collins') is None
    ledger.settle(row, job_id=1, model_id='m')
    assert ledger.same_training(again, 'collins').state == ACCEPTED
    ledger.finished(1, FAILED)
    assert ledger.same_training(again, 'collins') is None


@pytest.mark.parametrize('first, again', [
    ('auth_key=1577808000-0-0-a', 'auth_key=1577809000-0-0-b'),
    ('sv=2022-11-02&se=2026-11-27T10%3A00Z&sr=b&sp=r&sig=a', 'sv=2022-11-02&se=2026-12-01&sr=b'
     '&sp=r&sig=b'),
    ('e=1451491200&token=ak:a', 'e=1451491300&token=ak%3Ab'),
    ('Expires=1&Policy=a&Signature=b&Key-Pair-Id=c', 'Expires=2&Policy=b&Signature=c'
     '&Key-Pair-Id=d'),
    ('sign=' + '0' * 32 + '&t=5eba2a04', 'sign=' + '1' * 32 + '&t=5eba2b04'),
    ('authorization=bce-auth-v1%2Fak%2F2026-11-27T10%3A00%3A00Z%2F1800%2Fhost%2Fa',
     'authorization=bce-auth-v1/ak/2026-11-28T10:00:00Z/1800/host/b'),
    ('_upt=0a1b2c3d1764208800', '_upt=9f8e7d6c1764295200'),
    ('x-expires=1764208800&x-signature=a%3D', 'x-expires=1764295200&x-signature=b%3D'),
    ('OSSAccessKeyId=a&Expires=1&Signature=b&security-token=c',
     'OSSAccessKeyId=d&Expires=2&Signature=e&security-token=f'),
    ('x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=a&x-oss-date=b&x-oss-expires=60'
     '&x-oss-additional-headers=host&x-oss-security-token=c&x-oss-signature=d&x-oss-ac-vpc-id=e',
     'x-oss-signature=f'),
    ('X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=a&X-Amz-Credential=b&X-Amz-Date=c'
     '&X-Amz-Expires=60&X-Amz-Security-Token=d&X-Amz-SignedHeaders=host&X-Amz-Signature=e'
     '&x-amz-checksum-mode=ENABLED', 'X-Amz-Signature=f'),
    ('q-sign-algorithm=sha1&q-ak=a&q-sign-time=1%3B2&q-key-time=1%3B2&q-header-list=host'
     '&q-url-param-list=&q-signature=b&x-cos-security-token=d', 'q-signature=c'),
    ('sv=1&se=2026-11-27&sig=a&skoid=b&scid=c', 'sv=1&se=2026-12-27&sig=b&skoid=d&scid=e')])
def test_a_new_signature_of_any_usual_provider_is_the_same_photo(ledger, first, again):
    base = 'https://h.test/photo?id=7&'
    assert kept.mark_of(kept.photos_of([base + first])) == kept.mark_of(
        kept.photos_of([base + again]))
    assert kept.lasting(base + first) == kept.lasting(base + again)
    assert 'id=7' in kept.lasting(base + first)


@pytest.mark.parametrize('query', [
    'e=5', 't=5', 'token=a', 'token=7', 'sp=3', 'sig=x', 's=7', 'e=1451491200',
    'authorization=customerA', 'signature=customerA', 'security-token=customerA', 'q-id=7',
    'x-oss-meta-id=7', 'x-oss-process=style/a', 'x-amz-meta-id=7'])
def test_what_is_a_signature_only_beside_another_name_may_tell_pictures_apart(query):
    assert kept.lasting('https://h.test/photo?' + query) == 'https://h.test/photo?' + query


def test_photos_that_only_the_query_tells_apart_are_told_apart(ledger):
    first = ['http://h.test/photo?id={}'.format(index) for index in range(5)]
    second = ['http://h.test/photo?id={}'.format(index) for index in range(5, 10)]
    row = ledger.begin('train', photos=first)
    assert ledger.same_training(second) is None
    assert ledger.same_training(first[::-1]).id == row.id


def test_photos_of_the_same_paths_are_those_of_another_user_where_the_query_differs(ledger):
    first, second = [['https://h.test/{}.jpg?user={}'.format(index, user) for index in range(5)]
                     for user in (17, 18)]
    row = ledger.begin('train', photos=first)
    assert ledger.same_training(second) is None and ledger.same_training(first).id == row.id
    signed = '{}&x-oss-expires={}&x-oss-signature={}'.format
    row = ledger.begin('train', photos=[signed(photo, 60, 'a') for photo in second])
    assert ledger.same_training([signed(photo, 90, 'b') for photo in second]).id == row.id


def test_local_photos_are_known_by_their_content(ledger, tmp_path):
    for name, data in (('a', b'1'), ('b', b'1'), ('c', b'2')):
        (tmp_path / name).write_bytes(data)
    row = ledger.begin('train', photos=tmp_path / 'a')
    assert ledger.same_training([str(tmp_path / 'b')]).id == row.id
    assert ledger.same_training([str(tmp_path / 'c')]) is None
    assert row.photos[0][0] == str(tmp_path / 'a')


def test_no_photos_are_not_the_same_photos(ledger):
    ledger.begin('train')
    assert ledger.same_training([]) is None
    ledger.begin('train', again=False)


@pytest.mark.parametrize('photo', [None, 7, '', b'\xff\xfe', 'a\0b', '\udcff.jpg', {'a': 1},
                                   'http://[::1', 'x' * 5000], ids=ascii)
def test_whatever_a_caller_sends_as_a_photo_can_be_written_down(ledger, photo):
    row = ledger.begin('train', photos=[photo], template=photo)
    assert ledger.same_training([photo]).id == row.id


# Keys


def test_a_key_that_has_succeeded_gives_its_row_and_sends_nothing(ledger):
    row = ledger.settle(ledger.begin('train', key='order-17'), job_id=1, model_id='m')
    found = ledger.begin('train', key='order-17')
    assert not row.stored and (found.id, found.stored, found.model_id) == (row.id, True, 'm')
    assert len(ledger.trainings()) == 1
    # The order's creation is another call.
    made = ledger.begin('aigc_images_create', key='order-17')
    assert not made.stored and ledger.find('order-17').id == made.id
    assert ledger.find('order-17', 'aigc_images_train').id == row.id
    assert ledger.find('order-18') is None


def test_a_key_that_failed_may_go_again(ledger):
    ledger.fail(ledger.begin('train', key='k'), 'refused', certainly_not_done=True)
    ledger.settle(ledger.begin('train', key='k'), job_id=5, model_id='m')
    ledger.finished(5, FAILED, 'Image process error')
    assert not ledger.begin('train', key='k').stored and len(ledger.trainings()) == 3


def test_a_key_in_doubt_is_refused_until_it_is_forgotten(ledger):
    row = ledger.begin('train', key='k')
    with pytest.raises(InDoubtError, match=r'may be paid.*forget\(1\).*--forget 1') as caught:
        ledger.begin('train', key='k')
    assert caught.value.row.id == row.id and len(ledger.trainings()) == 1
    for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert (str(twin), twin.row.id) == (str(caught.value), row.id)
    set_language('zh')
    assert '可能已计费' in str(caught.value)
    assert ledger.forget(row).state == FORGOTTEN
    assert not ledger.begin('train', key='k').stored


def test_the_same_photos_can_stand_in_the_way_as_a_key_does(ledger):
    row = ledger.begin('train', photos=PHOTOS, again=False)
    with pytest.raises(InDoubtError):
        ledger.begin('train', photos=PHOTOS, again=False)
    ledger.settle(row, job_id=1, model_id='m')
    assert ledger.begin('train', photos=PHOTOS, again=False).stored
    assert not ledger.begin('train', photos=PHOTOS).stored


RACE = '''
import threading
ledger = Ledger(sys.argv[1])
sys.stdin.read(1)
def one(key):
    try:
        row = ledger.begin('train', key=key)
    except InDoubtError as error:
        os.write(1, ('doubt %s\\n' % key).encode())
    else:
        os.write(1, ('%s %s\\n' % ('stored' if row.stored else 'sent', key)).encode())
        if not row.stored and int(key) % 2:
            ledger.settle(row, job_id=int(key), model_id=key)
for key in range(20):
    threads = [threading.Thread(target=one, args=(str(key),)) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
'''


def test_of_many_workers_with_one_key_exactly_one_sends(path):
    Ledger(path).close()
    workers = [subprocess.Popen(command_of(RACE, path), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE) for _ in range(4)]
    said = b''.join(out for out, _ in [worker.communicate(b'go', timeout=120)
                                       for worker in workers]).decode().splitlines()
    assert all(worker.returncode == 0 for worker in workers)
    assert sorted(int(line.split()[1]) for line in said if 'sent' in line) == list(range(20))
    assert len(said) == 4 * 2 * 20
    # A key that nobody settles is never answered; one that is settled gives its answer later on.
    assert not [line for line in said if 'stored' in line and int(line.split()[1]) % 2 == 0]


# Models by name


def test_a_model_is_found_by_name_and_ids_and_the_newest_counts(ledger):
    for job_id, state in ((1, SUCCEEDED), (2, SUCCEEDED), (3, FAILED)):
        ledger.settle(ledger.begin('train', person='collins'), job_id=job_id,
                      model_id='m-{}'.format(job_id))
        ledger.finished(job_id, state)
    assert [ledger.model(name).model_id for name in ('collins', 'm-1', 1, '1')] == [
        'm-2', 'm-1', 'm-1', 'm-1']


def test_a_name_and_a_key_are_the_same_in_every_locale(ledger):
    name = u'\u4e3d\u4e1d'
    typed = name.encode('utf-8').decode('ascii', 'surrogateescape')  # as LC_ALL=C reads it
    photos = ['https://h.test/{}.jpg'.format(name)]
    row = ledger.begin('train', photos=photos, person=typed, key=typed)
    ledger.settle(row, job_id=1, model_id='m')
    assert row.person == row.key == name and ledger.model(name).id == ledger.model(typed).id
    assert ledger.same_training([photos[0].replace(name, typed)], name).id == row.id
    assert ledger.find(name).id == ledger.find(typed).id == row.id
    odd = ledger.begin('train', person='b\udcff')
    assert odd.person == 'b\\udcff'


def test_a_name_that_is_not_there_gets_similar_ones(ledger, path):
    for person in ('collins', 'smith', None):
        ledger.settle(ledger.begin('train', person=person), model_id='m')
    words = "'colins'.*{}.*collins".format(re.escape(path))
    with pytest.raises(LookupError, match=words) as error:
        ledger.model('colins')
    assert 'smith' not in str(error.value)
    with pytest.raises(LookupError, match='smith'):
        ledger.model('xyz')


# Many at once


CROWD = '''
import threading
ledger = Ledger(sys.argv[1])
def work(thread):
    for index in range(15):
        row = ledger.begin('train' if index % 2 else 'create', photos=['http://h/%d' % index],
                           key='%s-%s-%s' % (sys.argv[2], thread, index))
        ledger.settle(row, job_id=row.id, model_id='m')
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
'''


def test_ten_processes_of_four_threads_lose_no_row_and_see_no_lock(path):
    # All begin at once, with a file that is not there yet.
    workers = [subprocess.Popen(command_of(CROWD, path, number), stderr=subprocess.PIPE,
                                env=untraced())
               for number in range(10)]
    errors = [worker.communicate(timeout=300)[1].decode() for worker in workers]
    assert errors == [''] * 10
    with Ledger(path) as ledger:
        rows = ledger.trainings(None) + ledger.creations(None)
        assert len(rows) == len(set(row.key for row in rows)) == 600
        assert set(row.state for row in rows) == set([ACCEPTED, SUCCEEDED])
        assert all(row.job_id == row.id for row in rows)


def test_a_lock_that_nobody_gives_up_is_an_error_that_says_so(ledger, path, monkeypatch):
    monkeypatch.setattr(shared_file, 'PATIENCE', 0.2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    with pytest.raises(LedgerError, match='locked'):
        ledger.begin('train')
    assert ledger.trainings() == []  # reading goes on
    other.execute('ROLLBACK')
    other.close()
    ledger.begin('train')


def test_an_exception_inside_of_a_writing_leaves_no_half_and_no_lock(ledger, path, monkeypatch):
    def interrupted(run, number):
        assert run('SELECT * FROM paid_calls WHERE id = ?', (number,)).fetchone()
        raise KeyboardInterrupt()
    with monkeypatch.context() as patch:
        patch.setattr('ai_service_python_sdk.ledger._row', interrupted)
        with pytest.raises(KeyboardInterrupt):
            ledger.begin('train', key='half')
    with Ledger(path) as other:
        other.begin('train', key='whole')
    assert [row.key for row in ledger.trainings()] == ['whole']


def test_the_handler_of_a_signal_cannot_break_into_a_writing(ledger, monkeypatch):
    from ai_service_python_sdk import ledger as module
    written, refused = module._row, []

    def interrupted(run, number):
        try:
            ledger.trainings()
        except LedgerError as error:
            refused.append(error)
        return written(run, number)

    monkeypatch.setattr(module, '_row', interrupted)
    assert ledger.begin('train', key='k').key == 'k'
    assert len(refused) == len(ledger.trainings()) == 1


# Kills


#: Kills; each ends two programs.
KILLS = int(os.environ.get('KILLS', 10))
VICTIM = '''
ledger, index = Ledger(sys.argv[1]), 0
while True:
    row = ledger.begin('train', photos=['http://h/1'], key='%s-%d' % (sys.argv[2], index))
    os.write(1, b'begun %d %s\\n' % (row.id, row.key.encode()))
    ledger.settle(row, job_id=row.id, model_id='m')
    os.write(1, b'settled %d %s\\n' % (row.id, row.key.encode()))
    index += 1
'''


@POSIX
def test_after_kill_9_at_any_moment_every_row_is_there_once(path, tmp_path):
    reported, moments = {}, __import__('random').Random(14)
    for kill in range(KILLS):
        with open(str(tmp_path / 'out'), 'wb') as out:
            victims = [subprocess.Popen(command_of(VICTIM, path, '{}{}'.format(kill, name)),
                                        stdout=out) for name in 'ab']
            # From the making of the file to the middle of the work.
            lines, deadline = moments.choice([0, 0, 0, 1, 2, 5, 10, 20]), time.time() + 60
            while os.path.getsize(str(tmp_path / 'out')) < lines * 15 and time.time() < deadline:
                time.sleep(0.001)
            time.sleep(moments.random() * (0.02 if lines else 0.3))
            for victim in victims:
                victim.kill()
            for victim in victims:
                victim.wait()
        with io.open(str(tmp_path / 'out')) as stream:
            for line in stream.read().split('\n')[:-1]:
                word, number, key = line.split()
                reported.setdefault(word, {})[int(number)] = key
        with Ledger(path) as ledger:
            rows = dict((row.id, row) for row in ledger.trainings(None))
        assert set(reported.get('begun', {})) <= set(rows)
        for number, key in reported.get('begun', {}).items():
            assert rows[number].key == key
        for number in reported.get('settled', {}):
            assert rows[number].state == ACCEPTED and rows[number].job_id == number
        assert len(set(row.key for row in rows.values())) == len(rows)
    assert len(reported['settled']) > KILLS // 2
    # At most one call of each victim was on its way, or written and not yet reported.
    assert len([row for row in rows.values() if row.state == UNSETTLED]) <= 2 * KILLS
    other = sqlite3.connect(path)
    assert other.execute('PRAGMA integrity_check').fetchone()[0] == 'ok'
    other.close()


# Forks, pickles


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='forks are of POSIX')
def test_a_child_of_a_fork_writes_on_and_so_does_its_parent(ledger, path):
    first = ledger.begin('train', key='before')
    children = []
    for name in 'ab':
        child = os.fork()
        if not child:
            code = 1
            try:
                for index in range(20):
                    ledger.settle(ledger.begin('train', key=name + str(index)))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    for index in range(20):
        ledger.begin('train', key='parent' + str(index))
    ledger.close()  # while the children write: nobody may take their rows away
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    with Ledger(path) as after:
        assert len(after.trainings(None)) == 61 and after.find('before').id == first.id


@TOLD_OF_FORKS
def test_a_fork_waits_for_the_writing_of_another_thread(path):
    out = run('''
import threading
ledger = Ledger(sys.argv[1])
ended = []
def work(name):
    while not ended:
        ledger.begin('train', key=name + str(len(ledger.trainings(None))))
thread = threading.Thread(target=work, args=('t',))
thread.start()
codes = []
for number in range(20):
    child = os.fork()
    if not child:
        try:
            ledger.begin('train', key='child' + str(number))
            os._exit(0)
        finally:
            os._exit(1)
    codes.append(os.waitpid(child, 0)[1])
ended.append(1)
thread.join()
keys = [row.key for row in ledger.trainings(None)]
print(sum(codes), len([key for key in keys if key.startswith('child')]), len(keys) > 20)
''', path)
    assert out.split() == ['0', '20', 'True']


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='forks are of POSIX')
def test_the_child_of_a_fork_that_nobody_told_of_is_refused_and_does_not_hang(path):
    out = run('''
import random, signal, threading, weakref
vars(os).pop('register_at_fork', None)  # as in Python 3.6
for name in [name for name in sys.modules if name.startswith('ai_service_python_sdk')]:
    del sys.modules[name]
from ai_service_python_sdk.ledger import Ledger, LedgerError
ledger = Ledger(sys.argv[1])
for is_in_use in (False, True):
    begun, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=ledger._transaction, args=(
        lambda run: begun.set() or ended.wait(),))
    if is_in_use:
        thread.start()
        begun.wait()
    child = os.fork()
    if not child:
        signal.alarm(20)
        try:
            ledger.begin('train')
            os._exit(3)
        except LedgerError as error:
            ledger.close()
            os._exit(4 if 'a fork' in str(error) else 5)
        finally:
            os._exit(6)
    print(os.waitpid(child, 0)[1] >> 8)
    ended.set()
thread.join()
ledger.begin('train')
print(len(ledger.trainings()))
''', path)
    assert out.split() == ['3', '4', '2']


def test_between_two_writings_no_file_stays_open(path):
    with Ledger(path) as ledger:
        ledger.begin('train')
        assert ledger._connection is None and len(ledger.trainings()) == 1
        assert os.listdir(os.path.dirname(path)) == ['ledger.sqlite']


@pytest.mark.parametrize('read', [shutil.copy, zipped], ids=['copied', 'zipped'])
def test_a_ledger_that_its_own_program_has_copied_sends_nothing_twice(ledger, path, read):
    ledger.begin('train', key='first')
    read(path, path + '.copy')
    run('Ledger(sys.argv[1]).close()', path)  # and is the last that has it open, as it believes
    worker = subprocess.Popen(command_of('''
ledger = Ledger(sys.argv[1])
print('ready', flush=True)
for key in sys.stdin:
    print(ledger.begin('train', key=key.strip(), person='worker').id, flush=True)
''', path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with worker:
        assert worker.stdout.readline() == b'ready\n'
        row = ledger.begin('train', key='of both')
        worker.stdin.write(b'of the worker\n')
        assert int(worker.stdout.readline()) == row.id + 1
        with pytest.raises(InDoubtError):
            ledger.begin('train', key='of the worker')
        worker.stdin.close()
    keys = [found.key for found in ledger.trainings()]
    assert keys == ['of the worker', 'of both', 'first']


def test_a_ledger_pickles_as_its_path(ledger):
    row = ledger.begin('train')
    with pickle.loads(pickle.dumps(ledger)) as twin:
        assert [found.id for found in twin.unsettled()] == [row.id]


def test_a_ledger_follows_no_change_of_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(str(tmp_path))
    with Ledger('l.sqlite') as ledger:
        (tmp_path / 'sub').mkdir()
        monkeypatch.chdir(str(tmp_path / 'sub'))
        ledger.begin('train')
        assert os.listdir(str(tmp_path / 'sub')) == []


# Files that cannot be used


@pytest.mark.parametrize('content', [
    b'{"format": "ai-portrait-model"}' * 50, b'x', b'{"a": 1}', b'x' * 511, b'x' * 512, b'x' * 700,
    b'\0' * 5000, b'SQLite format 3\0', b'SQLite format 3\0' * 40],
    ids=lambda content: '{} x {}'.format(ascii(content[:9]), len(content)))
def test_a_file_of_something_else_is_named_and_left_alone(path, content):
    with open(path, 'wb') as stream:
        stream.write(content)
    with pytest.raises(LedgerError, match=re.escape(path) + '.*give another file'):
        Ledger(path)
    with open(path, 'rb') as stream:
        assert stream.read() == content


def test_a_database_of_something_else_is_left_alone(path):
    other = sqlite3.connect(path)
    other.execute('CREATE TABLE calls (a)')
    other.commit()
    other.close()
    before = bytes_of(path)
    with pytest.raises(LedgerError, match='database of this kind'):
        Ledger(path)
    assert bytes_of(path) == before


def test_a_file_of_a_newer_version_is_refused_and_says_so(path):
    Ledger(path).close()
    other = sqlite3.connect(path)
    other.execute('PRAGMA user_version = 3')
    other.close()
    with pytest.raises(LedgerError, match='database of this kind'):
        Ledger(path)


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    for place in (tmp_path, tmp_path / 'no' / 'l.sqlite'):
        with pytest.raises(LedgerError, match=re.escape(str(place))):
            Ledger(place)
    assert os.listdir(str(tmp_path)) == []


@POSIX
@pytest.mark.parametrize('kind', ['S_IFIFO', 'S_IFCHR'])
def test_a_pipe_or_device_is_refused_and_keeps_its_mode(path, kind):
    try:
        os.mknod(path, getattr(stat, kind), os.makedev(1, 3))  # the null device of Linux
    except OSError:
        pytest.skip('only root makes devices')
    os.chmod(path, 0o644)
    before = os.stat(path).st_mode
    with pytest.raises(LedgerError, match=re.escape(path)):
        Ledger(path)
    assert os.stat(path).st_mode == before


def test_an_empty_file_becomes_a_ledger_of_mode_600(path):
    open(path, 'wb').close()
    os.chmod(path, 0o644)
    with Ledger(path) as ledger:
        ledger.begin('train')
    assert os.name != 'posix' or stat.S_IMODE(os.stat(path).st_mode) == 0o600


@POSIX
def test_a_file_that_may_only_be_read_is_refused_before_anything_is_paid(tmp_path):
    Ledger(tmp_path / 'l.sqlite').close()
    (tmp_path / 'l.sqlite').chmod(0o444)
    open_to_all(tmp_path)
    said = as_nobody('from ai_service_python_sdk.ledger import Ledger, LedgerError', '''
try:
    Ledger(sys.argv[1]).begin('train')
except LedgerError as error:
    print(sys.argv[1] in str(error))
''', tmp_path / 'l.sqlite')
    assert said == 'True'


def test_a_closed_ledger_says_so(ledger):
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match='closed'):
        ledger.begin('train')


@pytest.mark.parametrize('put', [os.remove, lambda path: Ledger(path).begin('train', key='b')])
def test_a_file_that_was_moved_or_replaced_in_use_is_refused_and_has_all_its_rows(
        ledger, path, put):
    row = ledger.begin('train', key='a')
    shutil.copy(path, path + '.copy')
    os.rename(path, path + '.old')
    with suppress(FileNotFoundError):
        put(path)
    for work in (lambda: ledger.begin('train', key='a'), lambda: ledger.settle(row, job_id=1)):
        with pytest.raises(LedgerError, match='moved'):
            work()
    for name in ('.old', '.copy'):
        with Ledger(path + name) as found:
            assert [row.key for row in found.trainings()] == ['a']


@POSIX
def test_on_a_full_disk_a_call_is_refused_before_it_leaves_and_the_rest_stays(path):
    resource = pytest.importorskip('resource')
    assert resource
    out = run('''
import resource
from ai_service_python_sdk.util.language import set_language
set_language('en')
ledger = Ledger(sys.argv[1])
files = [os.path.join(os.path.dirname(sys.argv[1]), name)
         for name in os.listdir(os.path.dirname(sys.argv[1]))]
size = max(os.path.getsize(file) for file in files)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200000, size + 200000))
kept = 0
try:
    while kept < 10000:
        ledger.begin('train', photos=['http://h/%d' % n for n in range(20)])
        kept += 1
except LedgerError as error:
    print('error', str(error).startswith(sys.argv[1]))
print(kept, len(ledger.trainings(None)))
''', path)
    said = out.split()
    assert said[:2] == ['error', 'True'] and said[2] == said[3] and 0 < int(said[2]) < 10000
    with Ledger(path) as ledger:
        assert len(ledger.trainings(None)) == int(said[2])
        ledger.begin('train')


def test_an_answer_that_finds_the_disk_full_is_an_error_and_can_be_written_later(tmp_path):
    folder = tmp_path / 'small'
    folder.mkdir()
    with mounted('-t', 'tmpfs', '-o', 'size=400k', 'none', str(folder)):
        with Ledger(folder / 'l.sqlite') as ledger:
            row = ledger.begin('train', photos=PHOTOS)
            with open(str(folder / 'filler'), 'wb', 0) as filler:
                with pytest.raises(OSError):
                    while True:
                        filler.write(b'x' * 4096)
            with pytest.raises(LedgerError, match='disk'):
                for _ in range(100):  # what is there of the journal is filled first
                    ledger.begin('train', photos=PHOTOS)
            with pytest.raises(LedgerError, match='disk'):
                ledger.settle(row, job_id=1, model_id='m' * 400000)  # a short one has room
            assert ledger.same_training(PHOTOS).state == UNSETTLED
            with Ledger(folder / 'l.sqlite') as other:  # to read it needs no room
                assert len(other.unsettled()) >= 1
            os.remove(str(folder / 'filler'))
            assert ledger.settle(row, job_id=1, model_id='m').state == ACCEPTED


def test_a_portrait_that_is_lost_names_the_call_that_pays_for_no_training(ledger):
    row = ledger.settle(ledger.begin('create', template=PHOTOS[0], model_ids=['m-1'], key='k'),
                        saved='/nowhere/p.jpg')
    error = AlreadyPaidError(row)
    for hint in (error.hint_en, error.hint_zh):
        assert "studio.create(['m-1'], template, key=ANOTHER_KEY)" in hint
    assert 'saved: /nowhere/p.jpg' in str(error)


def test_errors_pickle_and_speak_both_languages(path):
    error = pickle.loads(pickle.dumps(LedgerError(path, 'database or disk is full')))
    assert 'disk' in str(error) and path in str(error)
    set_language('zh')
    assert '磁盘' in str(error)


def test_a_file_has_one_place_whatever_links_lead_there(ledger, tmp_path):
    (tmp_path / 'x').mkdir()
    os.symlink(str(tmp_path / 'x'), str(tmp_path / 'y'))
    first, second = [ledger.begin('create', key=key) for key in 'ab']
    ledger.settle(first, saved=str(tmp_path / 'x' / 'p.jpg'))
    ledger.settle(second, saved=str(tmp_path / 'y' / 'p.jpg'))
    assert ledger.find('a').saved is None and ledger.find('b').saved


# A million rows


def test_a_list_without_a_limit_has_all_of_a_nights_work(ledger):
    made = [ledger.begin('create', key=str(number)).id for number in range(200)]
    assert [row.id for row in ledger.creations()] == made[::-1]
    assert len(ledger.calls()) == 200 and len(ledger.creations(limit=3)) == 3


def test_many_rows_are_listed_and_looked_up_in_a_second_each(path):
    """A million with LEDGER_ROWS=1000000; making them takes 20 seconds."""
    Ledger(path).close()
    started = time.time()
    other = sqlite3.connect(path)
    other.execute('PRAGMA synchronous=OFF')
    rows = int(os.environ.get('LEDGER_ROWS', 100000))
    other.execute('''
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
        INSERT INTO paid_calls (kind, operation, state, begun, key, person, photos, photos_mark,
            template, model_ids, configure, job_id, model_id, seconds)
        SELECT CASE i % 10 WHEN 0 THEN 'train' ELSE 'create' END, 'o',
            CASE i % 1000 WHEN 0 THEN 'failed' ELSE 'succeeded' END, '2026-01-01', 'k' || i,
            'p' || (i % 5000), '[]', 'mark' || i, 'null', '["m"]', 'null', i, 'm' || i, 1500
        FROM n'''.format(rows))
    other.commit()
    other.close()
    print('{} rows in {:.1f} s'.format(rows, time.time() - started))
    with Ledger(path) as ledger:
        for name, ask in [
                ('trainings', ledger.trainings), ('creations', ledger.creations),
                ('unsettled', ledger.unsettled), ('history', ledger.seconds_of_trainings),
                ('name', lambda: [ledger.model('p70')]),
                ('model', lambda: [ledger.model('m{}'.format(rows - 10))]),
                ('key', lambda: [ledger.find('k77')]),
                ('same', lambda: [ledger.same_training(PHOTOS)]),
                ('begin', lambda: [ledger.begin('train', photos=PHOTOS, key='x', again=False)]),
                ('unknown', lambda: [pytest.raises(LookupError, ledger.model, 'nobody')])]:
            started = time.time()
            found = ask()
            spent = time.time() - started
            print('{}: {} rows, {:.1f} ms'.format(name, len(found), spent * 1000))
            assert spent < 1, name
