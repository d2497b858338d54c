"""Loaded by Pythons that tests start: their emulators look at no picture that another has seen."""
import os

from support import seen

seen.keep(os.environ['SEEN_FOLDER'])
