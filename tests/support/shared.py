"""What takes long to make is made once for all processes of the tests."""
import os
import shutil
import time

#: Seconds for which a process waits for another one that makes it.
PATIENCE = 120


def shared_folder(tmp_path_factory):
    """Return the folder of this run, which processes of xdist have in common."""
    own = str(tmp_path_factory.getbasetemp())
    return os.path.dirname(own) if 'PYTEST_XDIST_WORKER' in os.environ else own


def made_once(tmp_path_factory, name, make):
    """Return the folder of that name, which ``make`` has filled, here or in another process."""
    folder = os.path.join(shared_folder(tmp_path_factory), name)
    whole = folder + '.whole'
    deadline = time.time() + PATIENCE
    while not os.path.exists(whole):
        try:
            os.mkdir(folder)
        except FileExistsError:
            assert time.time() < deadline, 'another process makes {}'.format(folder)
            time.sleep(0.05)
            continue
        try:
            make(folder)
        except BaseException:
            # The next one tries, and sees what the matter is.
            shutil.rmtree(folder)
            raise
        open(whole, 'w').close()
    return folder
