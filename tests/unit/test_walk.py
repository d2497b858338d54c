"""The walk of one call through the files of the package, and what the pages show of it."""
import sys

import pytest
import walk

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason='shown as of newer Pythons: '
                                'before 3.11 each comprehension is a call of its own')


@pytest.fixture(scope='module')
def walked():
    return walk.walk()


def test_a_call_runs_through_few_files_and_comes_back_to_none_of_them_often(walked):
    assert len(walked.files) <= walk.MOST_FILES, walked.text()
    often = [name for name in walked.files if walked.count(name) > walk.MOST_ENTRIES]
    assert often == [], walked.text()
    assert 0 < walked.moves_down <= walk.MOST_MOVES, walked.text()


def test_the_walk_goes_over_the_way_that_programs_override(walked):
    functions = [function for _, function, _ in walked.steps]
    way = ['aigc_images_train', 'call_api', 'send', 'encode_request', 'deserialize']
    assert [name for name in functions if name in way[:2] + way[3:]] == way[:2] + way[3:]


@pytest.mark.parametrize('page', walk.PAGES)
def test_a_page_shows_the_walk_as_it_is(walked, page):
    front, shown, behind = walk.shown_in(page)
    assert front and behind
    assert shown.splitlines()[-1].split(',')[0] == walked.text().splitlines()[-1].split(',')[0]
    ours = [line.split(',')[0] for line in shown.splitlines() if 'called by' not in line]
    assert ours[:-1] == [line.split(',')[0] for line in walked.text().splitlines()
                         if 'called by' not in line][:-1]
