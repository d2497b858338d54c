"""The S3 of moto on a free port: a server that nobody here wrote. It checks no signature."""
import contextlib
import logging
import threading

import pytest


@contextlib.contextmanager
def moto_s3():
    """Run it; give its address."""
    moto = pytest.importorskip('moto.moto_server.werkzeug_app', reason='needs moto[s3] and flask')
    serving = pytest.importorskip('werkzeug.serving')
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    server = serving.make_server('127.0.0.1', 0, moto.create_backend_app('s3'), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield 'http://127.0.0.1:{}'.format(server.port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
