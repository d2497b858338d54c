# -*- coding: utf-8 -*-
"""The command line without an emulator: words, languages, terminals, ways to go on."""
import argparse
import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from support import ROOT
from support.service import HOST

from ai_service_python_sdk.cli import main
from ai_service_python_sdk.util.language import set_language

OPTIONS = ['--host', HOST, '--app-id', 'app', '--token', 'very-secret']
PHOTOS = ['http://a.test/{}.jpg'.format(i) for i in range(5)]
OTHERS = ['http://b.test/{}.jpg'.format(i) for i in range(5)]


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """A home of the test's own, English, no credentials."""
    for name in ('AI_SERVICE_HOST', 'AI_SERVICE_APP_ID', 'AI_SERVICE_TOKEN', 'XDG_DATA_HOME'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('AI_SERVICE_LANG', 'en')
    monkeypatch.chdir(tmp_path)
    yield
    set_language(None)


@pytest.fixture
def run(capsys):
    """Run a command line; return (exit code, stdout, stderr)."""
    def call(*words):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err
    return call


@pytest.fixture
def service(service):
    """Answers to trainings 11 and 12."""
    service.answers.update(
        train=[{'job_id': 11, 'model_id': 'm-11'}, {'job_id': 12, 'model_id': 'm-12'}],
        create={'image': ''}, job={'job': {'id': 11, 'state': 2, 'message': ''}})
    return service


# words and languages

@pytest.mark.parametrize('words', [['--lang', 'zh', '--help'], ['--help', '--lang=zh'],
                                   ['--lang=zh', 'run', '--help'],
                                   ['run', '--help', '--lang', 'zh']], ids=' '.join)
def test_the_language_may_be_named_anywhere_and_the_parsers_own_words_follow(run, words):
    code, out, err = run(*words)
    assert code == 0 and err == ''
    assert u'用法：' in out and u'选项' in out and u'显示帮助并退出' in out
    for english in ('usage', 'options:', 'positional', 'arguments', 'show '):
        assert english not in out


def test_the_language_stands_between_other_words_and_is_none_of_them(run, service):
    assert run('wait', '11', '--lang', 'zh', '12', '--interval', '0', *OPTIONS)[0] == 0
    code, out, _ = run('--lang', 'zh', 'models', '--json')
    assert code == 0 and json.loads(out)['command'] == 'models'


def test_help_names_every_option_with_what_it_does(run):
    for command in ('check', 'train', 'wait', 'job', 'create', 'run', 'models', 'history',
                    'doctor', 'sign'):
        code, out, _ = run(command, '--help')
        listed = [line.split() for line in out.splitlines() if line.startswith('  -')]
        assert code == 0 and ['--token', 'TOKEN', 'instead'] in [words[:3] for words in listed]
        for option in ('--host HOST ', '--app-id ID ', '--json '):
            assert option in out


@pytest.mark.parametrize('words, text', [
    (['check'], u'缺少参数：PHOTO'), (['paint'], u'无效的值：'), ([], u'缺少参数：COMMAND'),
    (['job', '1', '--host'], u'需要一个值'), (['job', '1', '--x'], u'无法识别的参数：--x'),
    (['job', '1', '--timeout', 'soon'], u"'soon' 不是有效的秒数"),
    (['emulator', '--initial-share', 'much'], u"不是数字：'much'"),
    (['history', '--limit', 'x'], u"不是整数：'x'"), (['job', '1', '--json=1'], u'不接受值：')],
    ids=lambda value: None)
def test_wrong_words_are_told_in_chinese_too(run, words, text):
    code, out, err = run('--lang', 'zh', *words)
    assert code == 2 and out == '' and text in err and u'错误：' in err and u'用法：' in err


@pytest.mark.parametrize('words, text', [
    (['doctor', '--host', 'ftp://x'], u'`host` 不是可用的服务地址'),
    (['doctor', '--app-id', u'应用'], u'请求头 `Authorization` (`appid`) 的值含有'),
    (['history', '--ledger', ''], u'路径为空'),
    (['batch', 'empty.csv', '--out', 'orders.csv'], u'错误：orders.csv：'),
    (['batch', 'orders.csv', '--dry-run'], u'或由 SDK 上传：--upload oss://bucket/prefix'),
    (['emulator', '--training', 'soon'], u"`training` 为 'soon'"),
    (['emulator', '--initial-share', '7'], u'`initial_share` 为 7.0'),
    (['emulator', '--port', '99999'], u'--port: 请填写 0 到 65535 的整数')], ids=lambda value: None)
def test_wrong_values_are_told_in_chinese_as_they_are_typed(run, monkeypatch, words, text):
    if '--port' in words:
        pytest.importorskip('cv2', reason='the extra "emulator"')
    for name, value in zip(('HOST', 'APP_ID', 'TOKEN'), OPTIONS[1::2]):
        monkeypatch.setenv('AI_SERVICE_' + name, value)
    with io.open('orders.csv', 'w') as stream:
        stream.write(u'person,photos,template\nA,me.jpg,t.jpg\n')
    with io.open('empty.csv', 'w') as stream:
        stream.write(u'person,photos,template\n')
    code, _, err = run('--lang', 'zh', *words)
    assert code == 2 and text in err and 'PortraitStudio' not in err
    assert u'继续' not in err


def test_help_has_no_colours_which_argparse_gives_it_from_3_14_on(run, monkeypatch):
    original, given = argparse.ArgumentParser.__init__, []

    def init(self, **options):
        given.append(options.pop('color', 'its own'))
        original(self, **options)
    monkeypatch.setattr(argparse.ArgumentParser, '__init__', init)
    monkeypatch.setattr(sys, 'version_info', (3, 14, 0))
    assert run('history', '--help')[0] == 0 and set(given) == {False}


@pytest.mark.skipif(sys.version_info < (3, 5), reason='argparse shortens always there')
@pytest.mark.parametrize('words', [['batch', 'orders.csv', '--again'], ['check', 'x', '--js']],
                         ids=' '.join)
def test_no_option_is_taken_for_a_longer_one(run, words):
    code, _, err = run(*words)
    assert code == 2 and 'unrecognized arguments: ' + words[-1] in err


def test_the_command_line_works_in_another_thread_too(monkeypatch, capsys):
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    monkeypatch.setattr(sys, 'argv', ['ai-portrait', 'history'])
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main()))
    thread.start()
    thread.join(20)
    found = signal.signal(signal.SIGTERM, before)
    assert codes == [0] and capsys.readouterr().out and found == signal.SIG_DFL


def test_a_language_that_is_none_is_refused(run):
    code, _, err = run('check', 'x', '--lang', 'fr')
    assert code == 2 and '--lang' in err and 'zh' in err


@pytest.mark.parametrize('words', [['--help'], ['check'], ['run', '--help']], ids=' '.join)
def test_a_terminal_that_cannot_show_chinese_gets_help_without_a_traceback(words):
    environment = dict(os.environ, PYTHONIOENCODING='ascii', AI_SERVICE_LANG='zh',
                       PYTHONPATH=ROOT)
    process = subprocess.Popen([sys.executable, '-m', 'ai_service_python_sdk'] + words,
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    assert process.returncode == (0 if '--help' in words else 2)
    assert b'Traceback' not in err and b'\\u' in out + err


@pytest.mark.parametrize('option, value', [
    ('--timeout', '-1'), ('--timeout', 'nan'), ('--interval', '-0.1'), ('--interval', 'x'),
    ('--training-seconds', '-1'), ('--interval', 'inf')])
def test_a_number_of_seconds_that_is_none_is_refused_before_anything_is_paid_for(
        run, service, option, value):
    code, _, err = run('train', option, value, *PHOTOS + OPTIONS)
    assert code == 2 and 'argument {}: {!r} is not'.format(option, value) in err
    assert not service.asked


def test_a_free_check_has_no_ledger(run, service, tmp_path):
    (tmp_path / '.local').write_text(u'no folder')
    assert run('check', PHOTOS[0], *OPTIONS)[0] == 0 and service.names() == ['check']


@pytest.mark.parametrize('command', ['check', 'train', 'run'])
def test_a_check_that_says_nothing_of_the_photos_is_told(run, service, command):
    service.answers['check'] = {'cost_time': 0.1}
    words = ['--template', PHOTOS[0]] if command == 'run' else []
    code, _, err = run(command, *PHOTOS + words + OPTIONS)
    assert code == 9 and 'says nothing of the photos' in err
    assert service.names() == ['check']


@pytest.mark.parametrize('command', ['models', 'history', 'uploads'])
def test_lists_need_no_credentials(run, command):
    assert run(command, '--credentials', 'nosuch.ini')[0] == 0


@pytest.mark.parametrize('words', [
    'batch o.csv --no-ledger', 'models --no-ledger', 'history --no-ledger', 'uploads --no-ledger',
    'uploads --keep-uploads', 'models --upload oss://b/p', 'check x --ledger y'])
def test_options_that_would_do_nothing_are_not_offered(run, words):
    code, _, err = run(*words.split())
    assert code == 2 and 'unrecognized arguments: --' in err


def test_a_job_of_which_nothing_else_is_known_has_no_model(run, service):
    service.answers['job'] = {'job': {'id': 11, 'state': 1, 'message': ''}}
    words = ['wait', '11', '--timeout', '0'] + OPTIONS
    assert json.loads(run(*words + ['--json'])[1])['error']['model_id'] is None
    err = run(*words)[2]
    assert 'job 11 goes on\n' in err and 'model' not in err


def test_a_ledger_without_photos_is_named(run):
    code, out, _ = run('uploads')
    assert code == 0 and out.startswith('the ledger ') and 'knows of no photo' in out


@pytest.mark.parametrize('lang, text', [('en', 'error: p.jpg: the file holds something'),
                                        ('zh', u'错误：p.jpg：文件已有内容')])
def test_a_file_that_would_be_lost_is_named_without_a_number(run, service, lang, text):
    with open('p.jpg', 'w') as stream:
        stream.write('mine')
    code, _, err = run('create', 'm', '--template', 'http://t.test/t.jpg', '--out', 'p.jpg',
                       '--lang', lang, *OPTIONS)
    assert code == 2 and text in err and 'Errno' not in err and not service.asked


def test_one_file_for_the_ids_of_several_persons_is_refused(run, service):
    code, _, err = run('run', '--person', PHOTOS[0], '--person', PHOTOS[1], '--save', 'a.json',
                       '--template', 'http://t.test/t.jpg', *OPTIONS)
    assert code == 2 and '--save' in err and not service.asked


# how to go on

TWO = ['run', '--person'] + PHOTOS + ['--person'] + OTHERS + [
    '--template', 'http://t.test/two a.jpg', '--out', 'two p.jpg', '--set', 'sharp_ratio=0.2',
    '--interval', '0'] + OPTIONS
FAILED = {'job': {'id': 11, 'state': 3, 'message': 'Training - Not get lora weight'}}
#: The same host and app id, never the token.
TAIL = ' --host {} --app-id app'.format(HOST)
CREATE = ("ai-portrait create m-11 m-12 --template 'http://t.test/two a.jpg' --out 'two p.jpg' "
          "--set sharp_ratio=0.2" + TAIL)


def test_ctrl_c_in_a_wait_names_every_job_that_goes_on_and_the_portrait_after_them(run, service):
    service.answers['job'] = KeyboardInterrupt()
    code, _, err = run(*TWO)
    assert code == 130 and 'very-secret' not in err
    for job in (11, 12):
        assert 'job {0} goes on, model m-{0}'.format(job) in err
    assert 'ai-portrait wait 11 12' + TAIL + ' && ' + CREATE in err


def test_ctrl_c_in_the_second_training_names_the_first_and_where_to_look(run, service):
    service.answers['train'][1] = KeyboardInterrupt()
    code, _, err = run(*TWO)
    assert code == 130 and 'job 11 goes on, model m-11' in err and 'ai-portrait history' in err
    assert 'ai-portrait create' not in err


@pytest.mark.parametrize('create, expected', [(KeyboardInterrupt(), 130), ({'image': ''}, 9)])
def test_a_creation_that_may_be_paid_for_is_looked_up_and_not_proposed_again(run, service, create,
                                                                             expected):
    service.answers['create'] = create
    code, _, err = run(*TWO)
    assert code == expected and 'ai-portrait create' not in err and 'ai-portrait history' in err


def test_a_creation_that_ends_early_names_the_command_that_makes_the_portrait(run, service):
    service.answers['create'] = 469
    code, _, err = run(*TWO)
    assert code != 0 and CREATE in err and 'ai-portrait wait' not in err


def test_ways_to_go_on_stand_in_the_json_document(run, service):
    for status, way in ((469, CREATE), (500, 'ai-portrait history' + TAIL)):
        service.answers['create'] = status
        service.answers['train'] = [{'job_id': 11, 'model_id': 'm-11'},
                                    {'job_id': 12, 'model_id': 'm-12'}]
        code, out, err = run(*TWO + ['--json', '--again', '--force'])
        assert json.loads(out)['resume'] == [way.replace(TAIL, ' --force' + TAIL)
                                             if way == CREATE else way] and err == ''


def test_a_service_that_cannot_be_reached_in_a_wait_leaves_the_resume_line(run, service):
    service.answers['job'] = 401
    code, out, err = run('train', '--interval', '0', *PHOTOS + OPTIONS)
    assert code == 4 and 'model: m-11' in err and 'ai-portrait wait 11' + TAIL in err


def test_a_training_that_failed_is_not_offered_for_more_waiting(run, service):
    service.answers['job'] = FAILED
    code, _, err = run(*TWO)
    assert code == 7 and 'Train again' in err
    assert 'wait 11' not in err and 'wait 12' in err and 'create' not in err


def test_a_failed_job_says_why_and_what_to_do_without_a_wait_too(run, service):
    service.answers['job'] = FAILED
    code, out, err = run('job', '11', *OPTIONS)
    assert code == 7 and 'job: 11' in err
    assert 'without LoRA weights' in err and 'Train again' in err


def test_a_job_that_nobody_has_points_to_its_id(run, service):
    service.answers['job'] = 404
    code, _, err = run('job', '11', '--wait', *OPTIONS)
    assert code == 6 and 'Check the id' in err and 'resume' not in err


def test_a_state_is_said_once(run, service):
    code, out, _ = run('job', '11', '--wait', *OPTIONS)
    assert code == 0 and out.count('succeeded') == 1


def test_chinese_errors_have_chinese_labels(run, service):
    service.answers['create'] = 500
    code, _, err = run('create', 'm', '--template', 'http://t.test', '--lang', 'zh', *OPTIONS)
    assert code == 9 and u'HTTP 状态：500' in err and u'请求流水号：r' in err and 'status' not in err


# doctor and sign

def test_doctor_says_where_each_setting_comes_from(run, service, monkeypatch):
    monkeypatch.setenv('AI_SERVICE_APP_ID', 'app')
    with io.open('c.ini', 'w', encoding='utf-8-sig') as stream:
        stream.write(u'[ai-portrait]\ntoken = very-secret\n')
    os.chmod('c.ini', 0o600)
    code, out, err = run('doctor', '--host', 'http://127.0.0.1:9', '--credentials', 'c.ini')
    assert '(--host)' in out and 'app (AI_SERVICE_APP_ID)' in out and '(c.ini)' in out
    assert 'very-secret' not in out + err


def test_doctor_masks_a_password_in_a_host_without_a_scheme(run):
    code, out, err = run('doctor', '--host', 'me:hunter2@h', '--app-id', 'a', '--token', 't')
    assert code == 2 and 'hunter2' not in out + err and '***@h' in out


def test_doctor_speaks_chinese(run):
    code, out, _ = run('doctor', '--lang', 'zh', '--host', 'http://127.0.0.1:9', '--app-id', 'a',
                       '--token', 't')
    assert code == 9 and u'服务可达' in out and 'host reachable' not in out


def test_sign_says_what_comes_out_of_each_step(run):
    code, out, _ = run('sign', '--app-id', 'a', '--token', 't', '--method', 'post')
    assert code == 0 and 'string to sign  POST\\n' in out
