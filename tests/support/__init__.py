"""What tests of several folders share: where the tree is, a clock, a scripted service."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PHOTOS = os.path.join(ROOT, 'docs', 'examples', 'photos')
