"""Measure what a call costs: ``python tests/benchmarks [--quick] [--json FILE] [--only CASE]``.

``--publish`` keeps the figures in ``docs/data`` and writes them into the pages.

``--beside PYTHON`` measures the older SDK too, in the same run, round by round: the interpreter
of an environment that has it installed, with the same requests and urllib3.

Each case runs in a process of its own, in rounds that alternate with the baselines; the figures
are medians. Instructions are counted with valgrind's callgrind where it is at hand.

::

    __main__.py   what runs, how often      cases.py    what is measured
    targets.py    what it is held against   server.py   the other end of the wire
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
sys.path.insert(0, HERE)

from targets import judged, profile_of  # noqa: E402

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
    ('picture 1', ('urllib3', 'requests'), 3, 20, False),
    ('picture 5', ('urllib3', 'requests'), 1, 10, False),
    ('picture 20', ('urllib3', 'requests'), 1, 5, False),
    ('image_bytes 1', (), 3, 20, False),
    ('image_bytes 5', (), 1, 10, False),
    ('image_bytes 20', (), 1, 5, False),
    ('memory of picture 20', ('urllib3', 'requests'), 1, 1, False),
    ('memory of image_bytes 20', (), 1, 1, False),
    ('memory of save_image 20', (), 1, 1, False),
    ('5 MB body', ('urllib3', 'requests'), 2, 10, False),
    ('200 async', (), 1, 1, False),
    ('16 threads', (), 1, 1, False),
    ('64 at once', (), 256, 2000, False),
    ('1000 jobs', (), 1, 1, False),
    ('emulator apart', (), 1, 1, False),
    ('ledger', (), 50, 500, False),
    ('soak', (), 20, 1500, False),
]
#: Cases that the older SDK can take part in.
OLDER = ('import', 'first answer', 'construct', 'check', 'job', 'train', 'create', 'error',
         'first TLS call', '16 threads TLS', 'picture 1', 'picture 5', 'picture 20',
         'memory of picture 20', '5 MB body', '200 async')
#: Cases whose instructions are counted, and the parts of a small call.
COUNTED = ('check', 'job', 'train', 'create', 'error')
PARTS = ('transport', 'serialize', 'sign', 'decode')
#: Rounds of a case; each of those that take no calls is short and runs more often.
ROUNDS_QUICK, ROUNDS_FULL, ROUNDS_OF_STARTS = 1, 7, 25


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


class Runner(object):
    """Runs cases in processes of their own, which keep compiled files in one scratch folder."""

    def __init__(self, folder, options):
        self._environment = dict(os.environ, PYTHONPYCACHEPREFIX=os.path.join(folder, 'pyc'))
        self._environment.pop('PYTHONDONTWRITEBYTECODE', None)
        self._options = options
        self.bundle, cert, key = certificate(folder)
        self.plain, self.secure = Server(), Server(cert, key)

    def stop(self):
        self.plain.stop()
        self.secure.stop()

    def once(self, case, who, host, count, prefix=(), **environment):
        """Run a case in a process; return its figures and what it wrote to stderr."""
        python = self._options.beside if who == 'older' else sys.executable
        if who == 'older':
            environment['BENCHMARK_ROOT'] = ''
        command = list(prefix) + [python, CASES, case, who, host, str(count)]
        # Beside the cases, where no package is that "-c" would find first.
        process = subprocess.Popen(command, env=dict(self._environment, **environment), cwd=HERE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = (part.decode('utf-8', 'replace') for part in process.communicate())
        if process.returncode:
            raise SystemExit('{} of {} failed:\n{}'.format(case, who, err))
        return json.loads(out.splitlines()[-1]), err

    def instructions(self, case, who):
        """Return the instructions of one call: the difference of many calls and few."""
        counts = []
        calls = self._options.calls
        self.once(case, who, self.plain.host, 1)  # so that every file is compiled
        for count in (10, 10 + calls):
            prefix = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null']
            err = self.once(case, who, self.plain.host, count, prefix, PYTHONHASHSEED='0')[1]
            counts.append(int(re.search(r'Collected : (\d+)', err).group(1)))
        return (counts[1] - counts[0]) // calls

    def rounds_of(self, case):
        if self._options.quick or case in ('soak', 'ledger') or case.startswith('memory'):
            return ROUNDS_QUICK
        return ROUNDS_OF_STARTS if case in ('import', 'first answer') else ROUNDS_FULL

    def medians(self, case, baselines, count, over_tls):
        """Return who → figure → median of rounds that alternate."""
        found = {}
        extra = {'BENCHMARK_CA': self.bundle} if over_tls else {}
        host = (self.secure if over_tls else self.plain).host
        if case in ('import', 'first answer'):
            for who in ('sdk',) + baselines:  # so that every file is compiled
                self.once(case, who, host, count)
        for _ in range(self.rounds_of(case)):
            for who in ('sdk',) + baselines:
                found.setdefault(who, []).append(self.once(case, who, host, count, **extra)[0])
        return dict((who, dict((name, statistics.median(each[name] for each in many))
                               for name in many[0])) for who, many in found.items())


def measure(options, runner):
    """Return case → who → figure → median, printed as they come."""
    results = {}
    counts = shutil.which('valgrind') and not options.quick
    for case, baselines, quick, full, over_tls in PLAN:
        if options.only and case not in options.only:
            continue
        if options.beside and case in OLDER:
            baselines += ('older',)
        results[case] = runner.medians(case, baselines, quick if options.quick else full,
                                       over_tls)
        if counts and case in COUNTED:
            for who in ('sdk',) + baselines:
                results[case][who]['instructions'] = runner.instructions(case, who)
        print_case(case, results[case])
    if counts and not options.only:
        for part in PARTS:
            results['part ' + part] = {'sdk': {
                'instructions': runner.instructions('part ' + part, 'sdk')}}
            print_case('part ' + part, results['part ' + part])
    return results


def shown(name, value):
    """Return a figure with its unit."""
    if name in ('cpu', 'wall', 'alone', 'beside', 'pool'):
        return '{:.3f} ms'.format(value * 1000)
    if name in ('peak', 'kept', 'memory'):
        return '{:.1f} MB'.format(value / 1e6)
    return '{:.3f}'.format(value) if isinstance(value, float) else str(value)


def print_case(case, found):
    """Print a case's lines: each figure of the SDK, and its ratio to the baselines."""
    for name, value in sorted(found['sdk'].items()):
        ratios = ['{:.2f} x {}'.format(value / found[who][name], who)
                  for who in BASELINES + ('older',) if who in found and found[who].get(name)]
        print('| {:<24} | {:<12} | {:>14} | {} |'.format(case, name, shown(name, value),
                                                         ', '.join(ratios)), flush=True)


def document_of(options, results):
    """Return what is written as JSON: where it ran, the figures, the targets, the profile."""
    import requests
    import urllib3
    return {'python': platform.python_version(), 'requests': requests.__version__,
            'urllib3': urllib3.__version__, 'machine': platform.machine(),
            'cpus': os.cpu_count(), 'quick': options.quick, 'results': results,
            'beside': version_of(options.beside) if options.beside else None,
            'targets': judged(results), 'profile': profile_of(results)}


def version_of(python):
    """Return which SDK an interpreter has installed."""
    code = ('from importlib.metadata import version; '
            'print(version("ai-service-python-sdk"))')
    return subprocess.check_output([python, '-c', code]).decode('ascii').strip()


def main():
    """Measure, print the table and, if wanted, write the JSON."""
    parser = argparse.ArgumentParser(prog='python tests/benchmarks', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='one round, under a minute')
    parser.add_argument('--only', action='append', help='a case; may be repeated')
    parser.add_argument('--calls', type=int, default=100, help='calls to count instructions of')
    parser.add_argument('--beside', metavar='PYTHON', help='one that has the older SDK')
    parser.add_argument('--json', metavar='FILE', help='write the figures')
    parser.add_argument('--publish', action='store_true', help='write them into the pages')
    options = parser.parse_args()
    docs = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'docs')
    if options.publish:
        options.json = os.path.join(docs, 'data', 'benchmark.json')
    print('| case | figure | SDK | ratio |\n|---|---|---|---|')
    folder = tempfile.mkdtemp()
    runner = Runner(folder, options)
    try:
        document = document_of(options, measure(options, runner))
    finally:
        runner.stop()
        shutil.rmtree(folder)
    print('\n| what | target | measured | met |\n|---|---|---|---|')
    for row in document['targets']:
        print('| {row} | {target} | {measured} | {met} |'.format(**row))
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as stream:
            json.dump(document, stream, indent=1, sort_keys=True, ensure_ascii=False)
            stream.write('\n')
        if options.publish:
            subprocess.check_call([sys.executable, os.path.join(docs, 'write.py')])
    else:
        print(json.dumps(document, sort_keys=True))


if __name__ == '__main__':
    main()
