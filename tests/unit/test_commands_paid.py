# -*- coding: utf-8 -*-
"""The command line where money is at stake: the ledger, names, files, and what goes on after."""
import io
import json
import os
import re
import shlex
import subprocess

import pytest
from support import ROOT
from support.service import HOST, TWO
from system import mounted

from ai_service_python_sdk import AIGCImagesApi, TrainedModel
from ai_service_python_sdk.cli import main, output
from ai_service_python_sdk.ledger import Ledger, LedgerError
from ai_service_python_sdk.util.language import set_language

PHOTOS = ['https://example.com/{}.jpg'.format(i) for i in range(5)]
OTHERS = ['https://example.com/other{}.jpg'.format(i) for i in range(5)]
TEMPLATE = 'https://example.com/template.jpg'
RUN = ['run'] + PHOTOS + ['--template', TEMPLATE, '--interval', '0']
CREATE = 'ai-portrait create m-11 --template {} --out portrait.jpg'.format(TEMPLATE)
REFUSED = {'check_results': [{'code': 3, 'message': 'more than one face', 'url': PHOTOS[0]}]}
FITS = {'check_results': [{'code': 1, 'message': 'success', 'url': PHOTOS[0]}]}


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """A home of the test's own, English, and credentials in the environment."""
    for name, value in (('HOST', HOST), ('APP_ID', 'app'), ('TOKEN', 'very-secret'),
                        ('LANG', 'en')):
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.chdir(tmp_path)
    yield
    set_language(None)


@pytest.fixture
def run(capsys):
    """Run a command line; return (exit code, stdout, stderr)."""
    def call(*words):
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err
    return call


@pytest.fixture
def ledger(tmp_path):
    (tmp_path / 'data').mkdir()
    with Ledger(str(tmp_path / 'ledger.sqlite')) as ledger:
        yield ledger


def kept(tmp_path):
    """Return the rows of the user's own ledger, the newest first."""
    ledger = Ledger(str(tmp_path / 'data' / 'ai-portrait' / 'ledger.sqlite'))
    return ledger.trainings() + ledger.creations()


# the one-liner, made to fail at each step

#: What goes wrong, as the documentation calls it, to: answers of the service, more words, the
#: exit code, what is printed of the cause, and the line that goes on.
BAD_DAYS = {
    'a photo that does not fit': (
        {'check': REFUSED}, [], 3, 'does not show exactly one face',
        'Replace or remove the photos named, then check again.'),
    'a template that does not fit': (
        {'check': [FITS, REFUSED]}, [], 3, 'Give another template, or --no-template-check.',
        '  rejected template ' + TEMPLATE + ' (code 3): it does not show exactly one face; with '
        'several, give --person for each.'),
    'a training that is refused': (
        {'train': (462, {'code': 'error', 'message': 'Invalid input data. Please check the '
                                                     'input dict.'})},
        [], 6, 'status: 462', 'what to do: Check the fields and their types; a training takes '
        '5 to 20 photos.'),
    'Ctrl-C while the training is sent': (
        {'train': KeyboardInterrupt()}, [], 130, 'it may be paid for',
        'go on with: ai-portrait history'),
    'a training that fails': (
        {'job': {'job': {'id': 11, 'state': 3, 'message': 'Training - Not get lora weight'}}}, [],
        7, 'without LoRA weights',
        'what to do: Train again with better photos; if it repeats, report it with the request '
        'id.'),
    'a training that takes too long': (
        {'job': {'job': {'id': 11, 'state': 1, 'message': ''}}}, ['--timeout', '0'], 8,
        'did not end in time', 'go on with: ai-portrait wait 11 && ' + CREATE),
    'Ctrl-C while it trains': (
        {'job': KeyboardInterrupt()}, [], 130, 'job 11 goes on, model m-11',
        'go on with: ai-portrait wait 11 && ' + CREATE),
    'a creation that is refused': (
        {'create': (469, {'code': 'error', 'message': 'Please confirm if the number of faces in '
                          'the template corresponds to the user ID.'})},
        [], 6, 'another number of faces', 'go on with: ' + CREATE),
    'a disk that is full': (
        {}, ['--out', '/dev/full'], 1, '/dev/full: the disk is full', 'go on with: mv '),
    'the same photos again': (
        {}, [], 10, 'nothing was sent now', 'go on with: ' + CREATE),
}


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='needs a disk that is always full')
@pytest.mark.parametrize('name', sorted(BAD_DAYS))
def test_a_run_that_fails_says_what_happened_the_ids_and_the_line_that_goes_on(
        run, service, tmp_path, caplog, name):
    answers, words, code, cause, line = BAD_DAYS[name]
    if name == 'the same photos again':
        assert run(*RUN)[0] == 0
        os.remove('portrait.jpg')
        service.asked.clear()
    service.answers.update(check=FITS, **answers) if 'check' not in answers else (
        service.answers.update(answers))
    found, out, err = run(*RUN + words)
    shown = out + err
    assert found == code, shown
    assert cause in shown + caplog.text, shown
    assert (out if code == 3 else err).splitlines()[-1].startswith(line), shown
    assert 'Traceback' not in shown and 'very-secret' not in shown
    if 'train' in service.names() and name != 'a training that is refused':
        row = kept(tmp_path)[0]
        assert row.state != 'failed' or code == 7
        if row.job_id:
            assert re.search(r'job[ :]+11', shown) and 'm-11' in shown
    if name == 'the same photos again':
        assert not service.asked and 'row 1, name -, succeeded' in err
    if name == 'a disk that is full':
        rescued = re.search(r'go on with: mv (\S+) /dev/full', err).group(1)
        assert os.path.getsize(rescued) > 10
        os.remove(rescued)


@pytest.mark.parametrize('lang', ['en', 'zh'])
def test_the_documentation_shows_each_of_these_days_with_its_code_and_its_line(lang):
    path = os.path.join(ROOT, 'docs', 'pages', lang, 'command-line.md')
    with io.open(path, encoding='utf-8') as stream:
        rows = re.findall(r'^\| .*?\| `(\d+)` \|.*?\|.*\|$', stream.read(), re.MULTILINE)
        stream.seek(0)
        text = stream.read()
    assert rows == [str(day[2]) for day in BAD_DAYS.values()]
    for _, _, code, _, line in BAD_DAYS.values():
        if line.startswith('go on with: ') and 'mv ' not in line:
            command = line[len('go on with: '):].replace(TEMPLATE, 'URL')
            assert '| `{}` |'.format(command) in text, command


# the ledger

def test_a_command_keeps_what_is_paid_for_in_the_users_data_folder(run, service, tmp_path):
    assert run(*RUN + ['--name', 'collins'])[0] == 0
    create, = [row for row in kept(tmp_path) if row.kind == 'create']
    train, = [row for row in kept(tmp_path) if row.kind == 'train']
    assert (train.person, train.job_id, train.model_id, train.state) == (
        'collins', 11, 'm-11', 'succeeded')
    assert create.saved == str(tmp_path / 'portrait.jpg') and create.model_ids == ['m-11']


def test_without_a_ledger_nothing_is_kept_and_its_file_is_where_one_says(run, service, tmp_path):
    assert run(*['train', '--no-ledger'] + PHOTOS)[0] == 0
    assert not (tmp_path / 'data').exists()
    assert run(*['train', '--ledger', 'mine.sqlite'] + PHOTOS)[0] == 0
    assert not (tmp_path / 'data').exists() and (tmp_path / 'mine.sqlite').exists()
    assert 'm-11' in run('models', '--ledger', 'mine.sqlite')[1]


def test_what_is_done_on_this_computer_is_kept_apart_from_what_is_paid_for(run, tmp_path):
    folder = tmp_path / 'data' / 'ai-portrait'
    assert run('history', '--host', 'http://127.0.0.1:8765')[0] == 0
    assert [path.name for path in folder.iterdir()] == ['ledger-local.sqlite']
    assert run('history')[0] == 0 and (folder / 'ledger.sqlite').exists()


def test_a_ledger_that_cannot_be_used_ends_the_command_before_anything_is_sent(run, service):
    with open('notes.txt', 'w') as stream:
        stream.write('my notes, more than once ' * 100)
    code, _, err = run(*['train', '--ledger', 'notes.txt'] + PHOTOS)
    assert code == 11 and 'notes.txt cannot be used' in err and not service.asked


def test_a_training_without_an_answer_is_in_the_way_until_again_lets_it_through(run, service):
    words = ['train', '--no-wait'] + PHOTOS
    service.answers['train'] = KeyboardInterrupt()
    code, out, _ = run(*words + ['--json'])
    document = json.loads(out)
    assert code == 130 and document['in_doubt'] == 'the training'
    assert document['resume'] == ['ai-portrait history']
    service.answers['train'] = {'job_id': 11, 'model_id': 'm-11'}
    code, out, err = run(*words + ['--json'])
    document = json.loads(out)
    assert code == 10 and document['error']['type'] == 'InDoubtError'
    assert document['error']['row']['state'] == 'unsettled' and document['resume'] == [
        'ai-portrait history']
    assert service.names().count('train') == 1
    assert run(*words + ['--again'])[0] == 0


def test_a_creation_without_an_answer_is_in_the_way_until_again_lets_it_through(run, service):
    signed = TEMPLATE + '?OSSAccessKeyId=k&Expires=1700000000&Signature='
    words = ['create', 'm-11', '--template', signed + 'a', '--set', 'lora_weights=0.8']
    service.answers['create'] = [KeyboardInterrupt(), service.answers['create'],
                                 service.answers['create'], service.answers['create']]
    code, out, _ = run(*words + ['--json'])
    assert code == 130 and json.loads(out)['in_doubt'] == 'the creation'
    words[3] = signed + 'b'
    code, _, err = run(*words)
    assert code == 10 and service.names() == ['create'] and '--forget 1"' in err
    assert 'row 1' in err and err.splitlines()[-1] == 'go on with: ai-portrait history'
    for other in (['create', 'm-12'] + words[2:], words[:-1] + ['lora_weights=0.9'],
                  words + ['--again']):
        assert run(*other)[0] == 0


def test_a_training_that_goes_on_is_waited_for_instead_of_paid_for_again(run, service):
    words = ['train', '--no-wait', '--name', 'collins'] + PHOTOS
    assert run(*words)[0] == 0
    code, _, err = run(*words)
    assert code == 10 and 'name collins' in err
    assert err.splitlines()[-1] == (
        'go on with: ai-portrait wait 11 && ai-portrait create m-11 --template URL')
    assert run('wait')[:2] == (0, 'job 11: succeeded\n')
    code, _, err = run('wait')
    assert code == 2 and 'no training goes on' in err


def test_what_goes_on_is_waited_for_before_another_training_is_paid_for(run, service):
    assert run('train', '--no-wait', *OTHERS)[0] == 0
    code, _, err = run('run', '--template', TWO, '--person', *PHOTOS + ['--person'] + OTHERS)
    commands = err.splitlines()[-1].partition('go on with: ')[2].split(' && ')
    assert code == 10 and [line.split()[1] for line in commands] == ['wait', 'train', 'create']


def test_a_ledger_that_cannot_be_read_any_more_does_not_end_the_wait_for_what_is_paid_for(
        run, service, monkeypatch):
    def unreadable(ledger):
        raise LedgerError(ledger.path, 'it was removed')

    monkeypatch.setattr(Ledger, 'seconds_of_trainings', unreadable)
    code, out, err = run('train', *PHOTOS + ['--interval', '0'])
    assert code == 0 and 'job 11: succeeded' in out, err


@pytest.mark.parametrize('answer', [
    (502, '<html>Bad Gateway</html>'), (200, ''), (500, {}), (408, {'code': 'RequestTimeout'})],
                         ids=repr)
def test_after_an_answer_of_a_proxy_the_way_on_is_to_look_and_not_to_pay_again(
        run, service, tmp_path, answer):
    service.answers['create'] = answer
    words = ['create', 'm-1', '--template', TEMPLATE]
    code, _, err = run(*words)
    assert code == 9 and err.splitlines()[-1] == 'go on with: ai-portrait history'
    assert 'ai-portrait create' not in err and 'before you pay a second time' in err
    document = json.loads(run(*words + ['--json', '--again'])[1])
    assert document['error']['is_in_doubt'] and document['resume'] == ['ai-portrait history']
    assert [row.state for row in kept(tmp_path)] == ['unsettled'] * 2


@pytest.mark.parametrize('words', [['create', 'Grace', '--template', TEMPLATE], ['wait', 'Grace']])
@pytest.mark.parametrize('state', ['failed', 'unsettled'])
def test_the_name_of_a_training_that_failed_or_is_in_doubt_is_not_sent_as_an_id(
        run, service, ledger, words, state):
    ledger.settle(ledger.begin('train', PHOTOS, person='Grace'), job_id=11, state=state)
    code, _, err = run(*words + ['--ledger', ledger.path])
    assert code == 2 and "no training of 'Grace'" in err and not service.asked


def test_after_an_answer_without_a_picture_the_way_on_is_to_look_and_not_to_pay_again(
        run, service):
    service.answers['create'] = {'cost_time': 3}
    code, _, err = run('create', 'm-1', '--template', TEMPLATE)
    assert code == 9 and err.splitlines()[-1] == 'go on with: ai-portrait history'
    assert 'before you pay a second time' in err and 'holds no picture' in err


def test_a_call_that_costs_nothing_leaves_no_doubt_behind_when_its_answer_is_lost(run, service):
    service.answers['job'] = (200, '<html>a login page</html>')
    code, _, err = run(*RUN)
    assert code == 9 and err.splitlines()[-1] == 'go on with: ai-portrait wait 11 && ' + CREATE
    service.answers['check'] = (200, '<html>a login page</html>')
    code, _, err = run('check', *PHOTOS)
    assert code == 9 and 'go on' not in err and 'history' not in err


def test_a_call_in_doubt_is_let_go_by_its_row_and_no_other_row_is(run, service, ledger):
    first = ledger.begin('train', photos=PHOTOS)
    second = ledger.begin('create', template=TEMPLATE)
    ledger.settle(second)
    words = ['--ledger', ledger.path]
    code, _, err = run('train', *PHOTOS + words)
    assert code == 10 and '"ai-portrait history --ledger {} --forget {}"'.format(
        ledger.path, first.id) in err
    assert 'under way in another thread or process' in err and not service.asked
    for row in (second.id, 99):
        code, out, err = run('history', '--forget', str(row), *words)
        assert (code, out) == (2, '') and ('not in doubt' in err or 'no such row' in err)
    code, out, _ = run('history', '--forget', str(first.id), *words)
    assert code == 0 and out.splitlines()[1].startswith('1 ') and 'forgotten' in out
    document = json.loads(run('history', '--json', *words)[1])
    assert [row['state'] for row in document['history']] == ['succeeded', 'forgotten']
    assert run('train', *PHOTOS + words)[0] == 0


@pytest.mark.parametrize('command', ['job', 'wait', 'create'])
def test_an_emulators_ledger_is_refused_for_the_service_before_it_is_asked(
        run, service, ledger, command):
    ledger.serve('http://127.0.0.1:1', is_paid=True)
    ledger.settle(ledger.begin('train', person='ann'), job_id=11, model_id='m-11')
    words = ['--template', TEMPLATE] if command == 'create' else []
    code, _, err = run(command, 'ann', '--ledger', ledger.path, *words)
    assert code == 11 and 'the calls of an emulator' in err and not service.asked
    assert ledger.model('ann').state == 'accepted'
    assert 'm-11' in run('models', '--ledger', ledger.path)[1]  # which asks nobody


def test_of_two_persons_of_one_name_the_model_that_is_used_is_said(run, service, ledger):
    for number in (1, 2, 3):
        row = ledger.begin('train', photos=['https://h.test/{}'.format(number % 2)], person='ann')
        ledger.settle(row, job_id=number, model_id='m-{}'.format(number), state='succeeded')
    words = ['--template', TEMPLATE, '--ledger', ledger.path, '--force']
    err = run('create', 'ann', *words)[2]
    assert 'the model m-3 of ' in err and 'm-2 (' in err and 'm-1' not in err
    assert run('create', 'm-3', *words)[2] == ''


def test_a_model_or_job_that_the_service_has_no_more_leads_in_no_circle(run, service, ledger):
    ledger.settle(ledger.begin('train', person='ann'), job_id=11, model_id='m-11')
    words = ['--ledger', ledger.path]
    service.answers['job'] = 404, {'code': 'PARAMETER_ERROR', 'message': 'job not found'}
    for command in ('job', 'wait'):
        err = run(command, 'ann', *words)[2]
        assert 'trained again (ai-portrait train ... --again' in err and 'go on' not in err
    ledger.finished(11, 'succeeded')
    service.answers['create'] = 462, {'code': 'error', 'message': (
        "Roop image decord error. Pleace check the user's lora is trained or not.")}
    code, _, err = run('create', 'ann', '--template', TEMPLATE, *words)
    assert code == 6 and 'train again (ai-portrait train ... --again' in err
    assert 'go on' not in err and 'state 2' not in err


def test_the_photos_of_one_person_are_not_those_of_a_second_one(run, service):
    for people in ([PHOTOS, PHOTOS], [PHOTOS, OTHERS, PHOTOS[::-1]]):
        words = [word for photos in people for word in ['--person'] + photos]
        code, _, err = run('run', '--template', TEMPLATE, *words)
        assert code == 2 and 'the same photos' in err and not service.asked


@pytest.mark.parametrize('command, word', [
    (['models'], 'm-11'), (['history'], 'm-11'), (['wait', 'ann'], 'job 11: succeeded'),
    (['job', 'ann'], 'job 11: succeeded')], ids=lambda value: value and value[0])
@pytest.mark.parametrize('disk', ['full', 'read-only'])
def test_on_a_disk_that_takes_nothing_more_the_ledger_is_read(run, service, tmp_path, command,
                                                              word, disk):
    folder = tmp_path / 'small'
    folder.mkdir()
    with mounted('-t', 'tmpfs', '-o', 'size=400k', 'none', str(folder)):
        with Ledger(folder / 'l.sqlite') as ledger:
            ledger.settle(ledger.begin('train', person='ann'), job_id=11, model_id='m-11')
        if disk == 'full':
            with open(str(folder / 'filler'), 'wb', 0) as filler, pytest.raises(OSError):
                while True:
                    filler.write(b'x' * 4096)
        else:
            subprocess.check_call(['mount', '-o', 'remount,ro', str(folder)])
        words = ['--ledger', str(folder / 'l.sqlite')]
        code, out, _ = run(*command + words)
        assert code == 0 and word in out
        service.asked.clear()
        code, _, err = run('create', 'ann', '--template', TEMPLATE, *words)
        assert code == 11 and not service.asked


@pytest.mark.parametrize('place', ['data', 'data/below'])
def test_a_home_in_which_no_ledger_can_be_made_has_the_code_of_the_ledger_in_either_language(
        run, service, tmp_path, monkeypatch, place):
    (tmp_path / 'data').write_text('')
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / place))
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / place))
    for words in (['train'] + PHOTOS, ['history'], ['uploads'], ['history', '--emulator']):
        code, _, err = run(*words)
        assert code == 11 and 'Not a directory' in err and 'give another file' in err
        code, _, err = run('--lang', 'zh', *words)
        assert code == 11 and u'路径中的某一级不是文件夹' in err
        set_language('en')
    assert not service.asked


def test_an_empty_name_of_a_ledger_is_refused(run, service):
    for words in (['train'] + PHOTOS, ['history'], ['wait', '11']):
        code, _, err = run(*words + ['--ledger', ''])
        assert code == 2 and ('is empty' in err or 'no such file' in err.lower())
        assert 'Errno' not in err and not service.asked


def test_the_line_that_goes_on_takes_a_file_that_begins_with_a_dash(run, service):
    service.states = [1]
    code, _, err = run(*RUN + ['--out=-a.jpg', '--timeout', '0'])
    assert code == 8 and err.rstrip().endswith('--template {} --out=-a.jpg'.format(TEMPLATE))
    service.states = [2]
    for command in err.partition('go on with: ')[2].strip().split(' && '):
        assert run(*shlex.split(command)[1:])[0] == 0
    assert os.path.getsize('-a.jpg')


@pytest.mark.skipif(os.name == 'nt', reason='quotes as bash does')
def test_the_lines_that_go_on_take_orders_and_a_portrait_that_begin_with_a_dash(
        run, service, tmp_path, monkeypatch):
    (tmp_path / '-a.csv').write_text(
        u'person,photos,template\nAda,{},{}\n'.format('|'.join(PHOTOS), TEMPLATE))
    made, service.answers['create'] = service.answers['create'], (500, {})
    out = run('batch', '--yes', '--interval=0', '--', '-a.csv')[1]
    service.answers['create'] = made
    line = out.split('which may pay twice: ')[1].split('\n')[0]
    assert run(*shlex.split(line)[1:] + ['--yes'])[0] == 0
    create = AIGCImagesApi.aigc_images_create
    monkeypatch.setattr(AIGCImagesApi, 'aigc_images_create', lambda *args, **named: (
        (tmp_path / '-b.jpg').write_text(u'mine') and create(*args, **named)))
    code, _, err = run('create', 'm', '--template', TEMPLATE, '--out=-b.jpg')
    assert code == 1 and subprocess.call(err.split('go on with: ')[1], shell=True) == 0
    assert os.path.getsize('-b-2.jpg') > 4


# names, ids and files

def test_names_ids_and_files_lead_to_the_same_training(run, service):
    assert run('train', '--name', 'collins', '--save', 'c.json', *PHOTOS)[0] == 0
    for word in ('collins', 'm-11', '11', 'c.json'):
        assert run('job', word)[:2] == (0, 'job 11: succeeded\n')
        assert run('wait', word)[0] == 0
        if word != '11':
            assert run('create', word, '--template', TEMPLATE)[0] == 0
            assert service.asked[-1][1]['model_id'] == 'm-11'


@pytest.mark.parametrize('command', ['job', 'wait', 'create'])
@pytest.mark.parametrize('word, text', [
    ('nosuch.json', 'there is no file nosuch.json'), ('no/such', 'there is no file no/such'),
    ('other.json', 'does not hold a model')])
def test_a_word_that_is_nothing_is_not_taken_for_an_id(run, service, command, word, text):
    assert run('train', '--name', 'collins', *PHOTOS)[0] == 0
    with open('other.json', 'w') as stream:
        stream.write('{}')
    service.asked.clear()
    code, _, err = run(command, word, *['--template', TEMPLATE] if command == 'create' else [])
    assert code == 2 and text in err and not service.asked


def test_a_job_that_nobody_knows_is_a_number(run, service):
    code, _, err = run('job', 'somebody')
    assert code == 2 and 'ai-portrait models' in err and not service.asked


@pytest.mark.parametrize('command', ['job', 'wait'])
def test_a_number_is_the_job_that_the_last_line_named_whoever_is_called_so(
        run, service, ledger, command):
    for job_id, person in ((11, None), (12, '11')):
        row = ledger.begin('train', photos=PHOTOS, person=person)
        ledger.settle(row, job_id=job_id, model_id='m-{}'.format(job_id))
    assert run(command, '11', '--ledger', ledger.path)[:2] == (0, 'job 11: succeeded\n')
    assert set(service.asked) == {('job', 11)}


def test_a_wait_for_no_one_is_for_the_newest_training_whose_job_is_known(run, service, ledger):
    for job_id, model_id in ((12, 'm-12'), (11, 'm-11'), (None, 'm-10')):
        row = ledger.begin('train', photos=PHOTOS)
        ledger.settle(row, job_id=job_id, model_id=model_id)
    assert run('wait', '--ledger', ledger.path)[:2] == (0, 'job 11: succeeded\n')
    assert run('wait', '--ledger', ledger.path)[:2] == (0, 'job 12: succeeded\n')
    code, _, err = run('wait', '--ledger', ledger.path)
    assert code == 2 and 'no training goes on' in err


def test_only_a_person_who_has_a_model_already_is_said_to_have_one(run, service):
    assert run('train', *PHOTOS)[0] == 0  # job 11
    service.answers['train'] = {'job_id': 12, 'model_id': 'm-12'}
    code, out, err = run('train', '--name', '11', *OTHERS)
    assert code == 0 and 'already' not in out + err
    assert '11 has the model m-12 already' in ''.join(run('train', '--name', '11', *PHOTOS)[1:])
    service.answers['train'] = 500
    run('train', '--name', 'anna', *PHOTOS)
    assert 'already' not in ''.join(run('train', '--name', 'anna', '--again', *PHOTOS)[1:])


def test_several_persons_have_a_name_each(run, service):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'm-11'},
                                {'job_id': 12, 'model_id': 'm-12'}]
    words = ['run', '--person'] + PHOTOS + ['--person'] + OTHERS + ['--template', TWO]
    code, _, err = run(*words + ['--name', 'a'])
    assert code == 2 and '--name is given 1 times for 2 persons' in err
    assert 'train' not in service.names()
    assert run(*words + ['--name', 'a', '--name', 'b'])[0] == 0
    document = json.loads(run('wait', 'a', 'b', '--json')[1])
    assert len(document['jobs']) == 2 and document['job'] == document['jobs'][1]
    assert run('create', 'b', 'a', '--template', TEMPLATE)[0] == 0
    assert service.asked[-1][1]['model_ids'] == ['m-12', 'm-11']


def test_a_template_of_one_face_is_refused_for_two_persons_before_the_training(run, service):
    words = ['run', '--person'] + PHOTOS + ['--person'] + OTHERS + ['--template', TEMPLATE]
    code, out, _ = run(*words)
    assert code == 3 and 'The template does not show the faces of 2 persons.' in out
    assert out.endswith('Give another template, or --no-template-check.\n')
    document = json.loads(run(*words + ['--json'])[1])
    assert document['exit_code'] == 3 and document['error']['type'] == 'ImageCheckError'
    assert document['template'] == {'code': 1, 'fits': False}
    error = document['error']
    assert 'does not show the faces of 2 persons' in error['summary'] and error['photos'] == []
    assert 'photo(s)' not in json.dumps(document)
    assert set(service.names()) == {'check'}


def test_the_document_says_that_it_is_the_template_which_does_not_fit_one_person(run, service):
    service.answers['check'] = [FITS, REFUSED]
    code, out, _ = run(*RUN + ['--json'])
    error = json.loads(out)['error']
    assert code == 3 and 'template does not fit a portrait of one person' in error['summary']
    assert [photo['code'] for photo in error['photos']] == [3]
    assert 'photo(s)' not in json.dumps(error)


# files


def test_where_one_of_several_was_trained_before_the_others_are_trained_and_all_created(
        run, service):
    service.answers['train'] = [{'job_id': 11, 'model_id': 'm-7'},
                                {'job_id': 12, 'model_id': 'm-8'}]
    assert run('train', *PHOTOS)[0] == 0
    words = ['run', '--person'] + OTHERS + ['--person'] + PHOTOS + ['--template', TEMPLATE]
    code, _, err = run(*words + ['--out', 'two.jpg'])
    assert code == 10
    line = err.split('go on with: ')[1].strip()
    assert line == 'ai-portrait train {} --name person-1 && ai-portrait create person-1 m-7 ' \
        '--template {} --out two.jpg'.format(' '.join(OTHERS), TEMPLATE)
    for command in line.split(' && '):
        assert run(*command.split()[1:])[0] == 0
    assert service.names().count('train') == 2
    assert service.asked[-1][1]['model_ids'] == ['m-8', 'm-7']


def test_a_file_that_holds_something_else_is_kept_unless_forced(run, service):
    with open('notes.txt', 'w') as stream:
        stream.write('mine')
    for words in (['train', '--save', 'notes.txt'] + PHOTOS,
                  ['create', 'm', '--template', TEMPLATE, '--out', 'notes.txt']):
        code, _, err = run(*words)
        assert code == 2 and 'notes.txt' in err and '--force' in err and not service.asked
        with open('notes.txt') as stream:
            assert stream.read() == 'mine'
    assert run(*['train', '--save', 'notes.txt', '--force'] + PHOTOS)[0] == 0
    assert TrainedModel.load('notes.txt').model_id == 'm-11'


@pytest.mark.parametrize('words', [
    ['--out', 'x', '--save', './x'], ['--out', 'x', '--ledger', 'x'],
    ['--save', 'x', '--ledger', os.path.join('y', '..', 'x')]], ids=' '.join)
def test_one_file_for_two_things_is_refused_before_anything_is_sent(run, service, words):
    os.mkdir('y')
    code, _, err = run(*RUN + words)
    assert code == 2 and 'need a file each' in err and not service.asked
    assert not os.path.exists('x')


def test_neither_the_ids_of_another_model_nor_a_picture_is_overwritten(run, service):
    TrainedModel('m-1', 1).save('a.json')
    code, _, err = run(*['train', '--save', 'a.json'] + PHOTOS)
    assert code == 2 and not service.asked and TrainedModel.load('a.json').model_id == 'm-1'
    create = 'create', 'm', '--template', TEMPLATE
    for name in ('portrait.jpg', 'portrait-2.jpg', 'portrait-3.jpg'):
        code, out, _ = run(*create)
        assert code == 0 and out.splitlines()[-1].startswith(name + ': ') and os.path.exists(name)
    service.asked.clear()
    code, _, err = run(*create + ('--out', 'portrait.jpg'))
    assert code == 2 and '--force' in err and not service.asked
    assert run(*create + ('--out', 'portrait.jpg', '--force'))[0] == 0
    assert run(*create + ('--force',))[0] == 0 and not os.path.exists('portrait-4.jpg')


def test_what_comes_into_the_place_of_a_portrait_meanwhile_stays(run, service, monkeypatch):
    create = AIGCImagesApi.aigc_images_create

    def slow(self, *args, **named):
        with open('mine.jpg', 'w') as stream:
            stream.write('mine')
        return create(self, *args, **named)
    monkeypatch.setattr(AIGCImagesApi, 'aigc_images_create', slow)
    code, _, err = run('create', 'm', '--template', TEMPLATE, '--out', 'mine.jpg')
    rescued = re.search(r'go on with: mv (\S+) mine-2.jpg', err).group(1)
    assert code == 1 and os.path.getsize(rescued) > 3 and os.path.getsize('mine.jpg') == 4
    assert rescued in run('history')[1]


def test_no_signature_of_a_photo_and_no_control_character_gets_to_the_terminal(run, service):
    urls = [photo + '?Signature=s3cret' for photo in PHOTOS]
    service.answers['check'] = {'check_results': [
        {'code': 1, 'message': 'success', 'url': urls[0]},
        {'code': 3, 'message': 'more than one face', 'url': urls[1]}]}
    code, out, err = run('check', *urls)
    assert code == 3 and PHOTOS[0] in out and 's3cret' not in out + err
    service.answers['check'] = FITS
    assert run('train', '--no-wait', '--name', 'a\x1b[31mb\u202ec', *PHOTOS)[0] == 0
    assert 'a\\x1b[31mb\\u202ec' in run('models')[1]


@pytest.mark.parametrize('lang, text', [('en', 'there is no such file or folder'),
                                        ('zh', u'文件或文件夹不存在')])
def test_a_place_that_cannot_be_written_is_named_as_the_user_did(run, service, lang, text):
    for words in (['create', 'm', '--template', TEMPLATE, '--out', 'no/such/o.jpg'],
                  ['train', '--save', 'no/such/o.jpg'] + PHOTOS):
        code, _, err = run('--lang', lang, *words)
        assert code == 2 and 'no/such/o.jpg' in err and text in err and not service.asked
        assert '.part' not in err and '->' not in err


# parameters, counts

@pytest.mark.parametrize('lang, text', [('en', 'did you mean lora_weights'),
                                        ('zh', u'是否想用 lora_weights')])
def test_a_misspelt_parameter_is_refused_unless_it_is_meant(run, service, lang, text):
    words = ['create', 'm', '--template', TEMPLATE, '--set', 'lora_weight=0.9']
    code, out, err = run('--lang', lang, *words)
    assert code == 2 and text in err and '--any-parameter' in err and not service.asked
    code, _, err = run(*words + ['--any-parameter'])
    assert code == 0 and err == ''
    assert service.asked[-1][1]['configure'] == {'lora_weight': 0.9}


def test_photos_that_a_check_rejects_are_trained_only_if_nobody_looks(run, service):
    train = ['train'] + PHOTOS + ['--no-wait']
    service.answers['check'] = REFUSED
    code, out, err = run(*train)
    assert code == 3 and 'rejected' in out and service.names() == ['check']
    assert run(*train + ['--no-check'])[0] == 0 and service.names() == ['check', 'train']


def test_too_few_photos_are_refused_before_they_are_paid_for(run, service):
    code, _, err = run('train', PHOTOS[0])
    assert code == 2 and '--any-count' in err and 'train' not in service.names()
    assert 'history' not in err
    assert run('train', PHOTOS[0], '--any-count')[0] == 0


# what is said, and to whom

@pytest.mark.parametrize('words', [['check'], ['paint'], ['job', '1', '--timeout', 'soon']],
                         ids=' '.join)
def test_wrong_words_give_a_document_to_who_asked_for_one(run, words):
    code, out, err = run(*words + ['--json'])
    document = json.loads(out)
    assert code == document['exit_code'] == 2 and document['error']['type'] == 'ValueError'
    assert not document['ok'] and document['command'] == words[0]


def test_chinese_messages_are_chinese_all_the_way(run, service):
    service.answers['job'] = 404
    err = run('--lang', 'zh', 'job', '11')[2]
    assert u'失败：服务未能完成请求' in err
    service.answers['job'] = {'job': {'id': 11, 'state': 1, 'message': ''}}
    err = run('--lang', 'zh', 'wait', '11', '--timeout', '0')[2]
    assert u'任务未在限定时间内结束' in err and 'did not end' not in err


def test_columns_stand_below_each_other_whatever_the_script(run, ledger):
    for person in (u'小明', 'collins', None):
        row = ledger.begin('train', photos=PHOTOS, person=person)
        ledger.settle(row, job_id=11, model_id='m-11')
    for lang in ('en', 'zh'):
        out = run('models', '--ledger', ledger.path, '--lang', lang)[1]
        lines = out.splitlines()
        assert len(lines) == 4 and u'小明' in out
        places = [output.width_of(line[:line.index('m-11')]) for line in lines[1:]]
        assert len(set(places)) == 1
    assert u'模型训练' in run('history', '--ledger', ledger.path, '--lang', 'zh')[1]


def test_a_row_to_forget_is_named_with_the_options_that_lead_to_its_ledger(run, tmp_path):
    store = str(tmp_path / 'a store')
    os.mkdir(store)
    with Ledger(os.path.join(store, 'ledger.sqlite')) as ledger:
        ledger.begin('train', photos=PHOTOS)
    out = run('history', '--emulator', '--store', store)[1]
    assert out.splitlines()[-1].endswith("--forget ROW --emulator --store '{}'".format(store))
    assert run('history', '--forget', '1', '--emulator', '--store', store)[0] == 0


@pytest.mark.parametrize('number', ['7', '9' * 30])
def test_a_row_that_is_not_in_doubt_is_not_forgotten(run, ledger, number):
    code, _, err = run('history', '--forget', number, '--ledger', ledger.path)
    assert code == 2 and '--forget {}: that row is not in doubt'.format(number) in err


def test_the_document_of_a_template_that_does_not_fit_names_options(run, service):
    service.answers['check'] = [FITS, REFUSED]
    error = json.loads(run(*RUN + ['--json'])[1])['error']
    assert '--no-template-check' in error['hint'] and 'check_template' not in error['text']


def test_the_report_of_a_batch_names_options(run, service, tmp_path):
    (tmp_path / 'o.jsonl').write_text(json.dumps(
        {'person': 'ann', 'photos': PHOTOS, 'template': TEMPLATE}))
    service.answers['check'] = [FITS, REFUSED]
    run('batch', 'o.jsonl', '--yes')
    report = (tmp_path / 'portraits' / 'report.jsonl').read_text()
    assert '--no-template-check' in report and 'check_template' not in report


def test_models_and_history_are_documents_too(run, ledger):
    row = ledger.begin('train', photos=PHOTOS, person='collins')
    ledger.settle(row, job_id=11, model_id='m-11')
    ledger.begin('create', template=TEMPLATE + '?Signature=very-secret', model_ids=['m-11'])
    model, = json.loads(run('models', '--ledger', ledger.path, '--json')[1])['models']
    assert (model['person'], model['model_id'], model['job_id'], model['state']) == (
        'collins', 'm-11', 11, 'accepted') and model['age_seconds'] >= 0
    out = run('history', '--ledger', ledger.path, '--json')[1]
    rows = json.loads(out)['history']
    assert [(row['state'], row['person']) for row in rows] == [
        ('unsettled', None), ('accepted', 'collins')]
    assert 'very-secret' not in out
    lines = run('history', '--ledger', ledger.path)[1].splitlines()
    assert lines[1].endswith(TEMPLATE + '  -') and 'm-11' in lines[1]
    assert lines[0].endswith('SAVED, OR MESSAGE')  # which may be long, and widens no other line
    assert len(lines) == 4 and lines[-1].endswith(
        'ai-portrait history --forget ROW --ledger ' + ledger.path)
    assert run('models', '--ledger', 'nosuch.sqlite')[0] == 2
    assert not os.path.exists('nosuch.sqlite')


def test_the_lists_end_where_one_says(run, ledger):
    for person in ('ann', 'bob'):
        row = ledger.begin('train', photos=PHOTOS, person=person)
        ledger.settle(row, job_id=11, model_id='m-' + person)
    for command in ('models', 'history'):
        for limit, people in (('1', ['bob']), ('0', ['bob', 'ann']), ('9' * 30, ['bob', 'ann'])):
            rows = json.loads(run(command, '--limit', limit, '--ledger', ledger.path,
                                  '--json')[1])[command]
            assert [row['person'] for row in rows] == people


def test_a_list_that_ends_early_says_so_and_shows_all_that_is_in_doubt(run, ledger):
    for person in ('old', 'ann', 'eve', 'bob', 'ian'):
        row = ledger.begin('create' if person == 'eve' else 'train', person=person)
        if person not in ('ann', 'eve'):
            ledger.settle(row, job_id=11, model_id='m-' + person)
    words = ('--ledger', ledger.path)
    for command, limit, people in (
            ('history', '1', ['ian', 'eve', 'ann']), ('models', '1', ['ian', 'ann']),
            ('history', '3', ['ian', 'bob', 'eve', 'ann'])):
        document = json.loads(run(command, '--limit', limit, '--json', *words)[1])
        assert [row['person'] for row in document[command]] == people
        out = run(command, '--limit', limit, *words)[1]
        assert out.endswith('all: --limit 0\n')
    for limit in ('0', '5', '50'):
        document = json.loads(run('history', '--limit', limit, '--json', *words)[1])
        assert len(document['history']) == 5
        assert '--limit 0' not in ''.join(run('history', '--limit', limit, *words)[1:])


def test_the_document_of_a_check_says_why_a_photo_does_not_fit_and_what_to_do(run, service):
    service.answers['check'] = {'check_results': [
        {'code': 1, 'message': 'success', 'url': PHOTOS[0]},
        {'code': 3, 'message': 'more than one face', 'url': PHOTOS[1]}]}
    code, out, err = run('check', PHOTOS[0], PHOTOS[1], '--json')
    document = json.loads(out)
    assert code == document['exit_code'] == 3 and err == ''
    bad = document['check_results'][1]
    assert bad['reason'] == 'The photo does not show exactly one face.'
    assert bad['remedy'] == 'Use a photo of this person alone.'
    assert [photo['url'] for photo in document['error']['photos']] == [PHOTOS[1]]


def test_a_defect_of_ours_ends_with_its_traceback_and_the_line_that_goes_on(run, service,
                                                                            monkeypatch):
    service.answers['job'] = RuntimeError('a defect')
    code, _, err = run('train', *PHOTOS)
    assert code == 1 and 'Traceback' in err and 'a defect' in err
    assert err.splitlines()[-1] == 'go on with: ai-portrait wait 11'
