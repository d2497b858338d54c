"""The benchmark measures another SDK beside this one: that of the interpreter it is given."""
import json
import os
import subprocess
import sys

import pytest
from support import ROOT, untraced

_OTHER = 'import ai_service_python_sdk as sdk; print(sdk.__file__)'


@pytest.mark.skipif(sys.version_info < (3, 8) or not sys.platform.startswith('linux'),
                    reason='the benchmark needs Python 3.8 or newer and /proc')
def test_the_other_sdk_is_measured_round_by_round_in_its_own_interpreter(fresh_python, tmp_path):
    pytest.importorskip('trustme')
    file = str(tmp_path / 'figures.json')
    subprocess.check_output(
        # From where a careless import would find this tree.
        [sys.executable, os.path.join(ROOT, 'tests', 'benchmarks'), '--quick', '--json', file,
         '--only', 'check', '--only', 'import', '--only', 'first TLS call', '--only', '200 async',
         '--beside', fresh_python], stderr=subprocess.STDOUT,
        cwd=ROOT, env=untraced())
    with open(file, encoding='utf-8') as stream:
        found = json.load(stream)
    assert found['beside'] == '1.2.0'
    for case, name in (('check', 'cpu'), ('import', 'modules'), ('first TLS call', 'cpu'),
                       ('200 async', 'wall')):
        assert found['results'][case]['older'][name] > 0, case
    # The same package in both places: the ratio says that the right one was measured.
    imported = found['results']['import']
    # Not the same number: an editable installation loads modules of its own.
    assert imported['older']['modules'] > 0 and imported['sdk']['modules'] > 0


def test_the_case_that_measures_the_other_sdk_does_not_see_this_tree(fresh_python, tmp_path):
    shown = subprocess.check_output(
        [fresh_python, '-c', 'import sys; sys.path.insert(0, {!r}); import cases; '
         .format(os.path.join(ROOT, 'tests', 'benchmarks')) + _OTHER],
        env=dict(os.environ, BENCHMARK_ROOT='', PYTHONPATH=''), cwd=str(tmp_path))
    assert ROOT + os.sep + 'ai_service' not in shown.decode('utf-8')
