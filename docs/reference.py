"""The API reference as Markdown that needs no site: signatures and first sentences."""
import importlib
import inspect
import re

from markup import to_markdown

PACKAGE = 'ai_service_python_sdk'
#: The end of a sentence outside of code.
_END = re.compile(r'(?<!e\.g)(?<!i\.e)\. (?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)')
#: Bases whose members a reader knows.
_OBJECT = (object, dict, Exception, BaseException, KeyboardInterrupt)
#: Kinds of attributes whose documentation is that of their kind.
_DATA = (str, int, float, tuple, list, dict, type(None))
#: What asyncio iterates over, where all else is awaited.
_ITERATORS = ('create_many', 'wait_for_async_jobs')


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
    text = to_markdown(inspect.getdoc(thing) or '')
    paragraph = ' '.join(text.split('\n\n')[0].split())
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
    # An object without a text of its own shows its address.
    return name + re.sub(r'<[^<>]* at 0x\w+>|<object object[^>]*>', '...', text)


def _members(cls, plain):
    rows = [_member(cls, name, plain) for name in _public(cls, plain)]
    rows = [row for row in rows if row]
    return ['', '| | |', '|---|---|'] + rows if rows else []


def _public(cls, plain):
    """Return the names of a class, its bases first; a thin class over another has the other's."""
    kinds = [cls] if plain and cls.__base__ is object else reversed((plain or cls).__mro__)
    names = []
    for kind in kinds:
        if kind not in _OBJECT and kind.__module__.startswith(PACKAGE):
            names += [name for name in vars(kind) if name not in names
                      and not name.startswith('_') and not name.endswith('_with_http_info')]
    return names


def _member(cls, name, plain):
    member = inspect.getattr_static(plain or cls, name, None)
    if member is None or not inspect.getdoc(member):
        member = inspect.getattr_static(cls, name)
    if isinstance(member, _DATA) or not inspect.getdoc(member):
        return ''
    function = getattr(member, '__func__', member)
    shown = _signature(name, function) if inspect.isfunction(function) else name
    if isinstance(member, classmethod):
        shown = shown.replace('(cls, ', '(').replace('(cls)', '()')
    elif plain and inspect.isfunction(function) and plain.__name__ != 'ApiClient':
        shown = ('async for ... in ' if name in _ITERATORS else 'await ') + shown
    return '| `{}` | {} |'.format(shown.replace('|', '\\|'),
                                  first_sentence(member).replace('|', '\\|'))
