"""Make one call over loopback with the SDK under the names given, and print where each lives."""
import importlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        body = json.dumps({'request_id': 'r', 'code': 'OK', 'message': 'success',
                           'data': {'job_id': 11, 'model_id': 'm'}}).encode('ascii')
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main(names):
    server = HTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.daemon = True
    thread.start()
    for name in names:
        sdk = importlib.import_module(name)
        with sdk.ApiClient('http://127.0.0.1:{}'.format(server.server_port), 'a', 't') as client:
            training = sdk.AIGCImagesApi(client).aigc_images_train(['u'])
        module = importlib.import_module(name + '.client.transport.session')
        settings = sdk.Configuration('https://h', 'a', 't')
        tls = module.Session(settings, (1, 1)).adapter._tls_options('https://h')['ssl_context']
        try:
            sdk.AIGCImagesApi(sdk.ApiClient('http://127.0.0.1:9', 'a', 't', None)).aigc_images_sd(
                '', {'x': float('nan')})
        except ValueError:
            refused = True
        print(json.dumps({'name': name, 'version': sdk.__version__, 'file': sdk.__file__,
                          'job_id': training.job_id, 'class': type(training).__module__,
                          'certificates': len(tls.get_ca_certs()) > 50, 'refused': refused}))
    server.shutdown()
    server.server_close()
    print(json.dumps(sorted(name for name in sys.modules if name.count('.') == 0)))


if __name__ == '__main__':
    main(sys.argv[1:])
