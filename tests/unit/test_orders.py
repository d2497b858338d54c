# -*- coding: utf-8 -*-
"""Orders: what files and programs may say, and all that is wrong told at once."""
import collections
import io
import json
import os

import pytest

from ai_service_python_sdk.inputs import expanded
from ai_service_python_sdk.orders import OrderError, Orders
from ai_service_python_sdk.util.language import set_language

pytestmark = pytest.mark.usefixtures('in_english')

PHOTOS = ['https://h.test/{}.jpg'.format(index) for index in range(5)]
TEMPLATE = 'https://h.test/t.jpg'


def read(tmp_path, text, encoding='utf-8', name='orders.csv', **options):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return list(Orders(str(path), **options))


def problems_of(orders):
    return [problem for order in orders if order.error for problem in order.error.problems]


def csv_of(*rows):
    return 'person,photos,template,sharp_ratio,out,key\n' + ''.join(row + '\n' for row in rows)


def test_a_row_of_a_table_is_an_order(tmp_path):
    row = 'Grace,{},{},0.3,grace.jpg,7'.format('|'.join(PHOTOS), TEMPLATE)
    order, = read(tmp_path, csv_of(row))
    assert order.error is None and order.line == 2
    assert (order.person, order.photos, order.template) == ('Grace', tuple(PHOTOS), TEMPLATE)
    assert (order.configure, order.out, order.key) == ({'sharp_ratio': 0.3}, 'grace.jpg', '7')


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'gb18030'])
def test_a_table_with_a_chinese_head_is_read_in_every_usual_encoding(tmp_path, encoding):
    order, = read(tmp_path, '姓名;照片;模板\n王伟;"{}";{}\n'.format(';'.join(PHOTOS), TEMPLATE),
                  encoding)
    assert order.error is None and order.person == '王伟' and len(order.photos) == 5


def test_a_file_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(OrderError, match='orders.csv, line 1, encoding: neither UTF-8'):
        read(tmp_path, 'person,template\n\xff,x\n', 'latin-1')


@pytest.mark.parametrize('cell', ['|'.join(PHOTOS), ' ; '.join(PHOTOS), '\n'.join(PHOTOS)])
def test_photos_in_a_cell_are_parted_by_bars_semicolons_or_line_ends(tmp_path, cell):
    order, after = read(tmp_path, csv_of('A,"{}",{},,,'.format(cell, TEMPLATE),
                                         'B,,{},,,'.format(TEMPLATE)))
    assert list(order.photos) == PHOTOS
    assert (order.line, after.line) == (2, 3 + cell.count('\n'))


def test_lines_of_json_are_orders_and_a_list_may_hold_any_url(tmp_path):
    row = {'person': 'A', 'photos': [url + '?a;b|c' for url in PHOTOS], 'template': TEMPLATE,
           'apply_face_fusion_before': False}
    order, = read(tmp_path, json.dumps(row) + '\n\n')
    assert order.photos[0].endswith('?a;b|c')
    assert order.configure == {'apply_face_fusion_before': False}


@pytest.mark.parametrize('rows', [
    json.dumps({'person': 'A', 'template': TEMPLATE}), 'person,template\nA,' + TEMPLATE])
def test_blank_lines_before_the_first_row_change_nothing(tmp_path, rows):
    order, = read(tmp_path, '\n' + rows + '\n')
    assert (order.error, order.person, order.line) == (None, 'A', rows.count('\n') + 2)


def test_a_column_that_is_missing_is_named_with_those_that_are_unknown(tmp_path):
    (line, column, why), = problems_of(read(tmp_path, 'name,template,size,key\nA,x,1,2\n'))
    assert (line, column) == (1, 'person') and why == (
        'there is no such column; name it in the first line (unknown there: name, size)')


def test_a_column_that_stands_twice_is_refused_also_once_in_chinese(tmp_path):
    found = problems_of(read(tmp_path, 'person,姓名,template,template\nA,B,x,y\n'))
    assert found == [(1, 'person, template', 'the first line names it twice; keep one')]


def test_a_folder_and_a_pattern_count_from_the_folder_of_the_file(tmp_path):
    (tmp_path / 'pictures').mkdir()
    for index in range(5):
        (tmp_path / 'pictures' / '{}.jpg'.format(index)).write_bytes(b'x')
    (tmp_path / 'pictures' / 'notes.txt').write_bytes(b'x')
    first, second = read(tmp_path, csv_of('A,pictures,pictures/[01].jpg,,,'), local=True)
    assert [photo[-5:] for photo in first.photos] == ['{}.jpg'.format(i) for i in range(5)]
    assert [order.template[-5:] for order in (first, second)] == ['0.jpg', '1.jpg']


@pytest.mark.parametrize('cell', ['["https://h.test/0.jpg" "https://h.test/1.jpg"]',
                                  '["https://h.test/0.jpg"', "['https://h.test/0.jpg']"])
def test_a_slip_in_a_list_of_urls_is_told(cell):
    order, = Orders([{'person': 'A', 'photos': cell, 'template': TEMPLATE}])
    (_, column, text), = order.error.problems
    assert column == 'photos' and 'char' in text and 'uploads' not in text


def test_a_folder_stands_for_its_pictures_however_their_names_are_written(tmp_path):
    folder = tmp_path / 'me'
    folder.mkdir()
    for name in ('IMG_0.JPG', 'b.jpeg', 'c.Png', 'd.heic', 'e.WEBP', '.hidden.jpg', 'notes.txt'):
        (folder / name).write_bytes(b'x')
    assert [os.path.basename(path) for path in expanded(str(folder))] == [
        'IMG_0.JPG', 'b.jpeg', 'c.Png', 'd.heic', 'e.WEBP']
    (tmp_path / 'none').mkdir()
    with pytest.raises(ValueError, match='the folder .* holds no pictures'):
        expanded(str(tmp_path / 'none'))


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='pipes and devices as on POSIX')
def test_a_pipe_or_a_device_stands_for_no_photo_and_for_no_orders(tmp_path):
    pipe = str(tmp_path / 'pipe.csv')
    os.mkfifo(pipe)
    for path in (pipe, '/dev/zero'):
        with pytest.raises(ValueError, match='is a pipe or a device'):
            expanded(path)
        with pytest.raises(ValueError, match='is a pipe or a device'):
            list(Orders(path))


def test_a_number_in_the_place_of_photos_is_told_in_words():
    order, = Orders([{'person': 'A', 'photos': 5, 'template': TEMPLATE}])
    assert order.error.problems == [(1, 'photos', '`photos` is 5; pass a list of URLs')]


def test_everything_that_is_wrong_is_told_at_once_with_line_and_column(tmp_path):
    orders = read(tmp_path, 'person,photos,template,more_like_me,more_like_mee\n'
                  ',,{0},,\nA,{1},{0},7,\nB,https://h.test/1.jpg,photo.jpg,,1\nC,,,,,,9\n'
                  .format(TEMPLATE, '|'.join(PHOTOS[:1] * 5)))
    found = problems_of(orders)
    assert [(line, column) for line, column, _ in found] == [
        (2, 'person'), (3, 'photos'), (3, 'more_like_me'), (4, 'photos'), (4, 'template'),
        (4, 'more_like_mee'), (5, 'column 6')]
    text = str(OrderError(found, 'orders.csv'))
    assert 'orders.csv, line 3, more_like_me: `more_like_me` is 7: must be a number' in text
    assert 'did you mean more_like_me' in text and 'holds 1 photos' in text
    set_language('zh')
    assert 'orders.csv 第 2 行，person：' in str(OrderError(found, 'orders.csv'))


def test_a_broken_line_of_json_is_told_with_its_column_and_the_rest_is_read(tmp_path):
    good = json.dumps({'person': 'A', 'template': TEMPLATE})
    orders = read(tmp_path, '\n'.join([good, '{"person": }', '[1]', good]))
    assert [(line, column[:3]) for line, column, _ in problems_of(orders)] == [
        (2, 'col'), (3, '-')]
    assert orders[-1].error is None and orders[-1].line == 4


def test_a_table_without_the_columns_that_it_needs_is_told_once(tmp_path):
    orders = read(tmp_path, 'name,photos\na,b\nc,d\n')
    assert [problem[:2] for problem in problems_of(orders)] == [(1, 'person, template')]
    broken = read(tmp_path, 'person,template\n"{}\n'.format('x' * 200000))
    assert problems_of(broken)[0][1] == 'CSV'


@pytest.mark.parametrize('row', [
    'Grace,{0},"{1}', '"Grace,{0},{1}', '"{0}\n{1}","{1}"x', '"' + 'x' * 200000])
def test_a_quote_that_does_not_close_is_told_at_its_line_after_the_good_orders(tmp_path, row):
    good = 'Grace,{},{}\n'.format('|'.join(PHOTOS), TEMPLATE)
    orders = read(tmp_path, 'person,photos,template\n' + good + row.format(*PHOTOS))
    (line, column, why), = problems_of(orders)
    assert orders[0].error is None and (line, column) == (3, 'CSV') and 'quote' in why


def test_dicts_objects_and_rows_of_pandas_are_orders():
    kind = collections.namedtuple('Kind', 'person photos template sharp_ratio')
    orders = list(Orders(iter([
        {'person': 'A', 'photos': PHOTOS, 'template': [TEMPLATE, TEMPLATE + '2'], 'out': None},
        kind('B', PHOTOS, TEMPLATE, 0.2), {'person': 'C', 'template': TEMPLATE,
                                           'photos': float('nan'), 'sharp_ratio': float('nan')},
        'D', {'person': 'E', 'template': 7}])))
    assert [order.person for order in orders] == ['A', 'A', 'B', 'C', None, 'E']
    assert orders[2].configure == {'sharp_ratio': 0.2} and orders[3].configure is None
    assert [order.error is None for order in orders] == [True] * 4 + [False] * 2
    assert str(orders[4].error).startswith("order 4, -: 'D' is not an order")


@pytest.mark.parametrize('out', [
    '/etc/p.jpg', '../p.jpg', 'a/../../p.jpg', 'a\\..\\..\\p.jpg', '/x.jpg', '\\x.jpg'])
def test_a_portrait_stays_in_its_folder(out):
    order, = Orders([{'person': 'A', 'template': TEMPLATE, 'out': out}])
    assert order.error.problems[0][1] == 'out'


@pytest.mark.parametrize('out', [
    'a\0b.jpg', 'x' * 300 + '.jpg', 'sub/', '.', './report.jsonl', 'contact-sheet.html',
    'Contact-Sheet.html', 'REPORT.JSONL', 'report.jsonl.'])
def test_what_cannot_be_the_name_of_a_portrait_is_told_before_it_is_paid_for(out):
    order, = Orders([{'person': 'A', 'template': TEMPLATE, 'out': out}])
    assert 'give another one' in str(order.error)


@pytest.mark.parametrize('out', ['con.jpg', 'NUL', '12:30.jpg', 'a?.jpg', 'x.jpg.', 'x /1.jpg',
                                 'aux/1.jpg', 'COM1.jpg', 'a\\b.jpg'])
def test_what_is_no_name_on_windows_is_refused_everywhere(out):
    order, = Orders([{'person': 'A', 'template': TEMPLATE, 'out': out}])
    assert 'give another one' in str(order.error)


@pytest.mark.parametrize('out', ['console.jpg', 'com10.jpg', 'a/b.jpg', 'x.y.jpg', '.a.jpg'])
def test_what_only_looks_like_a_device_is_a_name(out):
    order, = Orders([{'person': 'A', 'template': TEMPLATE, 'out': out}])
    assert order.error is None and order.out == out


def test_an_open_file_is_refused_since_it_can_be_read_only_once():
    order, = Orders([{'person': 'A', 'template': io.BytesIO(b'x')}], local=True)
    assert 'give a text' in str(order.error)


def test_a_key_is_the_same_from_a_column_of_whole_numbers_and_one_with_a_gap():
    keys = [order.key for order in Orders([
        {'person': 'A', 'template': TEMPLATE, 'key': key} for key in (1, 1.0, float('nan'), 1.5)])]
    assert keys == ['1', '1', None, '1.5']


@pytest.mark.parametrize('name', ['out', 'key'])
def test_a_file_or_key_for_several_portraits_is_refused(name):
    order, = Orders([{'person': 'A', 'template': [TEMPLATE, TEMPLATE + '2'], name: 'a.jpg'}])
    (_, column, why), = order.error.problems
    assert column == name and why == (
        'one `{0}` cannot serve 2 templates; leave `{0}` empty'.format(name))


def test_many_problems_are_counted_and_not_all_shown():
    text = str(OrderError([(line, 'out', 'no') for line in range(150)]))
    assert text.count('\n') == 100 and text.endswith('... and 50 more')


def test_an_array_of_json_is_told_how_orders_are_written(tmp_path):
    text = json.dumps([dict(person='Grace', photos=PHOTOS, template=TEMPLATE)], indent=1)
    line, column, why = problems_of(read(tmp_path, text, name='orders.json'))[0]
    assert (line, column[:6]) == (1, 'column') and 'this line is not a JSON object' in why


@pytest.mark.parametrize('row', [
    ['https://h.test/a.jpg?Signature=SECRET'], 'b.oss.test/a.jpg?Signature=SECRET',
    dict(person='Grace', photos=PHOTOS, template='b.oss.test/t.jpg?Signature=SECRET'),
    dict(person='Grace', photos=PHOTOS, template="https:/h.test/O'Brien x?Signature=SECRET"),
    dict(person='Grace', template=TEMPLATE, style_name='https://h.test/a?Signature=SECRET')])
def test_what_is_wrong_with_an_order_is_told_without_signatures(row):
    problems = problems_of(Orders([row]))
    assert problems and 'SECRET' not in repr(problems)


@pytest.mark.parametrize('name', ['person', 'out', 'key'])
@pytest.mark.parametrize('value', [['a', 'b'], {'a': 1}, True], ids=repr)
def test_what_is_no_text_is_refused_as_a_name(name, value):
    row = dict({'person': 'ann', 'photos': PHOTOS, 'template': TEMPLATE}, **{name: value})
    order, = Orders([row])
    (_, column, why), = order.error.problems
    assert column == name and repr(value) in why
