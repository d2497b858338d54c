"""What the emulator's face engine saw in a picture is kept in a folder, for every process.

The models are loaded once in a process.
"""
import hashlib
import importlib.util
import os
import pickle
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: What a Python has first in its PYTHONPATH to share what is kept in SEEN_FOLDER.
EYES = [os.path.join(TESTS, 'support', 'eyes'), TESTS]
#: What takes the time of a check, a training and a creation.
METHODS = ('faces', 'turn', 'crop', 'compose')


def keep(folder, patch=setattr):
    """Let the engines of this process look once at each picture, and share their models."""
    from ai_service_python_sdk.emulator.faces import CARRIER, FaceEngine
    patch(FaceEngine, '__init__', _loaded_once(FaceEngine.__init__, CARRIER))
    for name in METHODS:
        patch(FaceEngine, name, _kept(getattr(FaceEngine, name), folder))


def _loaded_once(load, carrier):
    """Return what makes an engine of the models, and the lock, of the one before."""
    loaded = {}

    def method(self, models=None, mark=True):
        if models is not None or importlib.util.find_spec(carrier) is None:
            return load(self, models, mark)
        if not loaded:
            load(self)
            loaded.update(vars(self))
        vars(self).update(loaded, mark=mark)
    return method


def _kept(look, folder):
    """Return a method that looks where nobody has looked before, and remembers."""
    def method(self, *what):
        mark = pickle.dumps((look.__name__, self.mark, what), 4)
        path = os.path.join(folder, hashlib.sha1(mark).hexdigest())
        if not os.path.exists(path):
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
                pickle.dump(look(self, *what), stream)
            os.replace(stream.name, path)
        with open(path, 'rb') as stream:
            return pickle.load(stream)
    return method
