"""Teaches the API reference what it cannot read: ``#:`` comments, roles, methods made by rows."""
import importlib
import inspect

import griffe

import ai_service_python_sdk as sdk
import facts
from markup import one_field_a_line, to_markdown

PACKAGE = 'ai_service_python_sdk'
#: A line that no module of the package has.
LAST_LINE = 10000


class Docstrings(griffe.Extension):
    """Completes what a static look at the package finds."""

    def on_attribute_instance(self, *, node, attr, agent, **kwargs):
        """Take the ``#:`` lines above an attribute as its docstring."""
        lines = agent.code.splitlines()
        place, found = node.lineno - 2, []
        while lines[place].strip().startswith('#:'):
            found.insert(0, lines[place].strip()[2:].strip())
            place -= 1
        if found and not attr.docstring:
            attr.docstring = griffe.Docstring('\n'.join(found), parent=attr)

    def on_package(self, *, pkg, loader, **kwargs):
        """Once all is read: the methods that rows yield, then Markdown everywhere."""
        if pkg.name != PACKAGE:
            return
        _add_exports(pkg)
        classes = [item for item in _objects(pkg) if item.is_class]
        for cls in classes:
            _add_methods_of_rows(cls)
            cls.bases = [base for base in cls.bases if str(base) != 'object']
        for cls in pkg['aio'].classes.values():
            _explain_awaited(cls, pkg)
        public = _public_paths(pkg)
        for item in _objects(pkg):
            item.labels -= {'class-attribute', 'instance-attribute'}
            if item.docstring:
                text = one_field_a_line(item.docstring.value)
                item.docstring.value = to_markdown(text, _finder(item, public))
                _link_errors(item.docstring, pkg)


def _add_exports(pkg):
    """Name what the package exports by star imports, which a static look does not follow."""
    for name in sdk.__all__:
        if name not in pkg.members:
            home = getattr(sdk, name).__module__
            pkg.set_member(name, griffe.Alias(name, '{}.{}'.format(home, name), parent=pkg))


def _objects(parent):
    for item in list(parent.members.values()):
        if not item.is_alias:
            yield item
            if item.is_module or item.is_class:
                for inner in _objects(item):
                    yield inner


def _add_methods_of_rows(cls):
    """Replace attributes that are methods at run time by functions with their docstrings."""
    if '.api.' not in cls.path:
        return
    plain = dict((action.name, action) for action in facts.actions() if action.is_plain)
    kind = getattr(importlib.import_module(cls.module.path), cls.name)
    for name, member in list(cls.members.items()):
        method = vars(kind).get(name)
        if member.is_attribute and inspect.isfunction(method):
            function = _function(name, method)
            if name in plain:
                function.returns = plain[name].operation.answers.__qualname__
            # Methods that take a request model come after those that make one.
            function.lineno = member.lineno + (0 if name in plain else LAST_LINE)
            cls.set_member(name, function)


def _function(name, method):
    parameters = [griffe.Parameter(
        each.name, kind=griffe.ParameterKind[each.kind.name.lower()],
        default=None if each.default is each.empty else repr(each.default))
        for each in inspect.signature(method).parameters.values()]
    function = griffe.Function(name, parameters=griffe.Parameters(*parameters))
    function.docstring = griffe.Docstring(inspect.getdoc(method), parent=function)
    return function


def _explain_awaited(cls, pkg):
    """Give the methods of ``aio`` the arguments and docstrings of their plain twins."""
    if cls.is_alias or cls.name not in pkg.members:
        return
    plain = pkg[cls.name]
    for name, member in list(cls.members.items()):
        if member.is_attribute and name in plain.members and plain.members[name].is_function:
            twin = plain.members[name]
            function = griffe.Function(name, parameters=twin.parameters, returns=twin.returns,
                                       lineno=member.lineno)
            function.labels = set(['awaited'])
            function.docstring = griffe.Docstring(twin.docstring.value, parent=function)
            cls.set_member(name, function)


def _link_errors(docstring, pkg):
    """Let the errors of ``:raises X:`` be found as the package exports them."""
    docstring.parser, docstring.parser_options = 'sphinx', {'warn_unknown_params': False}
    for section in docstring.parsed:
        if section.kind is griffe.DocstringSectionKind.raises:
            for raised in section.value:
                if raised.annotation in sdk.__all__:
                    raised.annotation = griffe.ExprName(raised.annotation, parent=pkg)


def _public_paths(pkg):
    """Return name → path of what the reference shows: public classes and their members."""
    found = {}
    shown = [pkg[name] for name in sdk.__all__ if name != '__version__']
    shown.append(pkg['emulator.Emulator'])
    for item in shown:
        found[item.name] = found[item.path] = item.path
        for name, member in item.members.items():
            if member.docstring and not name.startswith('_'):
                found['{}.{}'.format(item.name, name)] = '{}.{}'.format(item.path, name)
    return found


def _finder(item, public):
    """Return a function that finds the path of a name used in an item's docstring."""
    owner = item if item.is_class else item.parent

    def find(name):
        return public.get('{}.{}'.format(owner.name, name)) or public.get(name)
    return find
