"""The service without a network: an address, envelopes, and answers by path for ``responses``."""
import base64
import json
import struct

HOST = 'http://service.example.com'
#: A template of two persons, for a check as well.
TWO = 'http://t.test/two.jpg'
JPEG = (b'\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x11\x08' + struct.pack('>HH', 480, 640)
        + b'rest')


def envelope(data):
    """Return what the service answers: ``data`` in its envelope."""
    return {'request_id': 'r', 'code': 'OK', 'message': 'success', 'data': data}


class Service(object):
    """Answers by path; what it was asked is in ``asked``.

    An answer is the data of a success, a status of a failure, a pair (status, body), or an error
    to raise; a body may be a text. Of a list, each is given once. ``states`` are those of the
    jobs, the last one again and again, unless ``answers`` has a ``'job'``.
    """

    def __init__(self, mock, host=HOST):
        self.asked = []
        self.states = [2]
        self.answers = {
            'check': {'check_results': [{'code': 1, 'message': 'success', 'url': 'u'}]},
            'train': {'job_id': 11, 'model_id': 'm-11'},
            'create': {'image': base64.b64encode(JPEG).decode('ascii'), 'cost_time': 3.5,
                       'model_id': 'm-11'}}
        for name in self.answers:
            mock.add_callback('POST', host + '/api/v1/aigc_images/' + name,
                              lambda request, name=name: self._answer(name, request))
        for job in (11, 12):
            mock.add_callback('POST', host + '/api/v1/async_jobs/{}'.format(job),
                              lambda request, job=job: self._job(job))

    def names(self):
        return [name for name, _ in self.asked]

    def _answer(self, name, request):
        body = json.loads(request.body.decode('utf-8'))
        self.asked.append((name, body))
        if name == 'check' and 'two' in body['images'][0]:
            return _played({'check_results': [{'code': 3, 'message': 'faces', 'url': 'u'}]})
        return _played(self.answers[name])

    def _job(self, job):
        self.asked.append(('job', job))
        if 'job' in self.answers:
            return _played(self.answers['job'])
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, BaseException):
            raise state
        message = 'Training - Not get lora weight' if state == 3 else ''
        return _played({'job': {'id': job, 'state': state, 'message': message}})


def _played(answer):
    answer = answer.pop(0) if isinstance(answer, list) else answer
    if isinstance(answer, BaseException):
        raise answer
    if isinstance(answer, int):
        answer = answer, {'code': 'error', 'message': 'no', 'data': {}}
    if isinstance(answer, tuple):
        status, body = answer
        body = body if isinstance(body, str) else json.dumps(dict(body, request_id='r'))
        return status, {}, body
    return 200, {}, json.dumps(envelope(answer))
