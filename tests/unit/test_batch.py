# -*- coding: utf-8 -*-
"""A night's work over a scripted service: paid once, resumed, slowed down, stopped."""
import errno
import gc
import io
import itertools
import json
import os
import shutil
import threading

import pytest
from support import PHOTOS as SAMPLES
from support import service as service_module
from support.clock import Clock
from support.service import HOST, JPEG

from ai_service_python_sdk import (
    ApiClient, ApiException, Ledger, PortraitStudio, TrainedModel, batch, contact_sheet, progress,
    results)
from ai_service_python_sdk.batch import BatchResult, _name_models
from ai_service_python_sdk.cli import main
from ai_service_python_sdk.client.exceptions import ConnectFailedError
from ai_service_python_sdk.client.retry import RetryPolicy
from ai_service_python_sdk.ledger import ACCEPTED, FAILED, SUCCEEDED, UNSETTLED
from ai_service_python_sdk.orders import Order, Orders
from ai_service_python_sdk.util.kept import PhotoUrl, photo_of
from ai_service_python_sdk.util.language import set_language

PHOTOS = ['https://h.test/{}.jpg'.format(index) for index in range(5)]
TEMPLATE = 'https://h.test/t{}.jpg'
SLOW = 429, {'code': 'error', 'message': 'too many calls'}
USED_UP = 400, {'code': 'EXCEEDED_QUOTA_ERROR', 'message': 'exceeded quota'}
UNFIT = {'check_results': [{'code': 3, 'message': 'more than one face', 'url': 'u'}]}


@pytest.fixture(autouse=True)
def in_english(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    set_language('en')
    yield
    set_language(None)


@pytest.fixture
def ledger():
    with Ledger('ledger.sqlite') as ledger:
        yield ledger


@pytest.fixture
def studio(service, ledger):
    """A studio whose pauses take no time, and are noted."""
    clock = [0.0]

    def sleep(seconds):
        clock.append(clock[-1] + seconds)

    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, ledger=ledger, clock=lambda: clock[-1], sleep=sleep,
                                chance=lambda: 0.0)
        studio.slept = clock
        yield studio


def orders(count, person='Grace', **more):
    return [dict(more, person=person, photos=PHOTOS, template=TEMPLATE.format(number))
            for number in range(count)]


def states(results):
    return [result.state for result in sorted(results, key=lambda result: result.index)]


def trained(ledger, person='Grace', state=SUCCEEDED):
    row = ledger.begin('train', photos=PHOTOS, person=person)
    ledger.settle(row, job_id=11, model_id='m-11', state=state)


def test_a_person_is_checked_and_trained_once_and_each_portrait_is_saved(studio, service, ledger):
    done = list(studio.batch(orders(3), 'out'))
    assert states(done) == ['saved'] * 3
    # Photos and templates are looked at before the training is paid for.
    assert service.names()[:2] == ['check'] * 2
    assert [name for name in service.names() if name != 'check'] == [
        'train', 'job', 'create', 'create', 'create']
    for result in done:
        with open(result.path, 'rb') as stream:
            assert stream.read() == JPEG
        assert result.path.startswith(os.path.join('out', 'Grace_t'))
    assert [row.state for row in ledger.calls()] == [SUCCEEDED] * 4


class Shelf(object):
    """A place for uploads that counts them."""

    def __init__(self):
        self.puts, self.there = 0, set()

    def put(self, path):
        url = 'https://shelf.test/' + os.path.basename(path)
        self.puts += 1
        self.there.add(url)
        return url

    def discard(self, url):
        self.there.remove(url)


def test_photos_are_uploaded_once_for_check_and_training(service, ledger):
    pytest.importorskip('PIL.ImageOps', reason='the extra "images" brings Pillow')
    shelf = Shelf()
    photos = [os.path.join(SAMPLES, 'collins_{}.jpg'.format(index)) for index in range(5)]
    template = os.path.join(SAMPLES, 'template_single_hopper.jpg')
    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, ledger=ledger, uploads=shelf, sleep=lambda seconds: None)
        done = list(studio.batch([dict(person='A', photos=photos, template=template)], 'out'))
    assert states(done) == ['saved']
    # The photos, and the template for the look at it and for the creation.
    assert shelf.puts == 5 + 1 + 1 and not shelf.there


def test_run_again_it_sends_nothing_and_says_where_the_portraits_are(studio, service):
    first = list(studio.batch(orders(3), 'out'))
    del service.asked[:]
    again = list(studio.batch(orders(4), 'out'))
    assert states(again) == ['there'] * 3 + ['saved'] and service.names() == ['create']
    assert sorted(os.path.abspath(result.path) for result in first) == sorted(
        result.path for result in again if result.state == 'there')


def test_a_model_of_the_name_does_for_orders_without_photos(studio, service, ledger):
    trained(ledger)
    given = [dict(person=person, template=TEMPLATE.format(0)) for person in ('Grace', 'Alan')]
    assert states(studio.batch(given, 'out')) == ['saved', 'failed']
    assert service.names() == ['create']


def test_the_model_of_another_person_of_the_same_name_is_not_used(studio, service, ledger):
    trained(ledger)
    other = [dict(person='Grace', template=TEMPLATE.format(0),
                  photos=[url + '/other' for url in PHOTOS])]
    assert states(studio.batch(other, 'out')) == ['saved'] and 'train' in service.names()


def test_where_two_persons_have_one_name_an_order_without_photos_pays_for_no_portrait(
        studio, service, ledger):
    trained(ledger)
    nameless = dict(orders(1, key='1')[0], photos='')
    assert states(studio.batch([nameless], 'out')) == ['saved']
    other = ledger.begin('train', photos=PHOTOS[1:], person='Grace')
    ledger.settle(other, job_id=12, model_id='m-12')
    again = dict(nameless, template=TEMPLATE.format(1), key='2')
    (_, column, why), = studio.batch([again], 'out').plan().problems
    assert column == 'photos' and 'models of several persons' in why
    # What is known by its key is there; photos say who is meant.
    assert states(studio.batch([nameless, again], 'out')) == ['there', 'failed']
    assert states(studio.batch([dict(again, photos=PHOTOS)], 'out')) == ['saved']
    assert service.names() == ['create'] * 2 and ledger.creations()[0].model_ids == ['m-11']
    # Trained anew with the same photos, it is the same person.
    ledger.finished(12, FAILED)
    trained(ledger)
    assert states(studio.batch([dict(again, template=TEMPLATE.format(2), key='3')],
                               'out')) == ['saved']


def test_a_training_that_goes_on_is_waited_for(studio, service, ledger):
    trained(ledger, state=ACCEPTED)
    service.states = [1, 2]
    assert states(studio.batch(orders(2), 'out')) == ['saved', 'saved']
    assert service.names() == ['job', 'job', 'create', 'create']
    assert ledger.model('Grace').state == SUCCEEDED


def test_a_training_that_the_service_does_not_know_any_more_is_named_and_not_said_to_go_on(
        studio, service, ledger, caplog):
    service.answers['job'] = 404, {'code': 'error', 'message': 'job not found'}
    done, = studio.batch(orders(1), 'out')
    assert (done.error.job_id, done.error.model_id) == (11, 'm-11')
    assert 'has to be trained again' in done.error.hint and 'go on' not in caplog.text


def test_a_failed_training_ends_its_orders_and_is_not_paid_for_again_in_the_same_run(
        studio, service, ledger):
    service.states = [3]
    assert states(studio.batch(orders(1) + orders(2)[1:], 'out')) == ['failed', 'failed']
    assert service.names().count('train') == 1 and ledger.trainings()[0].state == FAILED
    service.states = [2]
    assert states(studio.batch(orders(1), 'out')) == ['saved']


def test_a_template_that_does_not_fit_costs_no_training(studio, service):
    fits = service.answers['check']
    service.answers['check'] = [fits, UNFIT]
    assert states(studio.batch(orders(1), 'out')) == ['failed']
    service.answers['check'] = fits
    assert states(studio.batch(orders(1), 'out', check_template=False)) == ['saved']
    assert service.names() == ['check'] * 3 + ['train', 'job', 'create']


def test_429_slows_all_calls_down_and_loses_nothing(studio, service, ledger):
    service.answers['train'] = [SLOW, service.answers['train']]
    service.answers['create'] = [SLOW] * 2 + [service.answers['create']] * 5
    done = list(studio.batch(orders(5), 'out', concurrency=1))
    assert states(done) == ['saved'] * 5 and studio.slept[-1] == 1 + 1 + 2
    assert sum(result.tries for result in done) == 7


def test_orders_that_were_not_read_yet_are_made_after_the_looks_of_others_were_too_many(
        studio, service, ledger, monkeypatch):
    monkeypatch.setattr(batch, 'AHEAD', 1)
    studio._client.configuration.retry_policy = RetryPolicy(repeats=0)
    trained(ledger, state=ACCEPTED)
    trained(ledger, 'Alan')
    service.answers['job'] = SLOW
    done = list(studio.batch(orders(5) + orders(3, 'Alan'), 'out', concurrency=4))
    assert states(done) == ['failed'] * 5 + ['saved'] * 3


def test_after_the_quota_is_used_up_nothing_more_is_sent(studio, service, ledger):
    trained(ledger)
    service.answers['create'] = [service.answers['create'], USED_UP]
    done = states(studio.batch(orders(9), 'out', concurrency=1))
    assert done == ['saved', 'failed'] + ['not_sent'] * 7 and len(service.asked) == 2


def test_orders_that_are_read_after_the_quota_is_used_up_are_not_sent(
        studio, service, ledger, monkeypatch):
    monkeypatch.setattr(batch, 'AHEAD', 1)
    trained(ledger)
    service.answers['create'] = USED_UP
    done = states(studio.batch(orders(9), 'out', concurrency=1))
    assert done == ['failed'] + ['not_sent'] * 8 and len(service.asked) == 1


class Gate(object):
    """Lets a portrait be made once photos are being checked; that check ends when told."""

    def __init__(self, studio):
        self.is_checking, self.may_end = threading.Event(), threading.Event()
        self.moments = {}
        self._studio, self._send = studio, studio._client.rest_client.POST
        studio._client.rest_client.POST = self

    def __call__(self, url, *args, **named):
        name = url.rpartition('/')[2]
        self.moments.setdefault(name, self._studio.slept[-1])
        if name == 'check':
            self.is_checking.set()
        if name in ('check', 'create'):
            event = self.may_end if name == 'check' else self.is_checking
            assert event.wait(60)
        return self._send(url, *args, **named)


@pytest.mark.parametrize('ending', ['closed', 'interrupted', 'quota used up', 'unsaved'])
def test_who_is_being_checked_when_a_batch_comes_to_its_end_is_not_trained(
        studio, service, ledger, monkeypatch, tmp_path, ending):
    def full(data, path, replaces):
        raise OSError(errno.ENOSPC, 'full', path)

    def interrupt(batch):
        if batch.counts:
            raise KeyboardInterrupt
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    trained(ledger)
    gate = Gate(studio)
    batch = studio.batch(orders(1) + orders(1, 'Eileen'), 'out')
    if ending == 'quota used up':
        service.answers['create'] = USED_UP
    elif ending == 'unsaved':
        monkeypatch.setattr(results, 'write_whole', full)
    elif ending == 'interrupted':
        batch.on_tick = interrupt
        with pytest.raises(KeyboardInterrupt):
            next(batch)
    if ending != 'interrupted':
        assert next(batch).order.person == 'Grace'
    if ending == 'closed':
        batch.close()
    gate.may_end.set()
    assert states(batch) == ([] if ending in ('closed', 'interrupted') else ['not_sent'])
    # Nor is a template looked at.
    assert batch.settle(60) and sorted(service.names()) == ['check', 'create']
    assert [row.person for row in ledger.trainings()] == ['Grace']


def test_who_is_being_checked_when_the_source_of_orders_breaks_is_not_trained(
        studio, service, ledger):
    trained(ledger)
    gate = Gate(studio)

    def source():
        for order in orders(1) + orders(1, 'Eileen'):
            yield order
        assert gate.is_checking.wait(60)
        raise IOError('the disk')
    batch, done = studio.batch(source(), 'out'), []
    with pytest.raises(IOError, match='the disk'):
        for result in batch:
            done.append((result.order.person, result.state))
            gate.may_end.set()
    assert done == [('Grace', 'saved'), ('Eileen', 'not_sent')]
    assert sorted(service.names()) == ['check', 'create']


def test_what_is_in_doubt_is_left_alone_unless_told(studio, service, ledger):
    trained(ledger)
    assert states(studio.batch(orders(2), 'out', concurrency=1)) == ['saved'] * 2
    made = ledger.creations()[-1]
    ledger._update(made, 'state = ?, saved = NULL', UNSETTLED)
    os.remove(made.saved)
    plan = studio.batch(orders(2), 'out').plan()
    assert plan.unsettled == [made.id] and plan.states['in_doubt'] == 1
    assert states(studio.batch(orders(2), 'out')) == ['in_doubt', 'there']
    assert states(studio.batch(orders(2), 'out', again_unsettled=True)) == ['saved', 'there']


def test_orders_of_a_training_in_doubt_are_left_alone_unless_told(studio, service, ledger):
    ledger.begin('train', photos=PHOTOS, person='Grace')
    assert states(studio.batch(orders(2), 'out')) == ['in_doubt'] * 2 and not service.asked
    assert studio.batch(orders(2), 'out').plan().unsettled == [1]
    plan = studio.batch(orders(2), 'out', again_unsettled=True).plan()
    assert (plan.again, plan.unsettled, plan.trainings) == ([1], [], 1)
    assert states(studio.batch(orders(2), 'out', again_unsettled=True)) == ['saved'] * 2


def test_a_training_in_doubt_that_has_ids_is_left_alone_too(studio, service, ledger):
    row = ledger.begin('train', photos=PHOTOS, person='Grace')
    ledger.settle(row, job_id=11, model_id='m-11', state=UNSETTLED)
    assert states(studio.batch(orders(2), 'out')) == ['in_doubt'] * 2 and not service.asked
    assert studio.batch(orders(2), 'out').plan().unsettled == [1]


def test_the_same_order_twice_is_paid_for_once_also_where_unsettled_ones_go_again(
        studio, service, ledger):
    done = list(studio.batch(orders(1) * 9, 'out', again_unsettled=True))
    assert set(states(done)) <= {'saved', 'there', 'failed'} and len(done) == 9
    assert service.names().count('train') == service.names().count('create') == 1


def test_a_portrait_that_was_saved_before_a_kill_is_found(studio, service, ledger):
    trained(ledger)
    made, = studio.batch(orders(1), 'out')
    row, = ledger.creations()
    ledger._update(row, 'state = ?, saved = NULL', UNSETTLED)
    again, = studio.batch(orders(1), 'out')
    row, = ledger.creations()
    assert again.state == 'there' and again.path == made.path and service.names() == ['create']
    assert row.state == SUCCEEDED and row.saved == os.path.abspath(made.path)


def test_a_picture_that_is_replaced_after_the_plan_is_known_as_the_one_that_was_sent(
        studio, service, ledger):
    def batch():
        work = studio.batch(Orders([dict(orders(1)[0], template='t.jpg')], local=True), 'out')
        work.locate = lambda words: [TEMPLATE] * len(words)
        return work
    trained(ledger)
    with open('t.jpg', 'wb') as stream:
        stream.write(b'first')
    work = batch()
    assert work.plan().creations == 1
    with open('t.jpg', 'wb') as stream:  # while the prompt asks whether to pay
        stream.write(b'second')
    assert states(work) == ['saved'] and states(batch()) == ['there']
    assert service.names() == ['create']


def test_pictures_that_are_replaced_while_their_order_waits_are_known_as_those_that_were_sent(
        studio, service, ledger):
    names, is_replaced = ['{}.jpg'.format(number) for number in range(12)], threading.Event()
    rows = [{'person': 'Grace', 'photos': names[:5], 'template': names[5]},
            {'person': 'Eileen', 'photos': names[6:11], 'template': names[11]}]

    def write(names, content):
        for name in names:
            with open(name, 'w') as stream:
                stream.write(content + name)

    def read():
        for row in rows:
            yield row
        write(['6.jpg', '11.jpg'], 'replaced')  # Eileen waits: Grace is being trained
        is_replaced.set()

    def located(words):
        assert is_replaced.wait(9)
        urls = [PhotoUrl('https://h.test/' + word) for word in words]
        for url, word in zip(urls, words):
            url.photo = photo_of(word)
        return urls

    def batch(source):
        work = studio.batch(Orders(source, local=True), 'out', trainings=1)
        work.locate = located
        return work
    write(names, 'first')
    made = list(batch(read()))
    assert states(made) == ['saved'] * 2
    assert states(batch(rows)) == ['there'] * 2
    assert sorted(result.key for result in made) == sorted(row.key for row in ledger.creations())
    assert [service.names().count(name) for name in ('train', 'create')] == [2, 2]


def test_a_key_of_its_own_that_begins_as_ours_do_is_kept_and_serves_one_order_only(
        studio, service, ledger):
    rows = [dict(row, key='batch-{}'.format(number))
            for number in range(2) for row in orders(1)]
    made = list(studio.batch(rows, 'out'))
    assert states(made) == ['saved'] * 2
    assert sorted(row.key for row in ledger.creations()) == ['batch-0', 'batch-1']
    assert states(studio.batch(rows, 'out')) == ['there'] * 2
    assert service.names().count('create') == 2
    other, = studio.batch(orders(1, 'Eileen', key='batch-0'), 'out')
    assert 'give another key' in str(other.error)


def test_a_portrait_that_was_paid_for_and_is_gone_is_not_paid_for_again(studio, service, ledger):
    trained(ledger)
    made, = studio.batch(orders(1), 'out')
    os.remove(made.path)
    assert states(studio.batch(orders(1), 'out')) == ['lost'] and service.names() == ['create']
    assert states(studio.batch(orders(1, key='another'), 'out')) == ['saved']


def test_a_file_of_something_else_is_not_replaced(studio, service, ledger):
    trained(ledger)
    os.mkdir('out')
    with open('out/me.jpg', 'wb') as stream:
        stream.write(b'mine')
    done, = studio.batch(orders(1, out='me.jpg'), 'out')
    assert done.state == 'failed' and 'does not know it' in str(done.error)
    assert not service.asked


def test_portraits_that_a_restored_ledger_does_not_know_are_neither_paid_for_nor_handed_out(
        studio, service, ledger):
    trained(ledger)
    backup = ledger.path + '.backup'
    shutil.copy(ledger.path, backup)
    assert states(studio.batch(orders(2), 'out')) == ['saved'] * 2
    shutil.copy(backup, ledger.path)
    assert len(studio.batch(orders(2), 'out').plan().problems) == 2
    done = list(studio.batch(orders(2), 'out'))
    assert states(done) == ['failed'] * 2 and service.names().count('create') == 2
    assert 'does not know it: use the ledger that it was made with' in str(done[0].error)
    os.remove(os.path.join('out', sorted(os.listdir('out'))[0]))
    assert sorted(states(studio.batch(orders(2), 'out'))) == ['failed', 'saved']


def test_the_index_of_a_result_is_the_place_of_its_order_however_often_trainings_are_looked_at(
        studio, service, monkeypatch):
    monkeypatch.setattr(batch, 'AHEAD', 1)
    service.states = [1] * 9 + [2]
    given = [dict(orders(1, name)[0], photos=[url + '?' + name for url in PHOTOS])
             for name in ('Ann', 'Bob', 'Cid', 'Dan')]
    done = list(studio.batch(given, 'out'))
    assert sorted((result.index, result.order.line) for result in done) == [
        (0, 1), (1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize('name, out', [('王', None), ('Ann', '王.jpg'), ('Ann', '王/a.jpg')])
def test_a_name_that_this_system_cannot_write_is_told_at_the_plan_before_anything_is_paid(
        studio, service, monkeypatch, name, out):
    # As LC_ALL=C makes it.
    monkeypatch.setattr(os, 'fsencode', lambda name: name if isinstance(
        name, bytes) else name.encode('ascii', 'surrogateescape'))
    given = orders(1, name, out=out) + orders(1, 'Bob', out='a.jpg')
    plan = studio.batch(given, 'out').plan()
    (line, column, why), = plan.problems
    assert (line, column, plan.creations) == (1, 'out', 1) and 'LC_ALL=C.UTF-8' in why
    assert states(studio.batch(given[:1], 'out')) == ['failed'] and not service.asked


def test_a_portrait_that_was_saved_under_a_name_that_this_system_lacks_is_not_paid_for_again(
        studio, service, ledger, monkeypatch):
    trained(ledger)
    next(studio.batch(orders(1, key='k'), '王'))
    del service.asked[:]
    monkeypatch.setattr(os, 'fsencode', lambda name: name if isinstance(
        name, bytes) else name.encode('ascii', 'surrogateescape'))
    is_file = os.path.isfile  # before 3.8 it raises for such a name
    monkeypatch.setattr(os.path, 'isfile', lambda place: is_file(os.fsencode(place)))
    assert states(studio.batch(orders(1, key='k'), 'out')) == ['lost'] and not service.asked


@pytest.mark.parametrize('out', ['file', 'file/', os.path.abspath(__file__)])
def test_a_file_in_the_place_of_the_folder_of_the_portraits_is_told_once(studio, service, out):
    open('file', 'w').close()
    assert not studio.batch(orders(2) + orders(1, out='sub/a.jpg', key='k'), out).plan().problems
    with pytest.raises(OSError):
        next(studio.batch(orders(2), out))
    assert not service.asked


@pytest.mark.parametrize('folder', ['.', 'new', 'new/', 'new//deeper', './new'])
def test_whatever_the_folder_of_the_portraits_is_called_what_is_in_the_way_is_told(studio, folder):
    os.makedirs(os.path.join(folder, 'folder.jpg'))
    given = orders(1, out='sub/deeper/a.jpg') + orders(1, out='folder.jpg', key='k')
    (line, _, _), = studio.batch(given, folder).plan().problems
    assert line == 2


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='a folder that is closed to root too')
def test_a_folder_that_takes_no_file_is_told_before_anything_is_sent(studio, service, ledger):
    with pytest.raises(OSError) as caught:
        next(studio.batch(orders(1), '/proc/self'))
    assert caught.value.filename.startswith('/proc/self') and not service.asked
    assert not ledger.calls()


def test_on_a_full_disk_the_portrait_is_kept_elsewhere_and_no_other_one_is_paid_for(
        studio, service, ledger, monkeypatch):
    trained(ledger)

    def full(data, path, replaces):
        raise OSError(errno.ENOSPC, 'full', path)
    monkeypatch.setattr(results, 'write_whole', full)
    first, second = studio.batch(orders(2), 'out', concurrency=1)
    with open(first.path, 'rb') as stream:
        assert stream.read() == JPEG and os.path.dirname(first.path) != 'out'
    os.remove(first.path)
    assert first.error.errno == errno.ENOSPC and second.state == 'not_sent'
    assert ledger.creations()[0].saved == first.path and service.names() == ['create']


def test_a_file_that_another_batch_has_made_meanwhile_stays_and_the_rest_is_made(
        studio, service, ledger):
    trained(ledger)
    send = studio._client.rest_client.POST

    def slow(*args, **named):
        if not os.path.exists(os.path.join('out', 'a.jpg')):
            with open(os.path.join('out', 'a.jpg'), 'wb') as stream:
                stream.write(b'of the other batch')
        return send(*args, **named)
    studio._client.rest_client.POST = slow
    first, second = studio.batch([dict(orders(1)[0], out='a.jpg'), orders(2)[1]], 'out',
                                 concurrency=1)
    assert isinstance(first.error, FileExistsError) and second.state == 'saved'
    with open(os.path.join('out', 'a.jpg'), 'rb') as stream:
        assert stream.read() == b'of the other batch'
    with open(first.path, 'rb') as stream:
        assert stream.read() == JPEG
    os.remove(first.path)


def test_a_signature_of_a_url_makes_no_new_order_and_another_query_does(studio, ledger):
    trained(ledger)
    urls = [TEMPLATE.format(0) + query for query in (
        '?id=1&Expires=1&Signature=a', '?id=1&Expires=2&Signature=b', '?id=2')]
    done = list(studio.batch([dict(person='Grace', photos=PHOTOS, template=url) for url in urls],
                             'out', concurrency=1))
    assert done[0].key == done[1].key != done[2].key
    assert len(ledger.creations()) == 2


def test_photos_that_only_their_query_tells_apart_are_known_after_a_new_signature(studio, ledger):
    def photos(signature):
        return ['https://h.test/photo?id={}&Expires=1&Signature={}'.format(number, signature)
                for number in range(5)]
    row = ledger.begin('train', photos=photos('a'), person='Grace')
    ledger.settle(row, job_id=11, model_id='m-11', state=SUCCEEDED)
    assert studio.batch([dict(orders(1)[0], photos=photos('b'))]).plan().trainings == 0
    other = photos('b')[1:] + ['https://h.test/photo?id=9&Expires=1&Signature=b']
    assert studio.batch([dict(orders(1)[0], photos=other)]).plan().trainings == 1


def test_an_order_whose_photos_are_left_out_later_is_the_same_order(studio, service):
    assert states(studio.batch(orders(1), 'out')) == ['saved']
    assert states(studio.batch([dict(orders(1)[0], photos='')], 'out')) == ['there']
    assert states(studio.batch([dict(orders(2)[1], photos='')], 'out')) == ['saved']
    assert states(studio.batch(orders(2), 'out')) == ['there'] * 2
    assert service.names().count('create') == 2


@pytest.mark.parametrize('state', [SUCCEEDED, UNSETTLED])
def test_the_portrait_of_another_order_in_the_same_place_is_not_handed_out(
        studio, service, ledger, state):
    trained(ledger)
    trained(ledger, 'Eileen')
    grace = dict(orders(1)[0], out='1.jpg')
    list(studio.batch([grace], 'out'))
    row, = ledger.creations()
    os.rename('out', 'elsewhere')
    if state == UNSETTLED:
        ledger.settle(row, state=UNSETTLED)
        ledger.saved(row, None)
    assert states(studio.batch([dict(grace, person='Eileen')], 'out')) == ['saved']
    wanted = {SUCCEEDED: 'lost', UNSETTLED: 'in_doubt'}[state]
    assert states(studio.batch([grace], 'out')) == [wanted]
    assert ledger.find(row.key).state == state
    assert states(studio.batch([grace], 'elsewhere')) == ['there']
    assert service.names().count('create') == 2


def test_a_row_that_is_put_before_others_with_numbers_for_names_is_told_whose_name_it_has(
        studio, service, ledger):
    trained(ledger)
    list(studio.batch(orders(1, out='1.jpg'), 'out'))
    first, second = orders(2)
    done = list(studio.batch([dict(second, out='1.jpg'), dict(first, out='2.jpg')], 'out'))
    assert states(done) == ['failed', 'there'] and service.names() == ['create']
    told, = [str(result.error) for result in done if result.error]
    assert 'out: row 2 of the ledger has it for another order; give another name' in told


def test_a_name_is_the_same_however_its_accent_is_written(studio, service, ledger):
    trained(ledger, 'Zo\u00eb')
    assert states(studio.batch(orders(1, 'Zoe\u0308'), 'out')) == ['saved']
    assert states(studio.batch(orders(1, 'Zo\u00eb'), 'out')) == ['there']
    assert service.names().count('train') == 0


@pytest.mark.skipif(os.name != 'posix', reason='names as POSIX has them')
@pytest.mark.parametrize('names', [
    ['cafe\u0301_a.jpg', 'cafe\u0301_b.jpg'], [b'caf\xe9_a.jpg', b'caf\xe9_b.jpg'],
    ['caf\udce9_a.jpg', 'caf\udce9_b.jpg']], ids=['NFD', 'bytes', 'surrogate escapes'])
def test_several_templates_of_a_row_are_found_again_whatever_their_files_are_called(
        studio, service, ledger, names):
    trained(ledger)
    for name in names:
        with open(name, 'wb') as stream:
            stream.write(os.fsencode(name))
    row = dict(orders(1)[0], template=names)

    def located(words):
        # As the prompt does for its emulator.
        urls = [PhotoUrl('https://h.test/{}.jpg'.format(number)) for number in range(len(words))]
        for url, word in zip(urls, words):
            url.photo = photo_of(word)
        return urls

    def batch():
        work = studio.batch(Orders([row], local=True), 'out')
        work.locate = located
        return work
    assert states(batch()) == ['saved'] * 2
    plan = batch().plan()
    assert (plan.problems, plan.creations, plan.states['there']) == ([], 0, 2)
    assert states(batch()) == ['there'] * 2
    assert service.names().count('create') == 2


@pytest.mark.parametrize('more', [
    {'person': 'Eileen'}, {'template': TEMPLATE.format(9)}, {'template': TEMPLATE.format(
        0) + '?id=2'}], ids=['person', 'template', 'query'])
def test_a_key_of_another_person_or_template_hands_out_no_portrait(studio, ledger, more):
    trained(ledger)
    eileen = ledger.begin('train', photos=PHOTOS, person='Eileen')
    ledger.settle(eileen, job_id=12, model_id='m-12', state=SUCCEEDED)
    assert states(studio.batch(orders(1, key='1'), 'out')) == ['saved']
    plan = studio.batch([dict(orders(1, key='1')[0], **more)], 'out').plan()
    (_, column, why), = plan.problems
    assert column == 'key' and 'another person' in why


def test_a_number_is_the_same_order_with_and_without_a_point(studio, service, ledger):
    trained(ledger)
    for value in (1, 1.0):
        list(studio.batch(orders(1, sharp_ratio=value), 'out'))
    assert service.names().count('create') == 1


@pytest.mark.parametrize('names', [
    ('a.jpg', './a.jpg'), ('a.jpg', 'A.JPG'), ('Zo\u00eb.jpg', 'zoe\u0308.jpg')],
    ids=['path', 'case', 'accent and case'])
def test_two_names_of_one_file_are_told(studio, ledger, names):
    trained(ledger)
    rows = [dict(orders(2)[number], out=out) for number, out in enumerate(names)]
    (_, column, _), = studio.batch(rows, 'out').plan().problems
    assert column == 'out'


@pytest.mark.parametrize('column', ['out', 'key'])
def test_two_orders_of_one_file_or_key_on_the_way_are_told_without_a_plan(
        studio, service, ledger, column):
    trained(ledger)
    rows = [dict(order, **{column: 'a.jpg'}) for order in orders(3)]
    done = list(studio.batch(rows, 'out'))
    assert sorted(states(done)) == ['failed', 'failed', 'saved']
    assert service.names().count('create') == 1
    assert all(column in str(result.error) for result in done if result.error)


def test_a_generator_is_not_taken_for_empty_when_it_was_read(studio, ledger):
    trained(ledger)
    batch = studio.batch((order for order in orders(1)), 'out')
    assert batch.plan().orders == 1
    with pytest.raises(ValueError, match='give a list or a file'):
        list(batch)


def test_orders_without_an_end_are_read_as_far_as_they_are_needed(studio, ledger, monkeypatch):
    assert batch.AHEAD <= 2000
    monkeypatch.setattr(batch, 'AHEAD', 200)
    trained(ledger)
    read = []

    def endless():
        for number in itertools.count():
            read.append(number)
            yield dict(person='Grace', photos=PHOTOS, template=TEMPLATE.format(number))
    work = studio.batch(endless(), 'out')
    done = [result.state for result in itertools.islice(work, 5)]
    work.close()
    assert work.settle(60)  # what is under way is not heard by the next test
    assert done == ['saved'] * 5 and len(read) < 300


def test_a_plan_counts_calls_and_people_and_tells_what_is_wrong(studio, service, ledger):
    trained(ledger)
    given = orders(3) + orders(2, 'Alan') + orders(1) + [{'person': 'Eve'}, {
        'person': 'Nobody', 'template': TEMPLATE.format(1)}]
    plan = studio.batch(given, 'out').plan()
    assert (plan.orders, plan.creations, plan.trainings, plan.checks) == (8, 5, 1, 1 + 2)
    assert (plan.trained, plan.waiting) == (1, 0) and not service.asked
    assert [problem[:2] for problem in plan.problems] == [
        (6, 'key'), (7, 'template'), (8, 'photos')]
    assert json.loads(json.dumps(plan.to_dict()))['creations'] == 5


def test_while_portraits_are_made_nothing_is_done_but_to_wait(service, ledger):
    trained(ledger)
    answer, ticks = service._answer, []

    def slow(name, request):
        threading.Event().wait(0.3)
        return answer(name, request)
    service._answer = slow
    with ApiClient(HOST, 'app', 'token') as client:
        batch = PortraitStudio(client, ledger=ledger).batch(orders(4), 'out', concurrency=1)
        batch.on_tick = ticks.append
        assert states(batch) == ['saved'] * 4
    assert len(ticks) < 60


def test_a_batch_needs_a_ledger_and_whole_numbers(service, ledger):
    with ApiClient(HOST, 'app', 'token') as client:
        with pytest.raises(ValueError, match='needs a ledger'):
            PortraitStudio(client).batch([])
        with pytest.raises(ValueError, match='concurrency'):
            PortraitStudio(client, ledger=ledger).batch([], trainings=0)


def test_a_result_is_plain_data(studio, service, ledger):
    trained(ledger)
    service.answers['create'] = [service.answers['create'], USED_UP]
    saved, failed = studio.batch(orders(2, out=None, sharp_ratio=0.2), 'out', concurrency=1)
    document = json.loads(json.dumps([saved.to_dict(), failed.to_dict()]))
    assert document[0]['portrait']['cost_time'] == 3.5 and document[0]['state'] == 'saved'
    assert document[1]['error']['code'] == 'EXCEEDED_QUOTA_ERROR' and document[1]['path'] is None
    assert document[1]['configure'] == {'sharp_ratio': 0.2} and 'failed' in repr(failed)


@pytest.mark.parametrize('out', ['sub/x.jpg', 'sub/deeper/x.jpg', 'folder.jpg'])
def test_a_file_or_folder_in_the_place_of_a_portrait_is_told_before_anything_is_paid(
        studio, service, out):
    os.makedirs('out/folder.jpg')
    with open('out/sub', 'w') as stream:
        stream.write('mine')
    given = orders(1, out=out) + orders(1, 'Ann', out='new/deeper/a.jpg', key='k')
    plan = studio.batch(given, 'out').plan()
    (line, column, why), = plan.problems
    assert (line, column, plan.creations) == (1, 'out', 1) and 'of the wrong kind' in why
    assert states(studio.batch(given[:1], 'out')) == ['failed'] and not service.asked


def test_a_folder_that_is_closed_to_a_portrait_is_told_before_anything_is_paid(
        studio, service, monkeypatch):
    os.makedirs('out/closed')
    can = os.access
    monkeypatch.setattr(os, 'access', lambda path, mode: (  # for root too
        not path.endswith('closed') and can(path, mode)))
    assert states(studio.batch(orders(1, out='closed/x.jpg'), 'out')) == ['failed']
    assert not service.asked


def test_a_look_at_a_template_that_fails_ends_the_orders_of_that_person_and_nothing_is_paid(
        studio, service, ledger):
    answer = service._answer
    service._answer = lambda name, request: (
        (503, {}, '{}') if name == 'check' and b't0.jpg' in request.body
        else answer(name, request))
    studio._client.configuration.retry_policy = RetryPolicy(repeats=0)
    trained(ledger, 'Alan')
    given = orders(2) + orders(1, 'Alan')
    assert states(studio.batch(given, 'out')) == ['failed', 'failed', 'saved']
    assert service.names().count('train') == 0
    service._answer = answer
    assert states(studio.batch(given, 'out')) == ['saved', 'saved', 'there']


def stop_in_training(batch):
    if any(person.model for person in batch.people.values()):
        raise KeyboardInterrupt()


def test_ctrl_c_names_the_trainings_that_go_on_and_the_photos_that_stay(
        service, ledger, caplog):
    pytest.importorskip('PIL.ImageOps', reason='the extra "images" brings Pillow')
    service.states, shelf = [1], Shelf()
    photos = [os.path.join(SAMPLES, 'collins_{}.jpg'.format(index)) for index in range(5)]
    with ApiClient(HOST, 'app', 'token') as client:
        studio = PortraitStudio(client, ledger=ledger, uploads=shelf, interval=0)
        batch = studio.batch([dict(person='A', photos=photos, template=TEMPLATE.format(0))], 'out')
        batch.on_tick = stop_in_training
        with pytest.raises(KeyboardInterrupt) as caught:
            list(batch)
    model, = caught.value.models
    assert (model.model_id, caught.value.job_id) == ('m-11', 11)
    assert sorted(caught.value.left) == sorted(shelf.there) and len(shelf.there) == 5
    assert '1 trainings go on' in caplog.text and sorted(shelf.there)[0] in caplog.text


def state_of_first(batch, closes):
    for result in batch:
        if closes:
            batch.close()
        return result.state


@pytest.mark.parametrize('closes', [True, False], ids=['close', 'break'])
def test_who_leaves_a_batch_hears_which_trainings_go_on(studio, service, ledger, caplog, closes):
    service.states = [1]
    trained(ledger, state=ACCEPTED)
    given = orders(1) + [dict(person='Alan', template=TEMPLATE.format(0))]
    state = state_of_first(studio.batch(given, 'out'), closes)
    for _ in range(500):  # a call that is under way holds the batch
        gc.collect()
        if 'go on' in caplog.text:
            break
        threading.Event().wait(0.02)
    assert state == 'failed' and '1 trainings go on' in caplog.text and 'm-11' in caplog.text


def stop_in_the_wait(batch):
    if any(person.model for person in batch.people.values()):
        batch.stop()


def test_an_order_whose_training_goes_on_when_a_batch_is_stopped_says_so(
        studio, service, ledger, caplog):
    service.states = [1]
    batch = studio.batch(orders(2), 'out')
    batch.on_tick = stop_in_the_wait
    done = list(batch)
    assert states(done) == ['not_sent'] * 2 and ledger.trainings()[0].state == ACCEPTED
    for error in [result.error for result in done]:
        assert (error.job_id, error.model_id, len(error.models)) == (11, 'm-11', 1)
        assert 'nothing is paid' not in str(error) and 'goes on' in error.summary
        assert error.to_dict()['models'] and not error.safe_to_repeat
    assert '1 trainings go on' in caplog.text and 'm-11' in caplog.text
    service.states = [2]
    assert states(studio.batch(orders(2), 'out')) == ['saved'] * 2
    assert service.names().count('train') == 1


def test_an_order_whose_training_goes_on_when_a_portrait_cannot_be_saved_says_so(
        studio, service, ledger, monkeypatch, tmp_path, caplog):
    def full(data, path, replaces):
        raise OSError(errno.ENOSPC, 'full', path)
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.setattr(results, 'write_whole', full)
    service.states = [1]
    row = ledger.begin('train', photos=PHOTOS, person='Eileen')
    ledger.settle(row, job_id=12, model_id='m-12', state=ACCEPTED)
    trained(ledger)
    waits, saves = studio.batch(orders(1, 'Eileen') + orders(1), 'out'), []
    for result in waits:
        saves.append((result.order.person, result.state, getattr(result.error, 'job_id', None)))
    assert sorted(saves) == [('Eileen', 'not_sent', 12), ('Grace', 'failed', None)]
    assert '1 trainings go on' in caplog.text


@pytest.mark.parametrize('closer', ['this thread', 'another thread'])
def test_a_batch_that_runs_may_be_closed_from_where_its_end_cannot_be_waited_for(
        studio, service, ledger, closer):
    service.states, errors = [1], []

    def close(batch):
        try:
            batch.close()
        except ValueError as error:
            errors.append(error)

    def tick(batch):
        if closer == 'this thread':  # as a handler of signals does
            return close(batch)
        thread = threading.Thread(target=close, args=(batch,))
        thread.start()
        thread.join()
    batch = studio.batch(orders(1), 'out')
    batch.on_tick = tick
    assert not list(batch) and not errors and not service.asked


def test_a_number_of_numpy_is_plain_in_a_result(studio, service):
    numpy = pytest.importorskip('numpy')
    more = {'first_diffusion_steps': numpy.int64(40), 'skin_retouching_bool': numpy.bool_(True)}
    done, = studio.batch(orders(1, **more), 'out')
    assert json.loads(json.dumps(done.to_dict()))['configure'] == {
        'first_diffusion_steps': 40, 'skin_retouching_bool': True}


# at a prompt

@pytest.fixture
def run(capsys, monkeypatch, service, tmp_path):
    for name, value in (('HOST', HOST), ('APP_ID', 'app'), ('TOKEN', 'very-secret')):
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    monkeypatch.setenv('HOME', str(tmp_path))

    def call(*words, **options):
        with io.open('orders.csv', 'w', encoding='utf-8') as stream:
            stream.write(options.get('text') or '人物,照片,模板\n<b>王</b>,{},{}\n'.format(
                '|'.join(PHOTOS), TEMPLATE.format(1)))
        code = main(['batch', 'orders.csv', '--ledger', 'ledger.sqlite', '--interval', '0',
                     *words])
        out, err = capsys.readouterr()
        return code, out, err
    return call


def test_without_a_terminal_and_without_yes_nothing_is_sent(run, service):
    code, out, err = run()
    assert code == 2 and 'give --yes' in err and not service.asked
    assert 'calls: 2 checks, 1 trainings and 1 creations' in out
    code, out, err = run('--dry-run')
    assert code == 0 and err == '' and not service.asked and not os.path.exists('portraits')


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize('answer, code', [('y', 0), ('', 2), ('n', 2)])
def test_at_a_terminal_it_asks(run, service, monkeypatch, answer, code):
    monkeypatch.setattr('sys.stdin', Terminal(answer + '\n'))
    assert run()[0] == code and bool(service.asked) == (code == 0)


def test_a_terminal_that_cannot_show_chinese_is_asked_all_the_same(run, service, monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding='ascii')
    monkeypatch.setattr('sys.stdin', Terminal('y\n'))
    monkeypatch.setattr('sys.stdout', narrow)
    assert run('--lang', 'zh')[0] == 0 and 'create' in service.names()
    assert '是否付费'.encode('ascii', 'backslashreplace') in narrow.buffer.getvalue()


def test_the_expected_time_follows_the_pace_of_the_portraits_and_not_the_trainings_before(
        monkeypatch, capsys):
    clock = Clock()
    monkeypatch.setattr(progress, 'time', clock)
    monkeypatch.setattr(progress, '_bar', lambda total: None)
    count = progress.Count(1000)
    for minute in range(60):
        clock.sleep(progress.LINE_STEP)
        count.show(10 * max(0, minute - 39), 'made')
    lines = capsys.readouterr().err.splitlines()
    assert not any('/' in line for line in lines[:40])
    assert lines[41] == 'made, 2520 s / 8400 s'
    assert lines[-1] == 'made, 3600 s / 8400 s'


def test_report_and_contact_sheet_show_portraits_parameters_and_errors(run, service):
    code, out, _ = run('--yes')
    assert code == 0 and '      1  made and saved' in out
    row = '{},{},{},{}\n'
    text = 'person,photos,template,sharp_ratio\n' + row.format(
        '<b>王</b>', '|'.join(PHOTOS), TEMPLATE.format(1), '') + row.format(
        'Grace', '|'.join(PHOTOS), TEMPLATE.format(2), 0.2)
    service.answers['create'] = USED_UP
    code, out, _ = run('--yes', '--lang', 'zh', text=text)
    assert code == 5 and '此前已完成' in out
    with io.open('portraits/report.jsonl', encoding='utf-8') as stream:
        assert sorted(json.loads(line)['state'] for line in stream) == ['failed', 'there']
    with io.open('portraits/contact-sheet.html', encoding='utf-8') as stream:
        page = stream.read()
    assert '&lt;b&gt;王&lt;/b&gt;' in page and '<b>王' not in page
    assert 'src="_b' in page and 'sharp_ratio=0.2' in page and '额度' in page
    assert '://' not in page and 'very-secret' not in page


def test_a_portrait_on_another_drive_is_linked_from_the_contact_sheet_by_its_whole_path(
        tmp_path, monkeypatch):
    def other_drive(path, start):
        raise ValueError('path is on mount D:, start on mount C:')
    monkeypatch.setattr(os.path, 'relpath', other_drive)
    report, page = str(tmp_path / 'report.jsonl'), str(tmp_path / 'page.html')
    line = {'person': 'Grace', 'template': TEMPLATE.format(1), 'configure': None, 'error': None,
            'state': 'saved', 'path': os.sep.join(['kept', 'my portrait.jpg'])}
    with io.open(report, 'w', encoding='utf-8') as stream:
        stream.write(json.dumps(line) + '\n' + json.dumps(dict(line, person='Alan')) + '\n')
    contact_sheet.contact_sheet(report, page)
    with io.open(page, encoding='utf-8') as stream:
        text = stream.read()
    assert text.count('src="file:///kept/my%20portrait.jpg"') == 2 and 'Alan' in text
    assert text.endswith('</html>\n')


@pytest.mark.parametrize('error, said', [
    (OSError(28, 'No space left on device'), '[Errno 28] No space left on device'),
    (KeyError(), 'KeyError'), (ApiException(418, 'a teapot'), 'ApiException (418): a teapot')])
def test_the_contact_sheet_says_what_went_wrong_whoevers_error_it_is(error, said, tmp_path):
    result = BatchResult(0, Order(1, 'Grace', PHOTOS, TEMPLATE.format(1)))
    result.error = error
    report, page = str(tmp_path / 'report.jsonl'), str(tmp_path / 'page.html')
    with io.open(report, 'w', encoding='utf-8') as stream:
        stream.write(json.dumps(result.to_dict()))
    contact_sheet.contact_sheet(report, page)
    with io.open(page, encoding='utf-8') as stream:
        assert '<small class="bad">{}</small>'.format(said) in stream.read()


def test_what_is_wrong_with_a_file_is_told_at_once_and_nothing_is_sent(run, service):
    code, out, err = run('--yes', text='person,photos,template\n,a.jpg,{}\nA,,\n'.format(
        TEMPLATE))
    assert code == 2 and not service.asked
    assert [line.split(': ')[-2 if 'error' in line else 0] for line in err.splitlines()]
    for place in ('line 2, photos', 'line 2, person', 'line 3, template'):
        assert 'orders.csv, {}: '.format(place) in err


def test_each_order_that_failed_is_told_with_its_reason_up_to_a_number(run, service):
    service.answers['create'] = 462, {'code': 'error', 'message': 'no face in template image'}
    row = 'Grace,{},{},{}\n'
    text = 'person,photos,template,key\n' + ''.join(row.format(
        '|'.join(PHOTOS), TEMPLATE.format(1) + '?Signature=SECRET', place) for place in range(25))
    code, out, _ = run('--yes', text=text)
    assert code == 6 and '     25  failed' in out and 'SECRET' not in out
    told = [line for line in out.splitlines()
            if line.startswith('  Grace, ' + TEMPLATE.format(1))]
    assert len(told) == 20 and 'no face' in told[0] and '... and 5 more' in out


def test_a_batch_that_ends_in_doubt_names_the_rows_and_how_to_go_on(run, service):
    service.answers['create'] = 502, {'code': 'error', 'message': 'bad gateway'}
    run('--yes', '--concurrency', '2')
    with Ledger('ledger.sqlite') as ledger:
        row, = ledger.unsettled()
    code, out, _ = run('--yes', '--concurrency', '2', '--timeout', '50')
    said, = [line for line in out.splitlines() if line.startswith('in doubt: rows')
             and '--again-unsettled' in line and 'batch' in line]
    assert 'rows {} of'.format(row.id) in said and 'ai-portrait history' in said
    for word in ('--concurrency 2', '--timeout 50', '--interval 0'):
        assert word in said
    assert '--forget {}"'.format(row.id) in out and '--again' not in out.replace('--again-un', '')


def test_a_batch_with_an_answer_without_a_picture_names_no_row_to_be_sent_again(run, service):
    service.answers['create'] = {'cost_time': 3}
    code, out, _ = run('--yes')
    assert code == 9 and 'holds no picture' in out and '--again-unsettled' not in out


def test_a_batch_that_ends_in_doubt_names_no_row_of_others(run, service):
    with Ledger('ledger.sqlite') as ledger:
        ledger.serve(HOST, is_paid=True)
        ledger.begin('create', PHOTOS, 'https://h.test/others.jpg', 'm-9')
    service.answers['create'] = 502, {'code': 'error', 'message': 'bad gateway'}
    for _ in range(2):
        assert 'in doubt: rows 3 of' in run('--yes')[1]


@pytest.mark.parametrize('name', ['report.jsonl', 'contact-sheet.html'])
def test_a_report_or_page_of_others_stays_and_nothing_is_paid(run, service, name):
    text = '{"index": 1}\n' if 'report' in name else '<!DOCTYPE html><p>of mine</p>'
    with open(name, 'w') as stream:
        stream.write(text)
    for word in ('--yes', '--dry-run'):
        code, _, err = run(word, '--out', '.')
        assert code and name in err and not service.asked
        assert '--force' in err and 'overwrite=True' not in err
    with open(name) as stream:
        assert stream.read() == text
    os.remove(name)
    assert run('--yes', '--out', '.')[0] == 0
    assert run('--yes', '--out', '.')[0] == 0  # its own of before


def test_with_json_there_is_one_document(run, service):
    code, out, _ = run('--yes', '--json')
    document = json.loads(out)
    assert code == 0 and document['states'] == {'saved': 1} and document['plan']['creations'] == 1


def test_a_report_that_cannot_be_written_stops_no_work(run, service, monkeypatch, caplog):
    class Full(io.FileIO):
        def write(self, line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    opened = io.open
    monkeypatch.setattr(io, 'open', lambda path, *args, **options: (
        Full(path, 'w') if options.get('buffering') == 0 else opened(path, *args, **options)))
    code, out, _ = run('--yes')
    assert code == 0 and '1  made and saved' in out
    assert 'report.jsonl cannot be written: ' in caplog.text


def test_a_report_whose_line_the_disk_takes_in_part_ends_there_and_is_replaced_with_force(
        run, service, monkeypatch, caplog):
    class NearlyFull(io.FileIO):
        def write(self, line):
            if self.tell():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return io.FileIO.write(self, line[:60])
    opened = io.open
    with monkeypatch.context() as patch:
        patch.setattr(io, 'open', lambda path, *args, **options: (
            NearlyFull(path, 'w') if options.get('buffering') == 0
            else opened(path, *args, **options)))
        code, _, _ = run('--yes')
    assert code == 0 and 'report.jsonl cannot be written: ' in caplog.text
    assert os.path.getsize('portraits/report.jsonl') == 60
    assert 'contact-sheet.html cannot' not in caplog.text
    assert run('--yes')[0] == 2 and run('--yes', '--force')[0] == 0


def test_an_order_that_was_refused_does_not_stand_in_the_way_of_a_later_one(studio, ledger):
    refused = {'person': 'new', 'template': TEMPLATE.format(1), 'key': 'K1'}
    assert states(studio.batch([refused] + [dict(orders(1, 'new')[0], key='K1')], 'out')) == [
        'failed', 'saved']


def test_a_template_that_stands_twice_in_a_row_leaves_the_good_order_alone(studio):
    template = TEMPLATE.format(1)
    rows = [{'person': 'Anna', 'photos': PHOTOS, 'template': [template] * 2},
            {'person': 'Anna', 'photos': PHOTOS, 'template': template}]
    assert states(studio.batch(rows, 'out')) == ['saved', 'failed', 'failed']


def test_what_goes_on_is_said_in_both_languages_whatever_the_error_had_to_say():
    error = ConnectFailedError('refused', never_left=True)
    _name_models(error, [TrainedModel('m', 11)])
    for lang, words in (('en', 'run again, waits'), ('zh', u'再次运行批量订单')):
        assert words in error.to_dict(lang)['hint']
