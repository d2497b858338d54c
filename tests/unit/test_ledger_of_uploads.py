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
