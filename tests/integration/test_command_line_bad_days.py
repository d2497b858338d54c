"""The command line against the emulator when money is at stake: names, refusals, no streams."""
import errno
import glob
import json
import os
import shutil
import subprocess
import sys

import pytest
from support import PHOTOS, ROOT, untraced

from ai_service_python_sdk import ApiClient, PortraitStudio
from ai_service_python_sdk.cli import emulator, main
from ai_service_python_sdk.ledger import Ledger

pytestmark = pytest.mark.usefixtures('apart')
COLLINS = sorted(glob.glob(os.path.join(PHOTOS, 'collins_*.jpg')))
TEMPLATE = os.path.join(PHOTOS, 'template_single_hopper.jpg')
TRAIN = ['train', '--emulator', '--training-seconds', '0.1'] + COLLINS
#: Of ``ai-portrait``, in a process of its own.
PROGRAM = [sys.executable, '-m', 'ai_service_python_sdk']


def rows(tmp_path):
    """Return what the emulator's ledger holds, the newest training first."""
    return Ledger(str(tmp_path / 'cache' / 'ai-portrait' / 'emulator' / 'ledger.sqlite'))


def test_a_name_leads_from_the_training_to_the_portrait(run):
    assert run(*TRAIN + ['--name', 'collins', '--no-wait'])[0] == 0
    code, out, _ = run('wait', '--emulator')
    assert code == 0 and 'job 1: succeeded' in out
    code, out, _ = run('models', '--emulator')
    assert code == 0 and 'collins' in out and 'succeeded' in out
    assert run('create', 'collins', '--emulator', '--template', TEMPLATE)[0] == 0
    assert os.path.getsize('portrait.jpg') > 10000
    assert 'portrait.jpg' in run('history', '--emulator')[1]


def test_the_emulators_jobs_are_not_among_those_that_are_paid_for(run):
    assert run(*TRAIN)[0] == 0
    code, out, _ = run('models')
    assert code == 0 and 'nothing yet' in out


def test_the_same_local_photos_are_known_again_in_any_order_from_any_folder(run, tmp_path):
    assert run(*TRAIN)[0] == 0
    again = ['train', '--emulator'] + [os.path.relpath(name) for name in reversed(COLLINS)]
    code, _, err = run(*again)
    assert code == 10 and 'job: 1' in err and '--again' in err
    assert len(rows(tmp_path).trainings()) == 1
    row = rows(tmp_path).trainings()[0]
    assert [name for name, _ in row.photos] == COLLINS
    assert run(*again + ['--again', '--training-seconds', '0.1'])[0] == 0


def test_a_template_that_cannot_serve_is_refused_before_the_training(run, tmp_path):
    with open('t.jpg', 'w') as stream:
        stream.write('a text')
    for template in ('t.jpg', os.path.join(PHOTOS, 'template_two.jpg')):
        code, out, _ = run('run', '--emulator', '--template', template, *COLLINS)
        assert code == 3 and 'rejected template ' + template in out
    assert rows(tmp_path).trainings() == []


def test_a_folder_is_a_template_only_if_one_picture_is_in_it(run, tmp_path):
    folder = tmp_path / 'templates'
    folder.mkdir()
    shutil.copy(TEMPLATE, str(folder / 'a.jpg'))
    shutil.copy(TEMPLATE, str(folder / 'b.jpg'))
    for words in (['create', 'm'], ['run'] + COLLINS):
        code, out, err = run(*words + ['--emulator', '--template', str(folder)])
        assert code == 2 and '{} stands for 2 pictures; give one'.format(folder) in err
        assert 'Traceback' not in err and 'job' not in out
    (folder / 'b.jpg').unlink()
    assert run('run', '--emulator', '--training-seconds', '0.1', '--template', str(folder),
               *COLLINS)[0] == 0


def test_a_template_of_two_persons_may_have_two_faces(run):
    code, out, _ = run('run', '--emulator', '--person', os.path.join(PHOTOS, 'hopper_*.jpg'),
                       '--person', os.path.join(PHOTOS, 'collins_*.jpg'), '--template',
                       os.path.join(PHOTOS, 'template_two.jpg'), '--training-seconds', '0.1')
    assert code == 0 and 'fits     template' in out


def test_a_folder_stands_for_its_pictures(run, tmp_path):
    folder = tmp_path / 'me [1]'
    folder.mkdir()
    (folder / 'notes.txt').write_text('no picture')
    for name in COLLINS[:2]:
        shutil.copy(name, str(folder))
    code, out, _ = run('check', '--emulator', str(folder))
    assert code == 0 and out.count('fits') == 2
    (tmp_path / 'empty').mkdir()
    code, _, err = run('check', '--emulator', 'empty')
    assert code == 2 and 'empty' in err and 'Traceback' not in err


def test_a_training_begun_beside_another_command_goes_on_in_a_later_one(
        quick_eyes, run, tmp_path, monkeypatch):
    home = str(tmp_path / 'cache' / 'ai-portrait' / 'emulator')
    one, other = (emulator.LendingEmulator(home, training=0) for _ in range(2))
    service = one.emulator
    monkeypatch.setattr(service.trainings, 'submit', lambda job_id: None)  # ends before its turn
    with ApiClient(service.host, service.app_id, service.token) as client:
        model = PortraitStudio(client).train([one.url(path) for path in COLLINS], wait=False)
    one.stop()
    other.stop()
    code, out, err = run('wait', '--emulator', str(model.job_id))
    assert code == 0 and model.model_id in out, err


def test_photos_that_were_never_written_or_cannot_be_removed_stop_no_end(quick_eyes, tmp_path):
    lending = emulator.LendingEmulator(str(tmp_path / 'lent'))
    name = lending.url(COLLINS[0]).rpartition('/')[2]
    with pytest.raises(OSError):
        lending.url(str(tmp_path / 'none.jpg'))
    lent = tmp_path / 'lent' / 'files' / name
    lent.unlink()
    lent.mkdir()  # which os.remove() refuses
    lending.stop()


def test_a_command_takes_no_photo_away_from_another_one_that_still_runs(
        quick_eyes, tmp_path, run):
    lending = emulator.LendingEmulator(str(tmp_path / 'cache' / 'ai-portrait' / 'emulator'),
                                       training=0)
    urls = [lending.url(path) for path in COLLINS]
    with ApiClient(lending.emulator.host, lending.emulator.app_id,
                   lending.emulator.token) as client:
        studio = PortraitStudio(client, interval=0.02)
        studio.train(urls)  # one of the photos may be the template too
    assert run('wait', '--emulator')[0] in (0, 2)
    assert sorted(os.listdir(lending._folder)) == sorted(
        url.rpartition('/')[2] for url in urls)
    lending.stop()
    assert os.listdir(lending._folder) == []


# without streams

@pytest.mark.skipif(os.name != 'posix', reason='needs a shell that closes streams')
@pytest.mark.parametrize('streams', ['>&-', '<&- >&- 2>&-', '>/dev/full 2>/dev/full',
                                     '| true'])
def test_without_streams_a_command_does_its_work_and_ends_with_its_code(
        emulator, tmp_path, streams, monkeypatch):
    if 'full' in streams and not os.path.exists('/dev/full'):
        pytest.skip('this system has no disk that is always full')
    monkeypatch.setenv('AI_SERVICE_HOST', emulator.host)
    monkeypatch.setenv('AI_SERVICE_APP_ID', emulator.app_id)
    monkeypatch.setenv('AI_SERVICE_TOKEN', emulator.token)
    line = '"$@" {}; exit ${{PIPESTATUS[0]}}'.format(streams)
    kept = ['--ledger', 'l.sqlite']

    def shell(*words):
        process = subprocess.Popen(['bash', '-c', line, 'sh'] + PROGRAM + list(words),
                                   env=untraced(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        err = process.communicate()[1]
        assert b'Traceback' not in err and b'Exception ignored' not in err, err
        return process.returncode
    photos = [emulator.url('collins_{}.jpg'.format(number)) for number in range(2)]
    train = ['train', '--any-count', '--name', 'collins'] + photos + kept
    assert shell(*train + ['--no-wait']) == 0
    row, = Ledger(str(tmp_path / 'l.sqlite')).trainings()
    assert row.job_id and row.model_id and row.person == 'collins'
    assert shell('wait', '--interval', '0.1', *kept) == 0
    assert shell(*train + ['--json']) == 10
    assert shell('check') == 2 and shell('models', *kept) == 0 and shell('--help') == 0
    template = emulator.url('template_single_hopper.jpg')
    assert shell('create', 'collins', '--template', template, *kept) == 0
    assert os.path.getsize('portrait.jpg') > 10000
    assert streams != '<&- >&- 2>&-' or shell('check', '--emulator', COLLINS[0]) == 0


def test_a_program_without_streams_gets_the_exit_code(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'stdout', None)
    monkeypatch.setattr(sys, 'stderr', None)
    assert main(TRAIN + ['--json']) == 0
    assert main(['check', '--emulator', 'nosuch.jpg']) == 2
    assert main(['check']) == 2
    assert rows(tmp_path).trainings()[0].state == 'succeeded'


def test_a_portrait_that_cannot_be_saved_is_kept_elsewhere(run):
    if not os.path.exists('/dev/full'):
        pytest.skip('this system has no disk that is always full')
    assert run(*TRAIN + ['--name', 'collins'])[0] == 0
    code, out, err = run('create', 'collins', '--emulator', '--template', TEMPLATE, '--out',
                         '/dev/full', '--json')
    document = json.loads(out)
    assert code == 1 and document['resume'] == ['mv {} /dev/full-2'.format(document['out'])]
    assert os.path.getsize(document['out']) > 10000
    os.remove(document['out'])
