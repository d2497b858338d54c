"""The pages: whole in an editor, alike in both languages, in the menu, with links that lead on."""
import os
import re
import sys

import pytest
from support import ROOT
from site_sources import (
    DOCS, LANGUAGES, marks, markers, names, page, read, render, skeleton, write)

import markup
import reference

ENGLISH = names('en')
EVERY_PAGE = write.pages()
_LINK = re.compile(r'(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)')
#: The menu, as mkdocs.yml has it.
MENU = re.findall(r'^ +- ([\w/-]+\.md)$', read(os.path.join(DOCS, 'mkdocs.yml')), re.MULTILINE)


def test_every_page_is_there_in_both_languages():
    assert ENGLISH == names('zh')


def test_every_page_is_in_the_menu_once():
    assert sorted(MENU) == ENGLISH


@pytest.mark.parametrize('name', ENGLISH)
def test_a_page_and_its_twin_have_the_same_headings_blocks_tables_and_notes(name):
    assert skeleton(page('en', name)) == skeleton(page('zh', name))


@pytest.mark.parametrize('lang', LANGUAGES)
@pytest.mark.parametrize('name', ENGLISH)
def test_a_page_begins_with_its_only_title(name, lang):
    heads = [part for part in skeleton(page(lang, name)) if part == '#']
    first = re.sub(r'^<!--.*?-->\s*', '', page(lang, name))
    assert heads == ['#'] and first.startswith('# ')


@pytest.mark.skipif(sys.version_info < (3, 9), reason='the lists are written by Python 3.9+')
@pytest.mark.parametrize('name', EVERY_PAGE + [write.LLMS])
def test_the_page_holds_what_code_and_data_say_now(name):
    assert write.wanted(name) == write.read(name), 'run: python docs/write.py'


@pytest.mark.parametrize('name', EVERY_PAGE)
def test_every_mark_of_the_page_is_understood_and_filled(name):
    text = write.read(name)
    found = list(write.REGION.finditer(text))
    assert len(found) == len(re.findall(r'^<!-- (?:render|include|reference|program)', text, re.M))
    for match in found:
        inside = match.group(0).split('\n')
        assert len(''.join(inside[1:-2])) > 10, match.group(0)


@pytest.mark.parametrize('name', EVERY_PAGE)
def test_no_page_shows_what_only_a_generator_of_sites_understands(name):
    raw = re.compile(r'^(?::::|!!!|\?\?\?|===) |\{ ?[#.:]|\]\[', re.MULTILINE)
    prose = re.sub(r'^ *```.*?^ *```|`[^`\n]+`', '', write.read(name), flags=re.M | re.S)
    assert not raw.search(prose), (name, raw.search(prose))


@pytest.mark.parametrize('name', EVERY_PAGE + [write.LLMS])
def test_every_link_and_picture_of_a_repository_page_leads_to_a_file_and_an_anchor(name):
    for found in _LINK.findall(_without_code(write.read(name))):
        link = found[0] or found[1]
        if re.match(r'https?:|mailto:', link):
            continue
        path, _, anchor = link.partition('#')
        path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        assert os.path.exists(os.path.join(ROOT, path)), link
        if anchor:
            text = write.read(path)
            known = markup.anchors(text) + re.findall(r'<a id="([^"]+)"', text)
            assert anchor in known, link


def _without_code(text):
    return re.sub(r'^ *```.*?^ *```', '', text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize('name', [name for name in EVERY_PAGE
                                  if write.language_of(name) == 'zh'])
def test_a_chinese_page_has_the_anchors_of_its_english_twin(name):
    # The first one is that of the title, to which no link needs to lead.
    chinese, english = (markup.anchors(write.read(each))[1:]
                        for each in (name, write.twin_of(name)))
    assert chinese == english


@pytest.mark.parametrize('name', [name for name in EVERY_PAGE
                                  if write.language_of(name) == 'zh'])
def test_a_chinese_page_speaks_as_the_guide_does(name):
    # Instead of: 响应, 额度, 人像融合, 颜色矫正, 核验照片, 写真制作, Session, logger.
    wrong = re.search('应答|配额|人脸融合|颜色校正|检查照片|照片检查|生成写真|自带会话|日志器',
                      _without_code(write.read(name)))
    assert not wrong, wrong.group()


def test_the_terms_of_the_guide_are_words_of_the_search_and_stand_in_headings_and_tables():
    words = re.findall(r'^(\S+) ', read(os.path.join(DOCS, 'data', 'terms.txt')), re.MULTILINE)
    pages = [page('zh', name).split('\n') for name in names('zh')]
    shown = '\n'.join(line for lines in pages for line in lines if line[:1] in '#|')
    for term in ('核验', '模型训练', '训练结果查询', '写真制作', '额度', '响应', '人像融合', '颜色矫正',
                 '脸型适配'):
        assert term in words and term in shown, term


@pytest.mark.parametrize('lang', LANGUAGES)
def test_no_two_pages_of_the_menu_have_the_same_name(lang):
    titles = [re.search('^# (.*)', page(lang, name), re.MULTILINE).group(1)
              for name in names(lang)]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize('lang', LANGUAGES)
def test_every_renderer_is_asked_by_a_page_and_every_marker_finds_one(lang):
    assert set(name for _, name, _ in markers(lang)) == set(render.RENDERERS)


@pytest.mark.parametrize('lang', LANGUAGES)
def test_no_written_table_has_a_row_of_another_width(lang):
    for name, text, _ in marks(lang, 'render') + marks(lang, 'reference'):
        for line_before, line in _neighbours(text):
            assert line_before.count('|') - line_before.count('\\|') == (
                line.count('|') - line.count('\\|')), (name, line)


def _neighbours(text):
    lines = text.split('\n')
    return [pair for pair in zip(lines, lines[1:])
            if all(line.startswith('| ') for line in pair)]


def test_an_unknown_marker_is_an_error():
    with pytest.raises(KeyError):
        write.written('<!-- render: nonsense -->', 'docs/a.md')


@pytest.mark.parametrize('before', ['zh', None])
def test_rendering_leaves_the_language_of_the_process_alone(before):
    render.language.set_language(before)
    try:
        write.written('<!-- render: commands -->', 'docs/a.md')
        assert render.language._chosen == [before] * bool(before)
    finally:
        render.language.set_language(None)


# the benchmark's tables

def measured():
    return {'python': '3.13.0', 'requests': '2', 'urllib3': '2', 'machine': 'x86_64', 'cpus': 2,
            'results': {'check': {'sdk': {'cpu': 0.0003, 'memory': 2e6, 'instructions': 300},
                                  'urllib3': {'cpu': 0.0002}}},
            'targets': [{'row': 'a call', 'row_zh': '一次调用', 'measured': '1.2', 'target': '1.5',
                         'met': True, 'note_en': 'a note', 'note_zh': '说明'}],
            'profile': [{'part': 'signature', 'instructions': 1000},
                        {'part': 'all', 'instructions': 4000}]}


def test_the_tables_of_the_benchmark_show_figures_with_units_ratios_and_shares(monkeypatch):
    monkeypatch.setattr(render.facts, 'load', lambda name: measured())
    assert '| check | cpu | 0.300 ms | urllib3 1.50 |' in render.benchmark_results('en')
    assert '| check | memory | 2.0 MB |  |' in render.benchmark_results('en')
    assert '| a call | 1.2 | 1.5 | ✓ | a note |' in render.benchmark_targets('en')
    assert 'Note' in render.benchmark_targets('en')
    assert '| 一次调用 | 1.2 | 1.5 | ✓ | 说明 |' in render.benchmark_targets('zh')
    assert '| signature | 1,000 | 25% |' in render.benchmark_profile('en')
    assert '| 签名 | 1,000 | 25% |' in render.benchmark_profile('zh')
    assert 'Python 3.13.0' in render.benchmark_machine('zh')
    assert '| a call after that | 0.300 ms | 0.200 ms |' in render.benchmark_felt('en')


def test_every_part_of_the_profile_has_its_chinese():
    source = read(os.path.join(ROOT, 'tests', 'benchmarks', 'targets.py'))
    source = source[source.index('def profile_of'):]
    parts = re.findall(r"^ +(?:named = \[)?\('([^']+)', ", source, re.MULTILINE)
    assert sorted(parts) == sorted(render.WORDS['profile'])


def test_without_figures_the_page_says_so(monkeypatch):
    monkeypatch.setattr(render.facts, 'load', lambda name: None)
    for renderer in (render.benchmark_results, render.benchmark_targets,
                     render.benchmark_profile, render.benchmark_felt):
        assert 'Not measured yet' in renderer('en')
        assert '尚未测量' in renderer('zh')


# the reference

def test_the_reference_shows_fields_arguments_and_that_a_time_limit_is_the_studio_s_own():
    task = reference.entry('ai_service_python_sdk.portrait.CreateTask')
    assert '| `save_to` | file that gets the picture the moment it comes' in task
    studio = reference.entry('ai_service_python_sdk.PortraitStudio')
    assert '- `keep_uploads`: whether uploaded photos stay there.' in studio
    assert "timeout=(the studio's own)" in studio and 'Ellipsis' not in studio


@pytest.mark.skipif(sys.version_info < (3, 8), reason='asyncio wants Python 3.8')
def test_the_reference_shows_what_only_the_client_of_asyncio_takes():
    client = reference.entry('ai_service_python_sdk.aio.ApiClient')
    assert '`from_env(configuration=None, concurrency=16, waits=64, on_unclaimed=None)`' in client
    assert '| `await close(timeout=None)` | Stop the waits' in client


# texts on their way to the pages

def test_roles_become_links_where_the_reference_has_the_name_and_code_elsewhere():
    find = {'Job': 'sdk.Job', 'sdk.Job': 'sdk.Job'}.get
    assert markup.to_markdown('a :class:`.Job` and :meth:`get`', find) == (
        'a [`Job`][sdk.Job] and `get`')


def test_literals_and_literal_blocks_become_markdown():
    assert markup.to_markdown("``''`` is none::\n\n    x = 1\n") == "`''` is none:\n\n    x = 1\n"
    assert markup.to_markdown('at ``|`` or ``;``, not ``a`` ``b``') == 'at `|` or `;`, not `a` `b`'


def test_every_field_and_every_error_of_a_docstring_gets_a_line():
    text = ':param a: one; :param b: two.\n:raises X, Y: both; :raises Z: z.'
    assert markup.one_field_a_line(text).split('\n') == [
        ':param a: one', ':param b: two.', ':raises X: both', ':raises Y: both', ':raises Z: z.']


def test_lines_of_chinese_are_joined_outside_of_blocks():
    text, block = '一，\n二 a\n三\n', '```\n四\n五\n```'
    assert markup.join_chinese_lines(text + block) == '一，二 a\n三\n' + block


def test_writing_again_changes_nothing_and_keeps_what_stands_between_the_marks():
    text = 'a\n\n<!-- render: job-states -->\nb\n<!-- render: photo-codes -->\n'
    once = write.written(text, 'docs/a.md')
    assert write.written(once, 'docs/a.md') == once
    assert '<!-- end -->\nb\n<!-- render' in once and once.count('<!-- end -->') == 2


def test_a_chinese_heading_gets_the_anchor_of_its_twin_once():
    english, chinese = '# A\n\n## The tree!\n', '# 甲\n\n## 层次\n'
    once = markup.with_anchors(chinese, english)
    assert once == '# 甲\n\n<a id="the-tree"></a>\n\n## 层次\n'
    assert markup.with_anchors(once, english) == once
    assert markup.with_anchors('# 甲\n', english) == '# 甲\n'


def test_the_site_gets_directives_headings_with_ids_and_paths_from_its_root():
    text = ('<!-- reference: a.B -->\n\n## B\n\n<!-- end -->\n<a id="x"></a>\n\n## 层次\n'
            '![c](../../assets/c.jpg)\n')
    assert markup.for_site(text, 1) == (
        '::: a.B\n## 层次 { #x }\n![c](../assets/c.jpg)\n')


def test_links_of_a_file_beside_the_pages_become_links_of_a_page():
    text = ('[a](pages/en/errors.md#x) [b](security.zh.md) ![c](pages/assets/c.jpg) '
            '[d](http://d.md)')
    assert markup.among_pages(text) == (
        '[a](errors.md#x) [b](security.md) ![c](../assets/c.jpg) [d](http://d.md)')
