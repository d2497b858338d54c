"""What tests of several folders share: where the tree is, a clock, a scripted service."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PHOTOS = os.path.join(ROOT, 'docs', 'examples', 'photos')


def untraced():
    """Return the environment of a process that runs nothing which other tests do not run.

    Where coverage is measured, a process takes three times as long to start.
    """
    return dict((name, value) for name, value in os.environ.items() if not name.startswith('COV'))
