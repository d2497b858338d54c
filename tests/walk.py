"""The walk of one call: which files of ours a warm ``aigc_images_train`` runs through, in order.

``python tests/walk.py`` prints it; ``python tests/walk.py --write`` puts it into the pages that
show it. A file is entered when a function of it is called from another file of ours (or from the
program); what is entered before the request has left belongs to the way down.
"""
import gc
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, 'ai_service_python_sdk') + os.sep
#: Pages that show the walk, between these marks.
PAGES = ('docs/contributing.md', 'docs/contributing.zh.md')
BEGIN, END = '<!-- walk -->\n```text\n', '```\n<!-- end of the walk -->'
#: The function of ``http.client`` that hands bytes to the socket; the last call is the body's.
SENDS = ('../http/client.py', 'send')
#: What the walk may be at most: files, entries of one file, moves on the way down.
MOST_FILES, MOST_ENTRIES, MOST_MOVES = 15, 2, 20


class Walk(object):
    """What a call enters, in order: pairs (file, function)."""

    def __init__(self):
        self.steps = []
        #: How many of them belong to the way down.
        self.down = 0

    @property
    def files(self):
        return sorted(set(step[0] for step in self.steps))

    @property
    def moves_down(self):
        """How often the file changes from one step to the next until the request has left."""
        names = [step[0] for step in self.steps[:self.down]]
        return sum(1 for one, next_one in zip(names, names[1:]) if one != next_one)

    def count(self, file):
        """How often a file is entered from another one of ours."""
        return sum(1 for index, (name, _, caller) in enumerate(self.steps)
                   if name == file and (is_ours(caller) or index == 0))

    def see(self, frame, event, argument):
        """Take an event of ``sys.setprofile``."""
        if event != 'call':
            return
        name, caller = name_of(frame), name_of(frame.f_back)
        if name == SENDS[0] and frame.f_code.co_name == SENDS[1]:
            self.down = len(self.steps)
        if is_ours(name) and name != caller:
            self.steps.append((name, frame.f_code.co_name, caller))

    def text(self):
        """What the pages show."""
        lines = []
        for name, function, caller in self.steps:
            by = '' if is_ours(caller) else ', called by ' + caller.split('/')[1]
            lines.append('{:<43} {}{}'.format(name, function, by))
        lines.insert(self.down, '-- the request leaves --')
        lines.append('{} files, none entered more than {} times, {} moves on the way down'.format(
            len(self.files), max(self.count(name) for name in self.files), self.moves_down))
        return '\n'.join(lines) + '\n'


def name_of(frame):
    """Return a frame's file: of ours by its path in the package, of another by its last parts."""
    path = frame.f_code.co_filename
    if path.startswith(PACKAGE):
        return path[len(PACKAGE):].replace(os.sep, '/')
    return '/'.join(['..'] + path.replace(os.sep, '/').split('/')[-2:])


def is_ours(name):
    return not name.startswith('../')


class Service(BaseHTTPRequestHandler):
    """Answers every POST with the ids of a training."""

    protocol_version = 'HTTP/1.1'
    ANSWER = json.dumps({'request_id': 'r', 'code': 'OK', 'message': 'success',
                         'data': {'job_id': 11, 'model_id': 'm'}}).encode('ascii')

    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.ANSWER)))
        self.end_headers()
        self.wfile.write(self.ANSWER)

    def log_message(self, *args):
        pass


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False


def walk():
    """Make a training twice, and return the walk of the second one."""
    from ai_service_python_sdk import AIGCImagesApi, ApiClient
    server = Server(('127.0.0.1', 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    seen = Walk()
    try:
        with ApiClient('http://127.0.0.1:{}'.format(server.server_port), 'app', 't') as client:
            train = AIGCImagesApi(client).aigc_images_train
            photos = ['http://photos.example.com/{}.jpg'.format(index) for index in range(5)]
            train(photos, '', None)
            before = sys.getprofile()
            gc.disable()  # what an earlier client leaves behind is no part of this call
            sys.setprofile(seen.see)
            try:
                answer = train(photos, '', None)
            finally:
                sys.setprofile(before)
                gc.enable()
            assert answer.job_id == 11
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return seen


def shown_in(page):
    """Return (text in front, walk, text behind) of a page."""
    with open(os.path.join(ROOT, page), encoding='utf-8') as stream:
        front, _, rest = stream.read().partition(BEGIN)
    shown, _, behind = rest.partition(END)
    return front, shown, behind


def main():
    text = walk().text()
    sys.stdout.write(text)
    for page in PAGES if '--write' in sys.argv else ():
        front, _, behind = shown_in(page)
        with open(os.path.join(ROOT, page), 'w', encoding='utf-8') as stream:
            stream.write(front + BEGIN + text + END + behind)


if __name__ == '__main__':
    sys.path.insert(0, ROOT)
    main()
