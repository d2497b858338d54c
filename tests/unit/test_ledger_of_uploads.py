"""The ledger's list of photos that were uploaded and not yet removed."""
import contextlib
import hashlib
import json
import sqlite3
import time

import pytest

from ai_service_python_sdk import ledger as module
from ai_service_python_sdk.ledger import _SCHEMA, Ledger
from ai_service_python_sdk.util import kept
from ai_service_python_sdk.util.kept import photos_of

URL = 'https://bucket.h.test/portraits/{}.jpg?x-oss-signature=s3cret'


def bare(number):
    return URL.format(number).partition('?')[0]


def columns(ledger, names):
    with contextlib.closing(sqlite3.connect(ledger.path)) as connection:
        return connection.execute('SELECT {} FROM uploads'.format(names)).fetchall()


def test_what_was_put_is_listed_until_it_is_removed(ledger):
    for number in range(3):
        ledger.left_behind(URL.format(number))
    ledger.removed(URL.format(1))
    assert ledger.uploads() == [bare(0), bare(2)]
    ledger.removed(bare(0))
    assert ledger.uploads() == [bare(2)]


def test_no_signature_is_kept_and_none_in_the_reason(ledger):
    ledger.left_behind(URL.format(1), ValueError('at ' + URL.format(1)))
    (url, why), = columns(ledger, 'url, why')
    assert url == bare(1) and why == 'at ' + bare(1)
    with open(ledger.path, 'rb') as stream:
        assert b's3cret' not in stream.read()


def test_what_could_not_be_removed_is_listed_at_any_age_and_what_is_in_use_is_not(ledger):
    ledger.left_behind(URL.format(1))
    ledger.left_behind(URL.format(2))
    ledger.left_behind(URL.format(2), 'no network')
    assert ledger.uploads(age=3600) == [bare(2)]
    assert ledger.uploads() == [bare(1), bare(2)]
    time.sleep(0.2)
    assert ledger.uploads(age=0.1) == [bare(1), bare(2)]


def test_photos_of_a_clock_that_ran_ahead_are_listed_and_are_old_by_as_much(ledger, monkeypatch):
    monkeypatch.setattr(module, 'moment', lambda: kept.moment(7200))
    ledger.left_behind(URL.format(1))
    ledger.left_behind(URL.format(2), job_id=7)
    monkeypatch.undo()
    assert ledger.uploads() == [bare(1), bare(2)]
    assert ledger.uploads(age=3600, lent_age=10800) == [bare(1)]
    assert ledger.uploads(age=10800, lent_age=3600) == [bare(2)]


def test_a_ledger_of_version_1_that_can_only_be_read_has_no_uploads(tmp_path, monkeypatch):
    place = str(tmp_path / 'old.sqlite')
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute(_SCHEMA[0])
        connection.execute('PRAGMA user_version=1')

    def full(self):
        raise sqlite3.OperationalError('database or disk is full')
    monkeypatch.setattr(Ledger, '_open', full)
    monkeypatch.setattr(Ledger, 'reads_anyhow', True)
    with Ledger(place) as ledger:
        assert ledger.uploads() == [] and ledger.calls() == [] and ledger.is_read_only


@pytest.mark.parametrize('knew_uploads', [False, True])
def test_a_ledger_of_before_learns_what_is_new_and_keeps_its_rows(tmp_path, knew_uploads):
    path = str(tmp_path / 'old.sqlite')
    calls, uploads = _SCHEMA[:2]
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute(calls.replace(', picture TEXT', ''))
        if knew_uploads:
            old.execute(uploads)
        old.execute("INSERT INTO paid_calls (kind, operation, state, begun, photos, template, "
                    "model_ids, configure) VALUES ('train', 'train', 'unsettled', "
                    "'2026-01-01T00:00:00.000000+00:00', '[]', 'null', '[]', 'null')")
        old.execute('PRAGMA user_version=1')
        old.commit()
    for _ in range(2):
        with Ledger(path) as ledger:
            row, = ledger.unsettled()
            assert row.picture is None and ledger.find('none') is None
            ledger.left_behind(URL.format(1))
            assert ledger.uploads() == [bare(1)]


def test_in_a_ledger_of_before_the_same_photos_are_known_and_not_paid_for_again(tmp_path):
    path, photos = str(tmp_path / 'old.sqlite'), [URL.format(number) for number in range(5)]
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute(_SCHEMA[0].replace(', picture TEXT', ''))
        mark = hashlib.sha256(json.dumps(list(map(bare, range(5)))).encode()).hexdigest()
        old.execute("INSERT INTO paid_calls (kind, operation, state, begun, photos, photos_mark, "
                    "template, model_ids, configure) VALUES ('train', 'train', 'accepted', "
                    "'2026-01-01T00:00:00.000000+00:00', ?, ?, 'null', '[]', 'null')",
                    (json.dumps(photos_of(photos)), mark))
        old.execute('PRAGMA user_version=1')
        old.commit()
    with Ledger(path) as ledger:
        assert ledger.same_training(photos).id == 1


def test_what_a_training_needs_is_in_use_until_that_has_ended(ledger):
    row = ledger.begin('train', photos=['a.jpg'])
    ledger.settle(row, job_id=11, model_id='m')
    ledger.left_behind(URL.format(1), job_id=11)
    ledger.left_behind(URL.format(2), job_id=12)
    assert ledger.uploads(lent_age=3600) == []
    assert ledger.uploads() == [bare(1), bare(2)]
    assert ledger.uploads(age=3600, job_id=12) == [bare(2)]
    ledger.finished(11, 'succeeded')
    assert ledger.uploads(age=3600, lent_age=3600) == [bare(1)]
