"""The command line against the emulator: what people see, what machines read, exit codes."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from support import PHOTOS, ROOT
from support.seen import EYES

from ai_service_python_sdk import AIGCImagesApi
from ai_service_python_sdk.cli import main
from ai_service_python_sdk.cli.arguments import make_parser
from ai_service_python_sdk.cli.connection import Connection
from ai_service_python_sdk.cli.output import Output, width_of

pytestmark = pytest.mark.usefixtures('apart')
COLLINS = sorted(glob.glob(os.path.join(PHOTOS, 'collins_*.jpg')))
TEMPLATE = os.path.join(PHOTOS, 'template_single_hopper.jpg')


@pytest.fixture
def service(own_emulator):
    """(emulator, the options that reach it)."""
    running = own_emulator()
    return running, ['--host', running.host, '--app-id', running.app_id,
                     '--token', running.token]


def photos_of(running):
    return [running.url(os.path.basename(name)) for name in COLLINS]


FAST = ['--training-seconds', '0.1']


def test_run_prints_checks_ids_and_states_and_leaves_the_picture(run, tmp_path):
    code, out, err = run('run', '--emulator', *COLLINS + [
        '--template', TEMPLATE, '--out', 'portrait.jpg'] + FAST)
    lines = out.splitlines()
    assert code == 0 and err == ''
    assert sum(line.startswith('  fits     ') for line in lines) == 5 + 1  # and the template
    assert any('job 1, model ' in line for line in lines)
    assert lines[-3] == 'job 1: succeeded' and lines[-1].startswith('portrait.jpg: ')
    assert (tmp_path / 'portrait.jpg').read_bytes()[:3] == b'\xff\xd8\xff'


def test_run_with_json_prints_one_document(run, tmp_path):
    code, out, err = run('run', '--emulator', '--json', *COLLINS + [
        '--template', TEMPLATE, '--out', 'p.jpg'] + FAST)
    document = json.loads(out)
    assert code == 0 and err == '' and document['ok'] and document['command'] == 'run'
    assert len(document['check_results']) == 5 and document['models'][0]['job_id'] == 1
    assert document['check_results'][0]['photo'] == COLLINS[0]
    assert document['out'] == 'p.jpg' and os.path.getsize('p.jpg') > 10000


def test_patterns_are_expanded_where_the_shell_does_not(run):
    code, out, _ = run('check', '--emulator', os.path.join(PHOTOS, 'collins_*.jpg'))
    assert code == 0 and out.count('fits') == 5


@pytest.mark.parametrize('name', [
    u'a photo [1] #2?.jpg', u'\u7167\u7247.jpg', u'\u957f' * 80 + u'.jpg', b'not-utf8-\xff.jpg'],
    ids=['signs', 'Chinese', 'long', 'undecodable'])
def test_files_of_any_name_can_be_photos(run, name):
    try:
        shutil.copy(COLLINS[0], os.fsdecode(name))
    except OSError:
        pytest.skip('this file system has no such names')
    code, out, err = run('check', '--emulator', os.fsdecode(name))
    assert code == 0 and err == '' and out.count('fits') == 1


def test_commands_side_by_side_do_not_take_each_others_photos_away(run):
    options = make_parser().parse_args(['check', '--emulator', COLLINS[0]])
    with Connection(options, Output(False, 'check')) as other:
        url, = other.photos([COLLINS[0]])
        assert run('check', '--emulator', COLLINS[0])[0] == 0
        with subprocess.Popen([sys.executable, '-m', 'ai_service_python_sdk', 'check',
                               '--emulator', COLLINS[0]], stdout=subprocess.PIPE) as process:
            assert b'fits' in process.communicate()[0]
        assert AIGCImagesApi(other.client).aigc_images_check([url]).check_results[0].passed


def test_a_store_that_is_no_database_is_said_in_one_line(run, tmp_path):
    (tmp_path / 'st').mkdir()
    (tmp_path / 'st' / 'jobs.sqlite').write_bytes(b'no database at all' * 100)
    code, out, err = run('job', '1', '--emulator', '--store', 'st')
    assert code == 2 and err.count('\n') == 1 and '--store' in err


def test_photos_are_kept_no_longer_than_a_job_needs_them(run, tmp_path):
    files = tmp_path / 'st' / 'files'
    words = COLLINS + ['--emulator', '--store', 'st']
    assert run('check', os.path.join(PHOTOS, 'noface_coffee.jpg'), *words)[0] == 3
    no_face = os.path.join(PHOTOS, 'noface_coffee.jpg')
    assert run('run', '--template', no_face, *words + FAST)[0] == 3
    assert run('run', '--template', no_face, '--no-template-check', *words + FAST)[0] == 6
    assert list(files.iterdir()) == []
    assert run('train', '--again', '--timeout', '0', *words + ['--training-seconds', '60'])[0] == 8
    assert len(list(files.iterdir())) == 5


def test_several_persons_have_their_own_photos(run, tmp_path):
    code, out, _ = run('run', '--emulator', '--person', os.path.join(PHOTOS, 'hopper_*.jpg'),
                       '--person', os.path.join(PHOTOS, 'collins_*.jpg'), '--template',
                       os.path.join(PHOTOS, 'template_two.jpg'), '--out', 'two.jpg', *FAST)
    assert code == 0 and out.count('succeeded') == 2 and os.path.exists('two.jpg')


def test_photos_that_do_not_fit_end_the_run_before_it_costs(run):
    code, out, _ = run('run', '--emulator', '--template', TEMPLATE,
                       os.path.join(PHOTOS, 'noface_coffee.jpg'), *COLLINS)
    assert code == 3 and 'exactly one face' in out and 'training' not in out
    assert not os.path.exists('portrait.jpg')


def test_messages_are_chinese_on_request(run):
    code, out, _ = run('check', '--emulator', '--lang', 'zh',
                       os.path.join(PHOTOS, 'noface_coffee.jpg'))
    assert code == 3 and '照片中的人脸数量不是 1' in out


def test_help_is_chinese_on_request(capfd):
    with pytest.raises(SystemExit):
        main(['check', '--lang=zh', '--help'])
    assert '核验照片' in capfd.readouterr()[0]


def test_train_keeps_the_ids_and_create_takes_the_file(run, tmp_path):
    code, out, _ = run('train', '--emulator', '--save', 'person.json', *COLLINS + FAST)
    assert code == 0 and 'succeeded' in out
    code, out, _ = run('create', 'person.json', '--emulator', '--template', TEMPLATE, '--out',
                       'p.jpg', '--set', 'sharp_ratio=0.3', '--json')
    document = json.loads(out)
    assert code == 0 and os.path.exists('p.jpg')
    assert document['models'][0]['model_id'] in (tmp_path / 'person.json').read_text()


def test_a_job_is_shown_and_waited_for_after_the_command_that_started_it(run):
    code, out, _ = run('train', '--emulator', '--no-wait', '--json', *COLLINS + [
        '--training-seconds', '1'])
    model = json.loads(out)['models'][0]
    code, out, _ = run('job', str(model['job_id']), '--emulator')
    assert code == 0
    code, out, _ = run('job', str(model['job_id']), '--emulator', '--wait', '--json')
    job = json.loads(out)['job']
    assert code == 0 and job['state'] == 2 and job['Result']['model_id'] == model['model_id']


def test_a_training_that_fails_says_why_and_what_to_do(run, service):
    running, options = service
    running.faults.fail_training('train_weights')
    code, out, err = run('train', *photos_of(running) + options + ['--interval', '0.2'])
    assert code == 7 and 'without LoRA weights' in err and 'Train again' in err
    assert 'model' in err and 'job: 1' in err


def test_polls_survive_two_dropped_connections(run, service):
    running, options = service
    running.faults.drop(operation='/api/v1/async_jobs/{job_id}', times=2)
    code, out, _ = run('train', *photos_of(running) + options + ['--interval', '0.2'])
    assert code == 0 and 'succeeded' in out


def test_a_deadline_says_how_to_go_on(run, service, own_emulator):
    running = own_emulator(training_seconds=60)
    options = ['--host', running.host, '--app-id', running.app_id, '--token', running.token]
    code, _, err = run('train', *photos_of(running) + options + [
        '--interval', '0.2', '--timeout', '0.5'])
    assert code == 8 and 'ai-portrait wait 1' in err and 'model' in err


@pytest.mark.parametrize('fault, code', [('quota', 5), ('photos', 6), ('sign', 4), ('appid', 4)])
def test_exit_codes_tell_the_cause(run, service, fault, code):
    running, options = service
    running.faults.fail(fault)
    found, _, err = run('train', *photos_of(running) + options)
    assert found == code and 'what to do' in err


def test_a_wrong_token_is_a_matter_of_credentials_and_never_shown(run, service):
    running, options = service
    code, out, err = run('check', *photos_of(running) + options[:-1] + ['very-wrong-token'])
    assert code == 4 and 'very-wrong-token' not in out + err


def test_nobody_at_the_host_is_unreachable(run):
    code, out, _ = run('check', 'http://a.test/1.jpg', '--host', 'http://127.0.0.1:9', '--app-id',
                       'a', '--token', 'very-secret', '--json')
    error = json.loads(out)['error']
    assert code == 9 and error['type'] == 'ConnectFailedError' and 'very-secret' not in out


@pytest.mark.parametrize('words, text', [
    (['check', 'a.jpg', '--host', 'http://h', '--app-id', 'a', '--token', 't'], 'is not a URL'),
    (['check', '--emulator', 'missing.jpg'], 'the file missing.jpg does not exist'),
    (['check', '--emulator', 'missing*.jpg'], 'no file matches'),
    (['check', 'http://a.test/1.jpg'], 'AI_SERVICE_TOKEN'),
    (['run', '--emulator', '--template', 't'], '--person'),
    (['create', 'm', '--emulator', '--template', 'http://t', '--out', 'no/such/p.jpg'],
     'no/such'),
    (['create', 'm', '--emulator', '--template', 'http://t', '--out', '.'], 'is a folder'),
    (['create', 'm', '--emulator', '--template', 'http://t', '--set', 'x'], 'no parameter'),
    (['create', 'm', '--emulator', '--template', 'http://t', '--set', 'lora_weights=7'],
     'lora_weights'),
    (['sign'], '--app-id')], ids=lambda value: ' '.join(value)[:60]
    if isinstance(value, list) else None)
def test_wrong_use_is_said_in_one_line_with_the_remedy(run, words, text):
    code, out, err = run(*words)
    assert code == 2 and text in err and err.count('\n') == 1 and out == ''


def test_credentials_come_from_a_file_that_is_ones_own_alone(run, service, tmp_path):
    running, _ = service
    path = tmp_path / 'home' / '.ai-portrait.ini'
    path.parent.mkdir()
    path.write_text('[ai-portrait]\nhost = {}\napp_id = {}\ntoken = {}\n'.format(
        running.host, running.app_id, running.token))
    path.chmod(0o644)
    code, out, err = run('doctor')
    assert code == 2 and 'chmod 600' in err
    path.chmod(0o600)
    code, out, err = run('doctor')
    assert code == 0 and 'signature accepted' in out and running.token not in out + err


@pytest.mark.parametrize('text', ['token = abc', '[other]\ntoken = abc'])
def test_a_credentials_file_that_is_none_shows_nothing_of_itself(run, tmp_path, text):
    path = tmp_path / 'c.ini'
    path.write_text(text)
    path.chmod(0o600)
    code, out, err = run('doctor', '--credentials', str(path))
    assert code == 2 and 'c.ini' in err and 'abc' not in out + err


def test_options_win_over_the_environment_and_that_over_the_file(run, service, tmp_path,
                                                                 monkeypatch):
    running, options = service
    path = tmp_path / 'c.ini'
    path.write_text('[ai-portrait]\nhost = http://127.0.0.1:9\napp_id = file\ntoken = file\n')
    path.chmod(0o600)
    monkeypatch.setenv('AI_SERVICE_HOST', 'http://127.0.0.1:9')
    monkeypatch.setenv('AI_SERVICE_APP_ID', running.app_id)
    code, out, _ = run('doctor', '--json', '--credentials', str(path), *options[:2] + options[4:])
    assert code == 0 and json.loads(out)['configured']['app id'] == running.app_id


@pytest.mark.parametrize('change, code, reachable', [
    (['--token', 'wrong'], 4, True), (['--app-id', 'nobody'], 4, True),
    (['--host', 'http://127.0.0.1:9'], 9, False)])
def test_doctor_tells_the_way_from_the_signature(run, service, change, code, reachable):
    running, options = service
    found, out, _ = run('doctor', '--json', *options + change)
    document = json.loads(out)
    assert found == code and document['reachable'] is reachable and not document['accepted']
    assert document['versions']['requests'] and document['configured']['token'].startswith('***')


def test_sign_explains_each_step_and_not_the_token(run):
    code, out, _ = run('sign', '--app-id', 'a', '--token', 'very-secret', '--path', '/api/v1/x',
                       '--body', '{"images": []}', '--json')
    steps = json.loads(out)['steps']
    from ai_service_python_sdk.util.sign import build_sign_string, create_sign
    assert steps['signature'] == create_sign(
        build_sign_string('POST', '/api/v1/x', '{"images": []}'), 'very-secret')
    assert code == 0 and 'very-secret' not in out
    assert run('sign', '--emulator')[0] == 0


def test_lines_that_the_terminal_cannot_show_are_escaped_and_end_nothing():
    environment = dict(os.environ, PYTHONIOENCODING='ascii')
    process = subprocess.run(
        [sys.executable, '-m', 'ai_service_python_sdk', 'check', '--lang', 'zh', 'x.jpg'],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.returncode == 2 and b'\\u' in process.stderr


def test_the_emulator_command_takes_the_emulators_options(capfd):
    with pytest.raises(SystemExit):
        main(['emulator', '--help'])
    assert '--control' in capfd.readouterr()[0]


def test_a_reader_that_has_gone_is_no_traceback():
    command = '{} -m ai_service_python_sdk doctor --emulator | true'.format(sys.executable)
    process = subprocess.run(['bash', '-c', command], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    assert b'Traceback' not in process.stderr


# a real terminal

def terminal(words, until=None, then=None, seconds=60):
    """Run in a pseudo-terminal; ``then`` is called with the pid when ``until`` is on screen.

    Return (exit code, screen lines, all that was written, seconds from then on).
    """
    pyte = pytest.importorskip('pyte', reason='the extra "test" brings it')
    import pty
    import select
    pid, master = pty.fork()
    if pid == 0:
        if '--emulator' in words and 'SEEN_FOLDER' in os.environ:
            os.environ['PYTHONPATH'] = os.pathsep.join(EYES + [ROOT])
        os.execv(sys.executable, [sys.executable, '-m', 'ai_service_python_sdk'] + words)
    screen = pyte.Screen(100, 40)
    stream = pyte.ByteStream(screen)
    written, acted, deadline = b'', None, time.monotonic() + seconds
    import fcntl
    import struct
    import termios
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 100, 0, 0))
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        written += data
        stream.feed(data)
        if until and acted is None and any(until in line for line in screen.display):
            acted = time.monotonic()
            then(pid)
    code = os.waitpid(pid, 0)[1]
    os.close(master)
    lines = [line.rstrip() for line in screen.display if line.strip()]
    return os.WEXITSTATUS(code), lines, written, time.monotonic() - (acted or 0)


def test_a_terminal_shows_the_checks_a_moving_bar_and_the_ids(tmp_path):
    code, lines, written, _ = terminal(['run', '--emulator'] + COLLINS + [
        '--template', TEMPLATE, '--out', 'portrait.jpg', '--training-seconds', '2'])
    shown = '\n'.join(lines)
    assert code == 0, shown
    assert shown.count('fits') == 6 and 'job 1, model' in shown
    assert 'training: succeeded 100%|' in shown and 'portrait.jpg: ' in shown
    percents = set(part.split(b'%|')[0].split()[-1] for part in written.split(b'\r')
                   if b'%|' in part)
    assert len(percents) > 4, 'the bar did not move: {}'.format(percents)
    assert os.path.getsize('portrait.jpg') > 10000


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_a_wait_leaves_at_once_with_the_line_that_goes_on(tmp_path, run, number):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip('who runs the tests has them ignore it, and so the commands do')
    code, lines, _, took = terminal(
        ['train', '--emulator'] + COLLINS + ['--training-seconds', '3', '--timeout', '100'],
        until='training: running', then=lambda pid: os.kill(pid, number))
    shown = '\n'.join(lines)
    assert code == 130 and 'Traceback' not in shown
    assert 'ai-portrait wait 1 --emulator' in shown and 'model ' in shown
    code, out, _ = run('job', '1', '--wait', '--emulator', '--json')
    assert code == 0 and json.loads(out)['job']['state'] == 2


def test_ctrl_c_while_a_training_is_sent_says_that_it_may_be_paid_for(service):
    running, options = service
    running.faults.delay(5, operation='/api/v1/aigc_images/train')
    code, lines, _, _ = terminal(
        ['run'] + photos_of(running) + options + [
            '--template', running.url(os.path.basename(TEMPLATE))],
        until='fits     template', then=lambda pid: (time.sleep(1), os.kill(pid, signal.SIGINT)))
    shown = ''.join(lines)
    assert code == 130 and 'Traceback' not in shown
    assert 'it may be paid for' in shown and 'go on with: ai-portrait history' in shown
    code, lines, _, _ = terminal(['history', '--lang', 'zh'] + options)
    head, row = [line for line in lines if u'状态' in line or u'未知' in line]
    assert code == 0 and '\u6a21\u578b\u8bad\u7ec3' in row
    assert width_of(head[:head.index(u'状态')]) == width_of(row[:row.index(u'结果未知')])


def test_ctrl_c_in_a_creation_names_the_way_on_and_aborts_nothing(tmp_path, run, monkeypatch):
    monkeypatch.delenv('SEEN_FOLDER')  # so that the creation takes its time
    code, lines, _, _ = terminal(
        ['run', '--emulator'] + COLLINS + ['--template', TEMPLATE, '--training-seconds', '0.3',
                                           '--store', 'a store'],
        until='100%|', then=lambda pid: (time.sleep(0.1), os.kill(pid, signal.SIGINT)))
    shown = ''.join(lines)
    assert 'Traceback' not in shown and 'FATAL' not in shown
    if code == 0:
        return  # The portrait was faster than the key.
    assert code == 130 and 'ai-portrait history ' in shown and "--store 'a" in shown


def test_the_emulator_command_speaks_of_itself_and_chinese(capfd):
    with pytest.raises(SystemExit):
        main(['--lang', 'zh', 'emulator', '--help'])
    out = capfd.readouterr()[0]
    assert 'ai-portrait emulator' in out and '训练时长' in out
    assert main(['emulator', '--models', '.', '--port', '0']) == 2


def lent_files(tmp_path):
    return os.listdir(str(tmp_path / 'cache' / 'ai-portrait' / 'emulator' / 'files'))


def test_photos_that_were_lent_to_the_emulator_go_when_their_training_has_seen_them(
        run, tmp_path):
    assert run('train', '--emulator', '--no-wait', *COLLINS + FAST)[0] == 0
    assert run('wait', '--emulator')[0] == 0
    assert lent_files(tmp_path) == []


def test_photos_of_a_command_that_was_killed_go_after_a_day_and_younger_ones_stay(
        run, tmp_path):
    assert run('check', '--emulator', COLLINS[0])[0] == 0
    folder = tmp_path / 'cache' / 'ai-portrait' / 'emulator' / 'files'
    for name in ('old.jpg', 'young.jpg'):
        shutil.copy(COLLINS[0], str(folder / name))
    os.utime(str(folder / 'old.jpg'), (time.time() - 90000,) * 2)
    assert run('check', '--emulator', COLLINS[0])[0] == 0
    assert lent_files(tmp_path) == ['young.jpg']
