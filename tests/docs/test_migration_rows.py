"""The migration page's rows: every mended defect has one, in both languages."""
import io
import json
import os
import re

from support import ROOT


def load(*path):
    with io.open(os.path.join(ROOT, *path), encoding='utf-8') as stream:
        return json.load(stream)


ROWS = load('docs', 'data', 'migration.json')['rows']
DEFECTS = load('tests', 'conformance', 'wire_vectors.json')['known_defects_of_original']


def test_every_known_defect_of_the_old_sdk_has_exactly_one_row():
    named = [name for row in ROWS for name in row['defects']]
    assert sorted(named) == sorted(set(defect.get('family') or defect['id'] for defect in DEFECTS))


def test_every_row_says_old_new_and_what_to_do_in_both_languages():
    for row in ROWS:
        assert row['kind'] in ('mended defect', 'intended difference', 'addition')
        for part in ('area', 'old', 'new', 'todo'):
            assert row[part]['en'] and row[part]['zh'], (row['id'], part)
        assert bool(row['defects']) == (row['kind'] == 'mended defect'), row['id']


def test_row_ids_are_unique():
    assert len(set(row['id'] for row in ROWS)) == len(ROWS)


def test_the_page_names_every_seam_that_is_checked_in_both_languages():
    with io.open(os.path.join(ROOT, 'tests', 'conformance', 'seams_check.py'),
                 encoding='utf-8') as stream:
        source = stream.read()
    seams = set(re.findall(r"'(?:class|instance): ([\w.]+)", source))
    seams.update(('sanitize_for_serialization', 'update_params_for_auth', 'deserialize',
                  'client.pool', 'apply_async', 'HTTPConnectionPool.urlopen', 'import *', 'vcrpy'))
    assert len(seams) > 15
    for lang in ('en', 'zh'):
        with io.open(os.path.join(ROOT, 'docs', 'pages', lang, 'migrating.md'),
                     encoding='utf-8') as stream:
            page = stream.read()
        assert [seam for seam in sorted(seams) if seam not in page] == []
