"""Every code block of README and docs runs against the emulator, or says why it does not."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from unittest import mock

import pytest
from blocks import RUN, SHOWN, blocks_of, pages, text_of, twin_of
from readers import ask
from support import PHOTOS, ROOT
from support.moto_server import moto_s3
from support.oss_server import KEY, REGION, SECRET, OssServer

HERE = os.path.dirname(os.path.abspath(__file__))
#: Seconds for a page.
LONGEST = 180
PAGES = pages()
TWINS = [page for page in PAGES if twin_of(page) and os.path.exists(
    os.path.join(ROOT, twin_of(page)))]
_PICTURE = re.compile(r'!\[[^\]]*\]\(([^)#\s]+)|<img[^>]*\ssrc="([^"]+)"')
#: Files that are not replaced, ledgers, ports and names of persons; and files that are replaced.
_OWN = re.compile(r"(?:--(?:out|save|name|port) |save_to='|Ledger\('|http\.server )([\w.-]+)")
_REPLACED = re.compile(r"\.save(?:_image)?\('([\w.-]+)'")
#: Command to what Python is told.
_COMMANDS = {'python': [], 'python3': [], 'ai-portrait': ['-m', 'ai_service_python_sdk'],
             'pytest': ['-m', 'pytest', '-p', 'no:cacheprovider']}
#: A virtual environment gets no pip, which takes seconds: dry_pip.py stands in for it.
_COMMAND = """#!{python} -IS
import sys
sys.path.append({here!r})
from readers import ask
words = {words!r} + sys.argv[1:]
sys.exit(ask({address!r}, words + ['--without-pip'] * (words[:2] == ['-m', 'venv'])))
"""


@pytest.fixture(scope='module')
def address(emulator, fresh_python, seen_folder):
    """Where the Python of the pages is asked: that of a fresh environment, with all loaded."""
    # The path of a socket has to be short.
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, 'door')
    environment = dict(_environment(), OPENBLAS_NUM_THREADS='1', PYTHONPATH=os.pathsep.join(
        [os.path.join(HERE, 'fast'), os.path.dirname(HERE)]))
    process = subprocess.Popen(
        [fresh_python, os.path.join(HERE, 'readers.py'), path, seen_folder], env=environment)
    while not os.path.exists(path):
        assert process.poll() is None
        time.sleep(0.02)
    yield path
    process.kill()
    process.wait()
    shutil.rmtree(folder)


def _environment():
    """Return the environment without what the tests brought into it."""
    return dict((name, value) for name, value in os.environ.items()
                if not name.startswith(('PYTHON', 'PIP', 'COV', 'LC_', 'LANG', 'XDG_')))


@pytest.fixture(scope='module')
def tools(tmp_path_factory, address):
    """A folder with the commands that a reader has."""
    folder = tmp_path_factory.mktemp('tools')
    for name, words in _COMMANDS.items():
        path = folder / name
        path.write_text(_COMMAND.format(python=sys.executable, here=HERE, words=words,
                                        address=address))
        path.chmod(0o755)
    return folder


@pytest.fixture
def reader(tmp_path, emulator, wheels, tools):
    """The environment of a reader: a clone, a home of their own, and the emulator."""
    (tmp_path / 'clone' / 'docs' / 'examples').mkdir(parents=True)
    shutil.copytree(PHOTOS, str(tmp_path / 'clone' / 'docs' / 'examples' / 'photos'))
    (tmp_path / 'home').mkdir()
    environment = _environment()
    environment.update(
        AI_SERVICE_HOST=emulator.host, AI_SERVICE_APP_ID=emulator.app_id,
        AI_SERVICE_TOKEN=emulator.token, DOCS_PHOTOS=emulator.host + '/files/',
        DOCS_PYTHON=sys.executable, DOCS_PIP=os.path.join(HERE, 'dry_pip.py'),
        HOME=str(tmp_path / 'home'), PIP_FIND_LINKS=str(wheels), PIP_NO_INDEX='1',
        PATH=os.pathsep.join([str(tools), os.environ['PATH']]), PYTHONIOENCODING='utf-8',
        OPENBLAS_NUM_THREADS='1')
    return tmp_path, environment


@pytest.fixture(scope='module')
def stores():
    """The environment of a reader with a bucket at OSS and one at S3, both called my-bucket."""
    for name in ('alibabacloud_oss_v2', 'boto3'):
        pytest.importorskip(name, reason='the extra "test" brings it from Python 3.9 on')
    import boto3
    with OssServer(buckets=(('my-bucket', REGION),)) as oss, moto_s3() as s3:
        aws = {'AWS_ACCESS_KEY_ID': 'id', 'AWS_SECRET_ACCESS_KEY': 'key', 'AWS_ENDPOINT_URL': s3,
               'AWS_DEFAULT_REGION': 'us-east-1'}
        boto3.client('s3', aws['AWS_DEFAULT_REGION'], endpoint_url=s3, aws_access_key_id='id',
                     aws_secret_access_key='key').create_bucket(Bucket='my-bucket')
        yield dict(aws, OSS_ENDPOINT=oss.endpoint, OSS_REGION=REGION, OSS_ACCESS_KEY_ID=KEY,
                   OSS_ACCESS_KEY_SECRET=SECRET)


def is_run(page):
    """Whether a page has blocks that its twin does not run: the same code prints another text."""
    found = [block.output for block in blocks_of(page) if block.is_run]
    twins = [twin for twin in TWINS if twin_of(twin) == page]
    return bool(found) and not any(found == [
        block.output for block in blocks_of(twin) if block.is_run] for twin in twins)


@pytest.mark.skipif(os.name != 'posix', reason='the blocks are for bash')
@pytest.mark.parametrize('page', [page for page in PAGES if is_run(page)])
def test_every_block_of_the_page_runs(page, reader, address, request):
    if page.endswith('uploads.md'):
        reader[1].update(request.getfixturevalue('stores'))
    code, printed, done = run(page, reader, address)
    assert code == 0, printed
    assert done == [block.line for block in blocks_of(page) if block.is_run]


def fenced(language, code, mark=''):
    return '{}\n```{}\n{}\n```\n'.format(mark, language, code)


@pytest.mark.skipif(os.name != 'posix', reason='the blocks are for bash')
@pytest.mark.parametrize('text, said', [
    (fenced('python', 'print(undefined)'), 'NameError'),
    (fenced('python', 'print(1)') + fenced('text', '2', '<!-- output -->'), 'something else'),
    (fenced('bash', 'false | true'), 'ended with code 1'),
    (fenced('bash', 'echo $UNDEFINED'), 'unbound variable'),
    (fenced('bash', 'pip install ".[cli,nothing]"'), 'no such extra: nothing'),
    (fenced('bash', 'pip install "ai-service-python-sdk[cli]"'), 'the older SDK'),
    (fenced('bash', 'pip install ./dist/ai_service_python_sdk-*.whl'), 'ended with code 1'),
], ids=['a name from nowhere', 'another output', 'a pipe that breaks', 'a variable from nowhere',
        'an unknown extra', 'a name of the index', 'a wheel that is not there'])
def test_a_page_that_promises_too_much_fails(text, said, reader, address, tmp_path):
    (tmp_path / 'page.md').write_text(text)
    code, printed, done = run(str(tmp_path / 'page.md'), reader, address)
    assert code != 0 and said in printed and not done


def run(page, reader, address):
    """Run a page; return the exit code, what was printed, and the lines of the blocks that ran."""
    folder, environment = reader
    is_chinese = '/zh/' in page or '.zh.' in page
    environment['AI_SERVICE_LANG'] = 'zh' if is_chinese else 'en'
    report = folder / 'report.json'
    report.write_text('[]')
    with open(os.devnull) as nothing, tempfile.TemporaryFile() as printed:
        code = ask(address, [os.path.join(HERE, 'run_page.py'), page, str(report)],
                   (nothing.fileno(), printed.fileno(), printed.fileno()), environment,
                   str(folder / 'clone'), LONGEST)
        printed.seek(0)
        return code, printed.read().decode('utf-8', 'replace'), json.loads(report.read_text())


@pytest.mark.skipif(os.name != 'posix', reason='the blocks are for bash')
def test_a_page_that_takes_too_long_is_ended_with_what_it_has_started(reader, address, tmp_path):
    code = 'import os, signal; open("pid", "w").write(str(os.getpid())); signal.pause()'
    with pytest.raises(OSError):
        ask(address, ['-c', code], environment=reader[1], folder=str(tmp_path), timeout=1)
    with open(str(tmp_path / 'pid')) as stream, pytest.raises(OSError):
        number = int(stream.read())
        for _ in range(500):
            os.kill(number, 0)
            time.sleep(0.02)


def test_every_fence_of_every_page_belongs_to_a_block_that_was_found():
    for page in PAGES:
        fences = re.findall(r'^[\s>]*(?:```|~~~)', text_of(page), re.MULTILINE)
        assert len(fences) == 2 * len(blocks_of(page)), page


def test_only_languages_that_are_run_or_that_cannot_be_run_are_used():
    for page in PAGES:
        for block in blocks_of(page):
            assert block.language in RUN + SHOWN, (page, block.line)


def test_only_the_two_commands_of_the_readme_are_left_to_the_whole_check():
    left = [(page, block.argument) for page in PAGES for block in blocks_of(page)
            if block.language in RUN and not block.is_run and block.mark != 'program']
    expected = [('README.md', 'run'), ('README.md', 'test')]
    assert [each for each in left if each[0] == 'README.md'] == expected
    assert [each[1] for each in left if each[0] != 'README.md'] == ['run', 'test']
    assert _commands('README.md') == _commands('docs/README.zh.md')


def _commands(page):
    return [(block.argument, block.code) for block in blocks_of(page) if block.mark == 'command']


def test_every_file_that_a_page_writes_is_used_by_a_later_bash_block():
    for page in PAGES:
        blocks = blocks_of(page)
        for place, block in enumerate(blocks):
            if block.mark == 'file':
                name = os.path.splitext(block.argument)[0]
                assert any(name in later.code for later in blocks[place:]
                           if later.language == 'bash'), (page, block.line)


def test_pages_that_are_read_in_one_folder_stand_in_no_other_s_way():
    """What a page refuses to replace, and the ports and names it takes, no other page uses."""
    own, users = set(), {}
    for page in PAGES:
        # The recipes share one ledger.
        code = '' if '/zh/' in page or '.zh.' in page else '\n'.join(
            block.code for block in blocks_of(page)
            if block.language in RUN and block.mark != 'program')
        own.update(_OWN.findall(code))
        for name in _OWN.findall(code) + _REPLACED.findall(code):
            users.setdefault(name, set()).add(page)
    assert own >= {'grace.jpg', 'collins.json', '8765', '8767', 'michael', 'uploads.sqlite'}
    assert [(name, sorted(users[name])) for name in sorted(own) if len(users[name]) > 1] == []


@pytest.mark.parametrize('page', TWINS)
def test_both_languages_show_the_same_code(page):
    english, chinese = [
        [(block.language, block.mark, block.argument, block.bare) for block in blocks_of(each)
         if block.language not in SHOWN] for each in (page, twin_of(page))]
    assert english == chinese


@pytest.mark.parametrize('page', TWINS)
def test_both_languages_have_the_same_headings(page):
    def levels(text):
        return [len(mark) for mark in re.findall(r'^(#+) ', _prose(text), re.MULTILINE)]
    assert levels(text_of(page)) == levels(text_of(twin_of(page)))


def test_the_sample_for_s3_names_what_may_be_there_when_the_answer_is_lost():
    code, = [block.code for block in blocks_of('docs/pages/en/uploads.md')
             if 'class S3Uploads' in block.code]
    found, deleted = {}, []
    exec('import os\n' + code[code.index('class'):code.index('bucket, ledger')], found)

    def lost(*args, **options):
        raise IOError('the answer is lost')
    for failing in ('upload_file', 'generate_presigned_url'):
        sample = found['S3Uploads'].__new__(found['S3Uploads'])
        vars(sample).update(bucket='my-bucket', lifetime=60, s3=mock.Mock(**{
            failing: lost, 'delete_object': lambda **where: deleted.append(where)}))
        with pytest.raises(IOError) as caught:
            sample.put('folder/some.jpg')
        sample.discard(caught.value.uploaded_url)
    assert deleted == [{'Bucket': 'my-bucket', 'Key': 'some.jpg'}] * 2


def test_every_picture_on_a_page_is_there():
    for page in PAGES:
        for found in _PICTURE.findall(text_of(page)):
            path = os.path.join(ROOT, os.path.dirname(page), found[0] or found[1])
            assert os.path.getsize(path) > 0, (page, found)


def _prose(text):
    """Return a text without its blocks: a comment of bash looks like a heading."""
    return re.sub(r'^ *```.*?^ *```', '', text, flags=re.MULTILINE | re.DOTALL)
