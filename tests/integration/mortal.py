"""The recipe of a client whose worker dies in the middle of a call, as other processes import it.

It stands in a module of its own, since the workers import it.
"""
import os
import signal
import threading

import requests

from ai_service_python_sdk import ClientFactory

#: A creation with this in its body is the worker's last.
FATAL = b'"sharp_ratio": 0.66'


class Session(requests.Session):
    """Sends, and once the service has answered to a fatal creation kills this process."""

    def send(self, request, **kwargs):
        answer = requests.Session.send(self, request, **kwargs)
        if FATAL in (request.body or b''):
            os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()
        return answer


class Mortal(ClientFactory):
    def make(self):
        client = ClientFactory.make(self)
        client.configuration.session = Session()
        return client
