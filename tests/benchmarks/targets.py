"""What the figures are held against: the older SDK, by way of the baselines of the same run.

With ``--beside`` it is measured in the same run, and the ratios are those to it. Else it is not
here. Before this one was written it was measured once beside the same
baselines, on one machine; what a baseline cost in units of it is kept in :data:`YARDSTICKS`. A
ratio to the older SDK is therefore an estimate: (ours / baseline) x (baseline / older SDK).
"""
import os

#: What a baseline cost, the older SDK being 1. Instructions of a small call: of a run beside the
#: older SDK, in which ours took 0.70 of it and 1.21 of urllib3.
YARDSTICKS = {'import': ('requests', 1.08), 'instructions': ('urllib3', 0.58),
              'cpu': ('urllib3', 0.68), 'first TLS call': ('urllib3', 0.89),
              '16 threads TLS': ('urllib3', 1.0)}
#: A picture of 20 MB that the older SDK handed over: the body that it kept, the text of its JSON,
#: the copy that ``b64decode`` makes of that, each four thirds of the picture, and the picture.
OLD_PICTURE_PEAK = (20 << 20) * (4.0 / 3 * 3 + 1)
CPUS = os.cpu_count() or 1


#: Why a row is over its target, English and Chinese; shown where it is.
REASONS = {
    'a script to its first answer: CPU': (
        'Importing requests alone takes more than the rest of the script; the call has to go '
        'through it, so that the tools of its users see it.',
        '仅导入 requests 就超过脚本其余部分；请求必须经过它，用户的工具才能看到请求。'),
    '16 threads over TLS: CPU': (
        'The handshakes alone are nearly half of it; the rest is a session and a pool for each of '
        'the sixteen clients.', '近一半是握手本身，其余是十六个客户端各自的会话和连接池。'),
    'ApiClient(...): CPU, beside the thread pool that the older SDK started': (
        'A client takes 12 µs; the pool that it is measured by takes 0.9 to 1.5 ms.',
        '创建客户端需 12 µs；作为分母的线程池每次运行需 0.9 至 1.5 ms。'),
    "another client's call while the emulator checks 20 photos: time": (
        'Client, emulator and the decoding of the photos share two processors: 1.3 to 2.1, from '
        'run to run.', '客户端、模拟器和照片解码共用两个处理器；每次运行为 1.3 至 2.1。'),
}
_SMALL = (
    'The same process run again differs by a fifth here, which instructions do not; and limits on '
    'the time of a call take a system call before each send and read.',
    '同一进程再次运行，此处的差异可达五分之一，而指令数没有差异；限时还使每次收发多一次系统调用。')
_PICTURE = (
    'Receiving and JSON are most of it, by the standard library; what is saved is the copy that '
    'b64decode makes.', '主要是接收数据和解析 JSON，由标准库完成；省去的是 b64decode 的一次复制。')
for _case in ('check', 'job', 'train', 'create'):
    REASONS['small call ({}): CPU'.format(_case)] = _SMALL
for _size in (1, 5, 20):
    REASONS['{} MB picture by image_bytes: CPU'.format(_size)] = _PICTURE


def figure(results, case, name, who='sdk'):
    """Return one figure; KeyError where the case did not run."""
    return results[case][who][name]


def to_old(results, case, name, yardstick):
    """Return the ratio to the older SDK: measured if it took part, else estimated."""
    if 'older' in results[case]:
        return figure(results, case, name) / figure(results, case, name, 'older')
    who, share = YARDSTICKS[yardstick]
    return figure(results, case, name) / figure(results, case, name, who) * share


def first_answer(results):
    """The older SDK's script, else its import and what a script on urllib3 takes besides."""
    if 'older' in results['first answer']:
        return to_old(results, 'first answer', 'cpu', 'import')
    who, share = YARDSTICKS['import']
    old = (figure(results, 'import', 'cpu', who) / share
           + figure(results, 'first answer', 'cpu', 'urllib3')
           - figure(results, 'import', 'cpu', 'urllib3'))
    return figure(results, 'first answer', 'cpu') / old


def beside_urllib3(case, name, ours=None):
    """Return the function that gives our figure as a share of urllib3's in another case."""
    return lambda results: (figure(results, ours or case, name)
                            / figure(results, case, name, 'urllib3'))


def rows():
    """Yield (English, Chinese, the most that it may be, unit, function of the results)."""
    yield ('import: CPU', '导入：CPU', 0.20, '', lambda r: to_old(r, 'import', 'cpu', 'import'))
    yield ('import: modules', '导入：模块数', 60, '', lambda r: figure(r, 'import', 'modules'))
    yield 'a script to its first answer: CPU', '脚本到首个响应：CPU', 1.08, '', first_answer
    yield ('a script to its first answer: CPU beside urllib3 directly',
           '脚本到首个响应：CPU（与直接使用 urllib3 相比）', None, '', beside_urllib3('first answer', 'cpu'))
    yield ('ApiClient(...): CPU, beside the thread pool that the older SDK started',
           'ApiClient(...)：CPU（与旧 SDK 启动的线程池相比）', 0.01, '',
           lambda r: figure(r, 'construct', 'cpu') / figure(r, 'construct', 'pool'))
    yield ('ApiClient(...): threads', 'ApiClient(...)：线程数', 0, '',
           lambda r: figure(r, 'construct', 'threads'))
    for case in ('check', 'job', 'train', 'create'):
        yield ('small call ({}): instructions'.format(case), '小请求（{}）：指令数'.format(case),
               0.92, '', lambda r, case=case: to_old(r, case, 'instructions', 'instructions'))
        yield ('small call ({}): CPU'.format(case), '小请求（{}）：CPU'.format(case),
               1.00, '', lambda r, case=case: to_old(r, case, 'cpu', 'cpu'))
    yield ('small call: instructions beside urllib3 directly', '小请求：指令数（与直接使用 urllib3 相比）',
           None, '', beside_urllib3('check', 'instructions'))
    yield ('error answer: instructions', '错误响应：指令数', 1.0, '',
           lambda r: to_old(r, 'error', 'instructions', 'instructions'))
    yield ('first TLS call: CPU', '首个 TLS 请求：CPU', 0.10, '',
           lambda r: to_old(r, 'first TLS call', 'cpu', 'first TLS call'))
    yield ('16 threads over TLS: CPU', '16 线程 TLS：CPU', 0.08, '',
           lambda r: to_old(r, '16 threads TLS', 'cpu', '16 threads TLS'))
    for size in (1, 5, 20):
        case = 'picture {}'.format(size)
        yield ('{} MB picture by b64decode: CPU'.format(size),
               '{} MB 图片（b64decode）：CPU'.format(size), 1.05, '', beside_urllib3(case, 'cpu'))
        yield ('{} MB picture by image_bytes: CPU'.format(size),
               '{} MB 图片（image_bytes）：CPU'.format(size), 0.85, '',
               beside_urllib3(case, 'cpu', 'image_bytes {}'.format(size)))
    for name, label, most in (('picture 20', 'b64decode', 0.75),
                              ('image_bytes 20', 'image_bytes', 0.55)):
        case = 'memory of ' + name
        yield ('20 MB picture by {}: peak memory'.format(label),
               '20 MB 图片（{}）：内存峰值'.format(label), most, '',
               lambda r, case=case: figure(r, case, 'peak') / OLD_PICTURE_PEAK)
        yield ('20 MB picture by {}: kept after'.format(label),
               '20 MB 图片（{}）：之后占用'.format(label), 0.1, 'MB',
               lambda r, case=case: figure(r, case, 'kept') / 1e6)
    yield ('save_image of 20 MB: peak memory over the text', 'save_image（20 MB）：文本之外的内存峰值',
           25, 'MB', lambda r: figure(r, 'memory of save_image 20', 'peak') / 1e6)
    yield ('5 MB request body: CPU', '5 MB 请求体：CPU', 0.70, '', beside_urllib3('5 MB body', 'cpu'))
    yield ('200 async_req calls at 20 ms: time', '200 个 async_req 请求（20 ms 延迟）：耗时', 0.15, '',
           lambda r: figure(r, '200 async', 'ratio') * CPUS)
    yield ('16 threads on one client: connections beyond 16', '16 线程共用客户端：超过 16 的连接数', 0, '',
           lambda r: figure(r, '16 threads', 'connections') - 16)
    yield ('16 threads on one client: warnings', '16 线程共用客户端：警告数', 0, '',
           lambda r: figure(r, '16 threads', 'warnings'))
    yield ('create_many at 64 at once: connections beyond 64',
           'create_many 同时 64 个：超过 64 的连接数', 0, '',
           lambda r: figure(r, '64 at once', 'connections') - 64)
    yield ('waiting for 1,000 jobs: threads', '等待 1000 个任务：线程数', 16, '',
           lambda r: figure(r, '1000 jobs', 'threads'))
    yield ('waiting for 1,000 jobs: connections', '等待 1000 个任务：连接数', 16, '',
           lambda r: figure(r, '1000 jobs', 'connections'))
    yield ('waiting for 1,000 jobs: peak memory', '等待 1000 个任务：内存峰值', 60, 'MB',
           lambda r: figure(r, '1000 jobs', 'peak') / 1e6)
    yield ("another client's call while the emulator checks 20 photos: time",
           '模拟器核验 20 张照片时另一客户端的请求：耗时', 1.5, '',
           lambda r: figure(r, 'emulator apart', 'ratio'))
    yield ('ledger, a row written and settled: time', '账本写入并更新一行：耗时', 5, 'ms',
           lambda r: figure(r, 'ledger', 'row') * 1e3)
    yield ('ledger, two flushes of the disk, for comparison: time', '账本（对比：两次磁盘刷新）：耗时', None,
           'ms', lambda r: figure(r, 'ledger', 'flush') * 2e3)
    yield ('ledger, the newest of a million rows, by key and by name: time',
           '账本（一百万行）最新记录、按 key 和按名称查询：耗时', 1, 's',
           lambda r: figure(r, 'ledger', 'listing'))
    for name, zh, most, unit, scale in (('memory', '内存增长', 5, 'MB', 1e6),
                                        ('threads', '线程增长', 0, '', 1),
                                        ('descriptors', '描述符增长', 0, '', 1)):
        yield ('soak: growth of ' + name, '长时间运行：' + zh, most, unit,
               lambda r, name=name, scale=scale: figure(r, 'soak', name) / float(scale))


def shown(value, unit):
    """Return a figure as text."""
    text = '{:.2f}'.format(value) if isinstance(value, float) else str(value)
    return ' '.join([text, unit]).strip()


def judged(results):
    """Return a row for each target whose cases ran."""
    found = []
    for english, chinese, most, unit, value_of in rows():
        try:
            value = value_of(results)
        except KeyError:
            continue
        is_met = most is None or value <= most
        row = {'row': english, 'row_zh': chinese, 'measured': shown(value, unit),
               'target': '' if most is None else '<= ' + shown(most, unit), 'met': bool(is_met)}
        if not is_met and english in REASONS:
            row['note_en'], row['note_zh'] = REASONS[english]
        found.append(row)
    return found


def profile_of(results):
    """Return where the instructions of a small call go, the largest part first."""
    try:
        total = figure(results, 'check', 'instructions')
        transport = figure(results, 'part transport', 'instructions')
        http = figure(results, 'check', 'instructions', 'http.client')
        urllib3 = figure(results, 'check', 'instructions', 'urllib3')
        parts = dict((name, figure(results, 'part ' + name, 'instructions'))
                     for name in ('serialize', 'sign', 'decode'))
    except KeyError:
        return []
    rest = total - transport - sum(parts.values())
    named = [('requests, urllib3 and http.client, tuned', transport),
             ('JSON of the answer and its model', parts['decode']),
             ('model and JSON of the request', parts['serialize']),
             ('signature', parts['sign']),
             ('arguments, limits, checks', rest),
             ('all', total),
             ('for comparison: http.client directly', http),
             ('for comparison: urllib3 directly', urllib3)]
    return [{'part': name, 'instructions': count} for name, count in named]
