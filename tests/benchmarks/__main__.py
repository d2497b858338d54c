"""Measure what a call costs: ``python tests/benchmarks [--quick] [--json FILE] [--only CASE]``.

Each case runs in a process of its own, in rounds that alternate with the baselines; the figures
are medians. Instructions are counted with valgrind's callgrind where it is at hand.
"""
import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, 'cases.py')
BASELINES = ('http.client', 'urllib3', 'requests')
#: Case to (who besides the SDK, repetitions quick, repetitions full, over TLS).
PLAN = [
    ('import', BASELINES, 1, 1, False),
    ('first answer', BASELINES, 1, 1, False),
    ('construct', (), 200, 2000, False),
    ('check', BASELINES, 200, 2000, False),
    ('job', ('urllib3',), 200, 2000, False),
    ('train', ('urllib3',), 200, 2000, False),
    ('create', ('urllib3',), 200, 2000, False),
    ('error', ('urllib3',), 200, 2000, False),
    ('first TLS call', ('urllib3', 'requests'), 5, 20, True),
    ('16 threads TLS', ('urllib3', 'requests'), 1, 1, True),
    ('picture 1', ('urllib3', 'requests'), 3, 10, False),
    ('picture 5', ('urllib3', 'requests'), 1, 5, False),
    ('picture 20', ('urllib3', 'requests'), 1, 3, False),
    ('image_bytes 1', (), 3, 10, False),
    ('image_bytes 5', (), 1, 5, False),
    ('image_bytes 20', (), 1, 3, False),
    ('save_image 20', (), 1, 1, False),
    ('5 MB body', ('urllib3', 'requests'), 2, 10, False),
    ('200 async', (), 1, 1, False),
    ('16 threads', (), 1, 1, False),
    ('1000 jobs', (), 1, 1, False),
    ('emulator apart', (), 1, 1, False),
    ('soak', (), 20, 1500, False),
]
#: Cases whose instructions are counted.
COUNTED = ('check', 'job', 'train', 'create', 'error')
ROUNDS_QUICK, ROUNDS_FULL = 1, 7


class Server(object):
    """The server's process."""

    def __init__(self, *files):
        self._process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'server.py')] + list(files),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = int(self._process.stdout.readline())
        self.host = '{}://localhost:{}'.format('https' if files else 'http', port)

    def stop(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def certificate(folder):
    """Make a certificate for localhost, among many others as a real bundle has them."""
    import trustme
    from requests.certs import where
    authority = trustme.CA()
    own = authority.issue_cert('localhost')
    names = [os.path.join(folder, name) for name in ('bundle.pem', 'cert.pem', 'key.pem')]
    shutil.copy(where(), names[0])
    os.chmod(names[0], 0o600)
    with open(names[0], 'ab') as stream:
        stream.write(b'\n' + authority.cert_pem.bytes())
    own.cert_chain_pems[0].write_to_path(names[1])
    own.private_key_pem.write_to_path(names[2])
    return names


def once(case, who, host, count, prefix=(), **environment):
    """Run a case in a process; return its figures."""
    command = list(prefix) + [sys.executable, CASES, case, who, host, str(count)]
    process = subprocess.Popen(command, env=dict(os.environ, **environment),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit('{} of {} failed:\n{}'.format(case, who, err.decode('utf-8', 'replace')))
    return json.loads(out.decode('utf-8').splitlines()[-1]), err.decode('utf-8', 'replace')


def instructions(case, who, host, calls):
    """Return the instructions of one call: the difference of many calls and few."""
    counts = []
    for count in (10, 10 + calls):
        prefix = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null']
        err = once(case, who, host, count, prefix, PYTHONHASHSEED='0')[1]
        counts.append(int(re.search(r'Collected : (\d+)', err).group(1)))
    return (counts[1] - counts[0]) // calls


def measure(options):
    """Return case → who → figure → median."""
    folder = tempfile.mkdtemp()
    bundle, cert, key = certificate(folder)
    plain, secure = Server(), Server(cert, key)
    results = {}
    try:
        for case, baselines, quick, full, over_tls in PLAN:
            if options.only and case not in options.only:
                continue
            rounds = ROUNDS_QUICK if options.quick else ROUNDS_FULL
            rounds = 1 if case == 'soak' else rounds
            found = {}
            for _ in range(rounds):
                for who in ('sdk',) + baselines:
                    extra = {'BENCHMARK_CA': bundle} if over_tls else {}
                    figures = once(case, who, (secure if over_tls else plain).host,
                                   quick if options.quick else full, **extra)[0]
                    found.setdefault(who, []).append(figures)
            results[case] = dict((who, dict(
                (name, statistics.median(each[name] for each in many)) for name in many[0]))
                for who, many in found.items())
            if shutil.which('valgrind') and case in COUNTED and not options.quick:
                for who in ('sdk',) + baselines:
                    results[case][who]['instructions'] = instructions(
                        case, who, plain.host, options.calls)
            print_case(case, results[case])
    finally:
        plain.stop()
        secure.stop()
        shutil.rmtree(folder)
    return results


def shown(name, value):
    """Return a figure with its unit."""
    if name in ('cpu', 'wall', 'alone', 'beside'):
        return '{:.3f} ms'.format(value * 1000)
    if name in ('peak', 'kept', 'memory'):
        return '{:.1f} MB'.format(value / 1e6)
    return '{:.3f}'.format(value) if isinstance(value, float) else str(value)


def print_case(case, found):
    """Print a case's lines: each figure of the SDK, and its ratio to the baselines."""
    for name, value in sorted(found['sdk'].items()):
        ratios = ['{:.2f} x {}'.format(value / found[who][name], who) for who in BASELINES
                  if who in found and found[who].get(name)]
        print('| {:<15} | {:<12} | {:>14} | {} |'.format(case, name, shown(name, value),
                                                         ', '.join(ratios)), flush=True)


def main():
    """Measure, print the table and, if wanted, write the JSON."""
    parser = argparse.ArgumentParser(prog='python tests/benchmarks', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='one round, under a minute')
    parser.add_argument('--only', action='append', help='a case; may be repeated')
    parser.add_argument('--calls', type=int, default=100, help='calls to count instructions of')
    parser.add_argument('--json', metavar='FILE', help='write the figures')
    options = parser.parse_args()
    print('| case | figure | SDK | ratio |\n|---|---|---|---|')
    results = measure(options)
    import requests
    import urllib3
    document = {'python': platform.python_version(), 'requests': requests.__version__,
                'urllib3': urllib3.__version__, 'machine': platform.machine(),
                'cpus': os.cpu_count(), 'quick': options.quick, 'results': results}
    if options.json:
        with open(options.json, 'w') as stream:
            json.dump(document, stream, indent=1, sort_keys=True)
            stream.write('\n')
    else:
        print(json.dumps(document, sort_keys=True))


if __name__ == '__main__':
    main()
