"""Every entry of the old SDK's API surface, and every statement of its observed behaviour."""
import io
import json
import os
from collections import OrderedDict

import pytest
import surface_check
from support.pretty import unbroken

HERE = os.path.dirname(os.path.abspath(__file__))
with io.open(os.path.join(HERE, 'surface.json'), encoding='utf-8') as stream:
    SURFACE = json.load(stream, object_pairs_hook=OrderedDict)


class Collected(surface_check.Facts):
    """Facts whose problems are kept instead of printed."""

    def __init__(self):
        surface_check.Facts.__init__(self, None)
        self.problems = []

    def check(self, name, function, note=False):
        try:
            problem = function()
        except Exception as error:
            problem = repr(error)
        self.total += not note
        if problem and not note:
            self.problems.append((name, problem))


@pytest.fixture(scope='module')
def env():
    environment = surface_check.Env()
    yield environment
    environment.recorder.close()


def test_every_module_class_method_and_default_is_there():
    facts = Collected()
    surface_check.check_static(SURFACE, facts)
    assert facts.problems == []
    assert facts.total > 300


@pytest.mark.parametrize('row', [row for row in SURFACE['behaviours']
                                 if row['level'] != 'informational'], ids=lambda row: row['id'])
def test_the_statement_holds(env, row):
    seen = surface_check.run_probe(env, row['id'])
    problem = surface_check.differ(unbroken(row['expected']), unbroken(seen))
    assert problem is None, row['statement']
