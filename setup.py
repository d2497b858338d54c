"""Everything declared stands in setup.cfg; here is what it cannot say.

The ``attr:`` of setuptools before 46.4 imports the package, whose dependencies are not there yet.
The README of a package index has no files beside it, to which its links and pictures could lead.
"""
import io
import os
import re

from setuptools import setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(*path):
    with io.open(os.path.join(HERE, *path), encoding='utf-8') as stream:
        return stream.read()


def alone(text):
    """Return a Markdown text without what leads to a file beside it, and without comments."""
    text = re.sub(r'^<!--.*?-->\n\n?', '', text, flags=re.MULTILINE)
    text = re.sub(r'^!\[[^\]]*\]\((?!https:)[^)]*\)\n\n?', '', text, flags=re.MULTILINE)
    return re.sub(r'\[([^\]]*)\]\((?!https:)[^)]*\)', r'\1', text)


found = {}
exec(read('ai_service_python_sdk', '_version.py'), found)

setup(version=found['__version__'], long_description=alone(read('README.md')),
      long_description_content_type='text/markdown')
