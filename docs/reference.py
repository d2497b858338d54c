"""The API reference as Markdown that needs no site: signatures and first sentences."""
import importlib
import inspect
import re

from markup import one_field_a_line, to_markdown

PACKAGE = 'ai_service_python_sdk'
#: The end of a sentence outside of code.
_END = re.compile(r'(?<!e\.g)(?<!i\.e)\. (?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)')
#: Bases whose members a reader knows.
_OBJECT = (object, dict, Exception, BaseException, KeyboardInterrupt)
_ASSIGNED = re.compile(r'(?:self\.)?([a-z]\w*|[A-Z]\w*)(?:, [\w.]+)* = ')
#: A field of a docstring: its kind, what it is of, and the text up to the next field.
_FIELD = re.compile(r'^:(param|ivar) ([\w, ]+): (.*(?:\n(?!:).+)*)', re.MULTILINE)
#: What the client of asyncio gives to be awaited; of the other classes it is all.
_OF_THE_CLIENT = ('close', 'run')
#: What asyncio iterates over, where all else is awaited.
_ITERATORS = ('batch', 'create_many', 'wait_for_async_jobs')


def entry(path, is_brief=False):
    """Return heading, signature, first sentence and members of a class or function.

    :param is_brief: leave out signature and members.
    :raises KeyError: the package has no such name.
    """
    module, name = path.rsplit('.', 1)
    thing = vars(importlib.import_module(module)).get(name)
    if thing is None:
        thing = getattr(importlib.import_module(module), name)
    lines = ['## {}'.format(name), '', first_sentence(thing)]
    if not is_brief:
        plain = _plain_twin(module, name)
        lines[1:1] = ['', '`{}`'.format(_signature(name, _bare(thing)))]
        lines += _arguments(thing)
        lines += _members(thing, plain) if inspect.isclass(thing) else []
    return '\n'.join(lines)


def _plain_twin(module, name):
    """Return the class that a class of ``aio`` awaits, None elsewhere."""
    if module.endswith('.aio'):
        return getattr(importlib.import_module(PACKAGE), name)
    return None


def _bare(thing):
    """Return the function behind a fixture of pytest."""
    return getattr(thing, '__wrapped__', None) or getattr(thing, '__pytest_wrapped__', thing)


def first_sentence(thing):
    """Return the promise of a docstring as Markdown."""
    return _first(inspect.getdoc(thing) or '')


def _first(text):
    paragraph = ' '.join(to_markdown(text).split('\n\n')[0].split())
    return _END.split(paragraph + ' ')[0].rstrip('.: ') + '.'


def _signature(name, thing):
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    parameters = [each.replace(annotation=each.empty) for each in signature.parameters.values()
                  if each.name != 'self']
    text = str(signature.replace(parameters=parameters,
                                 return_annotation=signature.empty))
    # An object without a text of its own shows its kind, and may show its address.
    text = re.sub(r'<[^<>]*>', '...', text)
    return name + text.replace('=Ellipsis', "=(the studio's own)")


def _arguments(thing):
    """Return what a docstring says of arguments, each as an item of a list."""
    items = ['- `{}`: {}'.format(name, _whole(text)) for name, text in _fields(thing, 'param')]
    return [''] + items if items else []


def _fields(thing, kind):
    """Return (name, text) of the fields of a kind in the docstring of a class or function."""
    text = one_field_a_line(inspect.getdoc(thing) or '')
    return [match.group(2, 3) for match in _FIELD.finditer(text) if match.group(1) == kind]


def _whole(text):
    return ' '.join(to_markdown(text).split()).rstrip('.: ') + '.'


def _members(cls, plain):
    told = dict(_fields(cls, 'ivar'))
    for kind in reversed(cls.__mro__):
        # A named tuple has no source.
        if kind.__module__.startswith(PACKAGE) and '_fields' not in vars(kind):
            told.update(_comments(kind))
    rows = [_member(cls, name, plain, told.get(name)) for name in _public(cls, plain, told)]
    rows = [row for row in rows if row]
    return ['', '| | |', '|---|---|'] + rows if rows else []


def _comments(cls):
    """Return name → text of the attributes that a ``#:`` comment tells of."""
    found, lines = {}, []
    for line in inspect.getsource(cls).splitlines():
        line = line.strip()
        match = _ASSIGNED.match(line)
        if line.startswith('#:'):
            lines.append(line[2:].strip())
        else:
            if match and lines:
                found[match.group(1)] = '\n'.join(lines)
            lines = []
    return found


def _public(cls, plain, told):
    """Return the names of a class, its bases first; a thin class over another has the other's."""
    kinds = [cls] if plain and cls.__base__ is object else reversed((plain or cls).__mro__)
    names = [] if plain else list(told)
    for kind in kinds:
        if kind not in _OBJECT and kind.__module__.startswith(PACKAGE):
            names += [name for name in vars(kind) if name not in names
                      and not name.startswith('_') and not name.endswith('_with_http_info')]
    return names


def _member(cls, name, plain, comment):
    if comment:
        return _row(name, _whole(comment) if (name, comment) in _fields(cls, 'ivar')
                    else _first(comment))
    # The client of asyncio has arguments and words of its own.
    is_client = plain is not None and plain.__name__ == 'ApiClient'
    member = inspect.getattr_static(cls if is_client else plain or cls, name, None)
    if member is None or not inspect.getdoc(member):
        member = inspect.getattr_static(cls, name)
    function = getattr(member, '__func__', None) or getattr(member, 'fget', None) or member
    if not inspect.isfunction(function) or not inspect.getdoc(member):
        return ''
    shown = name if isinstance(member, property) else _signature(name, function)
    if isinstance(member, classmethod):
        shown = shown.replace('(cls, ', '(').replace('(cls)', '()')
    elif plain and shown != name and (not is_client or name in _OF_THE_CLIENT):
        shown = ('async for ... in ' if name in _ITERATORS else 'await ') + shown
    return _row(shown, first_sentence(member))


def _row(shown, text):
    return '| `{}` | {} |'.format(shown.replace('|', '\\|'), text.replace('|', '\\|'))
