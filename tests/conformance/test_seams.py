"""The seams at which programs of the old SDK replace or override parts of a call."""
import io
import json
import os
import subprocess
import sys

import pytest
from support import ROOT

# The checkers read the place of the package when they are imported.
os.environ.setdefault('SDK_PATH', ROOT)
import seams_check  # noqa: E402

# Its server has one thread, which the connection of a row that fails would keep.
seams_check.Server.protocol_version = 'HTTP/1.0'
HERE = os.path.dirname(os.path.abspath(__file__))
with io.open(os.path.join(HERE, 'seams.json'), encoding='utf-8') as stream:
    WANTED = json.load(stream)
#: Prints what passes each seam, in a process of its own: its spies stay where they are put.
RECORD = 'import json, seams_record; print(json.dumps(seams_record.record()))'


@pytest.mark.parametrize('check', [check for _, check in seams_check.rows],
                         ids=[name for name, _ in seams_check.rows])
def test_a_double_or_an_override_at_the_seam_is_on_the_path(check):
    del seams_check.arrived[:]
    skipped = check()
    if skipped:
        pytest.skip(skipped)


@pytest.fixture(scope='module')
def recorded():
    printed = subprocess.check_output(
        [sys.executable, '-c', RECORD], cwd=HERE, env=dict(os.environ, SDK_PATH=ROOT))
    return dict((row['call'], row['passes']) for row in json.loads(printed.decode('utf-8')))


@pytest.mark.parametrize('row', WANTED, ids=lambda row: row['call'])
def test_a_call_passes_the_seams_in_the_recorded_order_with_the_recorded_arguments(recorded, row):
    assert recorded[row['call']] == row['passes']


def test_no_seam_is_left_out(recorded):
    assert len(seams_check.rows) == 23
    assert sorted(recorded) == sorted(row['call'] for row in WANTED) and len(WANTED) == 19
