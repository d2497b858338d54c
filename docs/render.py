"""Tables of the pages, rendered from the code in English or Chinese.

A page asks for one with a line such as ``<!-- render: errors account -->``, which
``docs/write.py`` answers. Each renderer is a pure function of the language and the words behind
its name; it returns Markdown.
"""
from contextlib import contextmanager

import facts
from ai_service_python_sdk.cli.arguments import make_parser
from ai_service_python_sdk.client.errors.base import ApiException
from ai_service_python_sdk.client.models.job import STATE_MEANINGS
from ai_service_python_sdk.client.errors.photos import PHOTO_HINTS
from ai_service_python_sdk.util import language
from ai_service_python_sdk.util.parameters import BY_NAME

WORDS = facts.load('reference.json')
RENDERERS = {}


def renderer(function):
    """Make a function answer to the marker of its name, ``_`` written as ``-``."""
    RENDERERS[function.__name__.replace('_', '-')] = function
    return function


@contextmanager
def speaking(lang):
    """Let the package speak a language for a while."""
    before = language._chosen[:]
    language.set_language(lang)
    try:
        yield
    finally:
        language._chosen[:] = before


# Markdown

def table(heads, rows):
    """Return a table; ``|`` in a cell is escaped."""
    lines = [heads, ['---'] * len(heads)] + [list(row) for row in rows]
    return '\n'.join('| {} |'.format(' | '.join(_cell(cell) for cell in line)) for line in lines)


def filled(heads, rows):
    """Return a table without the columns that are empty in every row."""
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    return table([heads[place] for place in kept],
                 [[row[place] for place in kept] for row in rows])


def _cell(value):
    return str(value).replace('|', '\\|').replace('\n', ' ')


def code(value):
    """Return a value as code; nothing for nothing."""
    return '`{}`'.format(value) if value not in (None, '') else ''


def anchored(name):
    """Return a name as code that a link can point at."""
    return '<a id="{0}"></a>`{0}`'.format(name)


def _pick(lang, en, zh):
    return zh if lang == 'zh' else en


def _sentences(lang, *parts):
    return _pick(lang, ' ', '').join(part for part in parts if part)


# parameters

@renderer
def parameters(lang, group):
    """Return the parameters of a group: what each may be, is when left out, and does."""
    heads = _pick(lang, ['Parameter', 'Type and range', 'Default', 'What it does'],
                  ['参数', '类型与取值', '默认值', '作用与注意事项'])
    return table(heads, [_parameter_row(lang, BY_NAME[name])
                         for name in WORDS['parameters'][group]])


def _parameter_row(lang, parameter):
    text = _sentences(lang, _pick(lang, parameter.meaning, parameter.meaning_zh),
                      _pick(lang, parameter.caveat, parameter.caveat_zh))
    return [anchored(parameter.name), _allowed(lang, parameter), code(parameter.default), text]


def _allowed(lang, parameter):
    kind = code(parameter.kind.__name__)
    if parameter.choices:
        return '{}: {}'.format(kind, ', '.join(code(word) for word in parameter.choices))
    if parameter.kind is bool:
        return kind
    return _pick(lang, '{} {}–{}', '{} {}~{}').format(kind, parameter.low, parameter.high)


# errors

#: Errors that come before a byte of the request has left.
NEVER_LEFT = ('ConnectFailedError', 'ConnectTimeoutError')


@renderer
def errors(lang, group):
    """Return the errors of a group: those that the service documents with its messages."""
    classes = facts.error_classes()
    named = [(classes[name], words) for name, words in WORDS['errors'][group].items()]
    if any(facts.is_documented(cls) for cls, _ in named):
        heads = _pick(lang, ['Error', 'Message of the service', 'Meaning', 'What to do'],
                      ['错误', '服务返回的 message', '含义', '处理办法'])
        return table(heads, [_documented_row(lang, cls) for cls, _ in named])
    heads = _pick(lang, ['Error', 'Status', 'When', 'Also a', 'What to do'],
                  ['错误', '状态码', '何时出现', '同时属于', '处理办法'])
    return filled(heads, [_plain_row(lang, cls, words) for cls, words in named])


def _documented_row(lang, cls):
    name = '{}<br>{} {}'.format(anchored(cls.__name__), cls.http_status, code(cls.error_code))
    return [name, '<br>'.join(code(message) for message in cls.messages),
            _pick(lang, cls.meaning_en, cls.meaning_zh), _pick(lang, cls.hint_en, cls.hint_zh)]


def _plain_row(lang, cls, words):
    hint = words.get('hint_' + lang) or getattr(cls, 'hint_' + lang, '')
    if cls.__name__ in NEVER_LEFT:
        made = cls('', never_left=True)
        hint = _pick(lang, made.hint_en, made.hint_zh)
    foreign = '<br>'.join(code(name) for name in facts.also_caught_as(cls))
    return [anchored(cls.__name__), facts.status_of(cls), words[lang], foreign, hint]


@renderer
def error_tree(lang):
    """Return the tree of error classes, each with the status it stands for."""
    lines = ['ApiException'] + list(_branches(ApiException, ''))
    lines += ['{} ({})'.format(name, cls.__base__.__name__)
              for name, cls in facts.error_classes().items()
              if cls.__base__.__module__ == 'builtins' and cls is not ApiException]
    return '```text\n{}\n```'.format('\n'.join(lines))


def _branches(cls, indent):
    children = facts.children_of(cls)
    for child in children:
        is_last = child is children[-1]
        status = facts.status_of(child) if cls is ApiException else ''
        yield '{}{}{} {}'.format(indent, '└── ' if is_last else '├── ', child.__name__,
                                 status).rstrip()
        for line in _branches(child, indent + ('    ' if is_last else '│   ')):
            yield line


@renderer
def photo_codes(lang):
    """Return the codes of a check, with the service's messages."""
    heads = _pick(lang, ['Code', 'Message of the service', 'Meaning', 'What to do'],
                  ['代码', '服务返回的 message', '含义', '处理办法'])
    return table(heads, [[number, code(WORDS['photo_codes'][str(number)]),
                          language.in_language(lang, meaning),
                          language.in_language(lang, hint) or '–']
                         for number, (meaning, hint) in sorted(PHOTO_HINTS.items())])


@renderer
def job_states(lang):
    """Return the states of a job."""
    heads = _pick(lang, ['State', 'Name', 'Meaning'], ['状态', '名称', '含义'])
    names = dict((number, name) for name, number in WORDS['job_states'].items())
    return table(heads, [[number, code('JobState.' + names[number]),
                          language.in_language(lang, meaning)]
                         for number, meaning in sorted(STATE_MEANINGS.items())])


# command line

@renderer
def exit_codes(lang):
    """Return the exit codes, and the errors behind each."""
    heads = _pick(lang, ['Code', 'Cause', 'Errors'], ['退出码', '原因', '对应的错误'])
    rows = sorted(WORDS['exits'].values(), key=lambda row: row['code'])
    return table(heads, [[code(row['code']), row[lang], ', '.join(
        code(name) for name in facts.exit_causes(row['code']))] for row in rows])


@renderer
def commands(lang):
    """Return every command with its options; those of all commands stand once, at the end."""
    parsers = subparsers()
    shared = set.intersection(*(set(_names(action) for action in _options(parser))
                                for name, parser in parsers.items() if name != 'emulator'))
    parts = [_command(lang, name, parser, shared) for name, parser in parsers.items()]
    common = [action for action in _options(parsers['check']) if _names(action) in shared]
    parts.append(_pick(lang, '### Options of every command\n\nOf all but `emulator`.\n\n',
                       '### 所有命令共有的选项\n\n`emulator` 除外。\n\n') + _option_table(lang, common))
    return '\n\n'.join(parts)


def subparsers():
    """Return command → its parser, in the language of the moment."""
    action = next(action for action in make_parser()._actions
                  if hasattr(action, '_name_parser_map'))
    return action.choices


def _command(lang, name, parser, shared):
    own = [action for action in _options(parser)
           if name == 'emulator' or _names(action) not in shared]
    arguments = [action for action in parser._actions if not action.option_strings]
    title = '### ai-portrait {}'.format(name)
    head = '{}\n\n{}'.format(title, _sentences(lang, _sentence(lang, parser.description),
                                               WORDS['commands'][name][lang]))
    rows = arguments + own
    return '{}\n\n{}'.format(head, _option_table(lang, rows)) if rows else head


def _sentence(lang, text):
    text = text[:1].upper() + text[1:]
    return text if text[-1] in '.。' else text + _pick(lang, '.', '。')


def _options(parser):
    return [action for action in parser._actions if action.option_strings
            and '--help' not in action.option_strings]


def _names(action):
    return ', '.join(action.option_strings)


def _option_table(lang, actions):
    heads = _pick(lang, ['Option', 'What it does', 'Default'], ['选项', '作用', '默认值'])
    return filled(heads, [[_usage(action), (action.help or '') % vars(action), _default(action)]
                          for action in actions])


def _usage(action):
    if not action.option_strings:
        many = {'+': ' ...', '*': ' ...'}.get(action.nargs, '')
        return code(str(action.metavar or action.dest) + many)
    value = action.metavar or '|'.join(action.choices or []) or action.dest.upper()
    return code(_names(action) if action.nargs == 0 else '{} {}'.format(_names(action), value))


def _default(action):
    has_own = isinstance(action.default, (str, int, float)) and not isinstance(
        action.default, bool)
    return code(action.default) if has_own and action.option_strings else ''


# operations

@renderer
def endpoints(lang):
    """Return the endpoints: what each answers with, and whether a call may be repeated."""
    heads = _pick(lang, ['Endpoint', 'Answers with', 'Sent again after it may have arrived'],
                  ['接口', '响应类型', '可能已送达后是否重发'])
    return table(heads, [[code('{} {}'.format(*key)), _answers(operation),
                          _pick(lang, 'yes', '是') if operation.repeatable else
                          _pick(lang, 'never', '从不')]
                         for key, operation in facts.declared_operations().items()])


def _answers(operation):
    found = [operation.answers] + list(operation.by_action.values())
    return '<br>'.join(code(answer.__qualname__) for answer in found)


@renderer
def operations(lang):
    """Return a table for each API class: its methods, what they do, and what they send."""
    heads = _pick(lang, ['Method', 'What it does', 'Action and endpoint'],
                  ['方法', '作用', 'action 与接口'])
    found = [action for action in facts.actions() if action.is_plain]
    parts = []
    for where in unique(action.where for action in found):
        rows = [_operation_row(lang, action) for action in found if action.where == where]
        parts.append('`{}`:\n\n{}'.format(where, table(heads, rows)))
    return '\n\n'.join(parts)


def unique(values):
    """Return values without repetition, in their order."""
    seen = []
    return [value for value in values if value not in seen and not seen.append(value)]


def _operation_row(lang, action):
    endpoint = code('{0.method} {0.path}'.format(action.operation))
    return [code(action.name), _what(lang, action),
            '<br>'.join(part for part in (code(action.action), endpoint) if part)]


def _what(lang, action):
    return _pick(lang, action.what.rstrip('.'), WORDS['operations'][action.path])


@renderer
def body_methods(lang):
    """Return the methods that take a ready request model."""
    heads = _pick(lang, ['Python method', 'Endpoint'], ['Python 方法', '接口'])
    return table(heads, [[code(action.path),
                          code('{0.method} {0.path}'.format(action.operation))]
                         for action in facts.actions() if not action.is_plain])


# migration

@renderer
def migration(lang, *kind):
    """Return the rows of a kind: what the old SDK did, what this one does, what to change."""
    heads = _pick(lang, ['Area', 'Older SDK', 'This SDK', 'What to do'],
                  ['范围', '旧版 SDK', '本 SDK', '需要做什么'])
    return table(heads, [[row[part][lang] for part in ('area', 'old', 'new', 'todo')]
                         for row in facts.load('migration.json')['rows']
                         if row['kind'] == ' '.join(kind)])


# performance

#: What users feel: case, figure of the benchmark, English and Chinese.
_FELT = (
    ('import', 'cpu', 'to import the client', '导入客户端'),
    ('first answer', 'cpu', 'a script, from its start to its first answer', '脚本从启动到首个响应'),
    ('first TLS call', 'cpu', 'the first call over TLS', '首个 TLS 请求'),
    ('check', 'cpu', 'a call after that', '之后的每次请求'),
    ('memory of image_bytes 20', 'peak', 'a picture of 20 MB, at most', '20 MB 图片的内存峰值'),
    ('memory of image_bytes 20', 'kept', 'the same, once it is let go', '图片释放之后'),
    ('1000 jobs', 'threads', 'threads that wait for a thousand jobs', '等待 1000 个任务的线程数'),
    ('1000 jobs', 'peak', 'memory of a thousand waits', '等待 1000 个任务的内存'))
_NOT_MEASURED = ('*Not measured yet: run the command below.*', '*尚未测量：请运行下面的命令。*')


@renderer
def benchmark_felt(lang):
    """Return what users feel, in plain units, beside urllib3 by hand."""
    found = (facts.load('benchmark.json') or {}).get('results')
    if not found:
        return _pick(lang, *_NOT_MEASURED)
    heads = _pick(lang, ['What', 'This SDK', 'urllib3 by hand'], ['项目', '本 SDK', '直接使用 urllib3'])
    rows = []
    for case, name, en, zh in _FELT:
        # The picture is fetched by urllib3 under the name of another case.
        other = found.get(case.replace('image_bytes', 'picture'), {}).get('urllib3', {})
        if case in found:
            rows.append([_pick(lang, en, zh), _figure(name, found[case]['sdk'][name]),
                         _figure(name, other[name]) if name in other else '–'])
    return table(heads, rows)


@renderer
def benchmark_beside(lang):
    """Return the ratios to the older SDK: those once measured, and those of the latest run."""
    found = facts.load('benchmark.json') or {}
    now = dict((row['row'], row['measured']) for row in found.get('targets', []))
    is_measured = bool(found.get('beside'))
    heads = _pick(lang, ['What', 'Measured before', 'Measured now' if is_measured else
                         'Estimated now'],
                  ['项目', '此前实测', '现在实测' if is_measured else '现在估算'])
    return table(heads, [[row[lang], '{:g}'.format(row['ratio']),
                          now.get(row.get('target'), '–')]
                         for row in facts.load('beside_older.json')['rows']])


@renderer
def benchmark_targets(lang):
    """Return what was aimed at and what was measured."""
    found = facts.load('benchmark.json') or {}
    if not found.get('targets'):
        return _pick(lang, *_NOT_MEASURED)
    heads = _pick(lang, ['What', 'Measured', 'Target', '', 'Note'],
                  ['项目', '实测', '目标', '', '说明'])
    return filled(heads, [[_pick(lang, row['row'], row['row_zh']), row['measured'],
                           row['target'].replace('<=', '≤').replace('>=', '≥'),
                           '✓' if row['met'] else '✗',
                           _pick(lang, row.get('note_en'), row.get('note_zh')) or '']
                          for row in found['targets']])


@renderer
def benchmark_profile(lang):
    """Return where the instructions of one call go."""
    found = facts.load('benchmark.json') or {}
    if not found.get('profile'):
        return _pick(lang, *_NOT_MEASURED)
    heads = _pick(lang, ['Part of a call', 'Instructions', 'Share'], ['环节', '指令数', '占比'])
    total, = [row['instructions'] for row in found['profile'] if row['part'] == 'all']
    return table(heads, [[_pick(lang, row['part'], WORDS['profile'][row['part']]),
                          '{:,}'.format(row['instructions']),
                          '{:.0%}'.format(row['instructions'] / total)]
                         for row in found['profile']])


@renderer
def benchmark_results(lang):
    """Return every case and figure, with the ratio to the baselines."""
    found = facts.load('benchmark.json') or {}
    if not found.get('results'):
        return _pick(lang, *_NOT_MEASURED)
    heads = _pick(lang, ['Case', 'Figure', 'SDK', 'Ratio to'], ['场景', '指标', 'SDK', '对比'])
    return table(heads, [row for case in sorted(found['results'])
                         for row in _case_rows(case, found['results'][case])])


def _case_rows(case, by_who):
    for name, value in sorted(by_who['sdk'].items()):
        ratios = ['{} {:.2f}'.format(who, value / figures[name])
                  for who, figures in sorted(by_who.items())
                  if who != 'sdk' and figures.get(name)]
        yield [case, name, _figure(name, value), ', '.join(ratios)]


def _figure(name, value):
    if name in ('cpu', 'wall', 'alone', 'beside'):
        return '{:.3f} ms'.format(value * 1000)
    if name in ('peak', 'kept', 'memory'):
        return '{:.1f} MB'.format(value / 1e6)
    return '{:,.3f}'.format(value) if isinstance(value, float) else '{:,}'.format(value)


@renderer
def benchmark_machine(lang):
    """Say on what the figures were measured."""
    found = facts.load('benchmark.json') or {}
    if not found.get('python'):
        return ''
    text = _pick(lang, 'Measured with Python {python}, requests {requests}, urllib3 {urllib3}, on '
                 '{machine} with {cpus} processors.',
                 '测量环境：Python {python}、requests {requests}、urllib3 {urllib3}，{machine}，'
                 '{cpus} 个处理器。')
    return text.format(**found)
