"""Everything declared stands in setup.cfg; here is what setuptools before 46.4 cannot read.

Its ``attr:`` imports the package, whose dependencies are not there yet.
"""
import os

from setuptools import setup

HERE = os.path.dirname(os.path.abspath(__file__))
found = {}
with open(os.path.join(HERE, 'ai_service_python_sdk', '_version.py')) as stream:
    exec(stream.read(), found)

setup(version=found['__version__'])
