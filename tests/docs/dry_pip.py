"""Stands in for ``pip`` in the blocks of the docs: resolves against this tree's wheel."""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile

NAME = 'ai-service-python-sdk'
#: What the index has under that name: the older SDK, which only its full version may ask for.
OLDER = re.compile(NAME + r'==1\.1\.\d+$')
_OPTIONS = ['--dry-run', '--no-deps', '--no-index', '--ignore-installed',
            '--disable-pip-version-check']


def main(words):
    named = [word for word in words if re.match(r'ai[-_.]service[-_.]python[-_.]sdk', word)]
    if any(not OLDER.match(word) for word in named):
        sys.exit('the index has the older SDK under this name')
    if named:
        return 0
    if words[0] == 'wheel':
        for wheel in glob.glob(os.path.join(os.environ['PIP_FIND_LINKS'], '*.whl')):
            shutil.copytree(os.path.dirname(wheel), words[words.index('-w') + 1])
        return 0
    # A folder is the clone that the reader is in.
    words = [NAME + word[1:] if word == '.' or word.startswith('.[') else word
             for word in words if word not in ('-e', '-q')]
    # Without dependencies pip does not look at the extras.
    unknown = set(re.findall(r'[\w-]+', ' '.join(re.findall(r'\[(.*?)\]', ' '.join(words)))))
    unknown -= extras()
    if unknown:
        sys.exit('no such extra: {}'.format(', '.join(sorted(unknown))))
    # What pip said of a line is kept beside the wheel: many pages have the same line.
    told = os.path.join(os.environ['PIP_FIND_LINKS'], hashlib.sha1(
        '\n'.join(words).encode('utf-8')).hexdigest())
    if os.path.exists(told):
        return 0
    pip = subprocess.Popen([sys.executable, '-m', 'pip'] + words[:1] + _OPTIONS + words[1:],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = pip.communicate()[0].decode('utf-8')
    print(text)
    if pip.returncode or 'Would install ' + NAME not in text:
        return 1
    open(told, 'w').close()
    return 0


def extras():
    """Return the extras of the wheel."""
    wheel, = glob.glob(os.path.join(os.environ['PIP_FIND_LINKS'], '*.whl'))
    with zipfile.ZipFile(wheel) as archive:
        name, = [name for name in archive.namelist() if name.endswith('.dist-info/METADATA')]
        metadata = archive.read(name).decode('utf-8')
    return set(re.findall(r'^Provides-Extra: (\S+)', metadata, re.MULTILINE))


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
