"""Who imports whom in the package: no circle, also by way of what is imported late."""
import ast
import os

import ai_service_python_sdk

ROOT = os.path.dirname(ai_service_python_sdk.__file__)
NAME = 'ai_service_python_sdk'


def modules():
    """Return module → path of its file."""
    found = {}
    for folder, _, files in os.walk(ROOT):
        place = os.path.relpath(folder, os.path.dirname(ROOT)).replace(os.sep, '.')
        for name in files:
            if name.endswith('.py'):
                found[place if name == '__init__.py' else place + '.' + name[:-3]] = (
                    os.path.join(folder, name))
    return found


def nodes_at_run_time(node):
    """Yield the nodes below, but for what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, 'id', '') == 'TYPE_CHECKING':
            children = child.orelse
        else:
            children = [child]
        for each in children:
            yield each
            for below in nodes_at_run_time(each):
                yield below


def targets(tree, package, known):
    """Yield the modules that a module imports: by statements, and by ``Later``."""
    for node in nodes_at_run_time(tree):
        if isinstance(node, ast.ImportFrom):
            place = package.split('.')[:len(package.split('.')) - max(node.level - 1, 0)]
            base = '.'.join((place if node.level else []) + [node.module or '']).strip('.')
            for each in node.names:
                yield base + '.' + each.name if base + '.' + each.name in known else base
        elif isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'Later':
            dotted = ast.literal_eval(node.args[1])
            level = len(dotted) - len(dotted.lstrip('.'))
            place = package.split('.')[:len(package.split('.')) - level + 1]
            yield '.'.join(place + [dotted.lstrip('.')])


def imports():
    """Return module → modules of the package that it imports, now or later."""
    known = modules()
    found = {}
    for name, path in known.items():
        with open(path, encoding='utf-8') as source:
            tree = ast.parse(source.read())
        package = name if path.endswith('__init__.py') else name.rpartition('.')[0]
        found[name] = set(targets(tree, package, known)).intersection(known) - {name}
    return found


def test_no_module_is_imported_by_what_it_imports_itself_now_or_later():
    graph = imports()
    assert graph[NAME + '.client.rest'] >= {
        NAME + '.client.transport.exchange', NAME + '.client.serialization'}
    # What imports nothing that is left is taken away until only circles stay.
    while any(not below for below in graph.values()):
        done = set(name for name, below in graph.items() if not below)
        graph = dict((name, below - done) for name, below in graph.items() if name not in done)
    assert graph == {}


def test_util_imports_only_itself_and_the_emulator_only_itself_util_and_the_version():
    allowed = {'util': {'util'}, 'emulator': {'emulator', 'util', '_version'}}
    for name, found in imports().items():
        layer = (name.split('.') + [''])[1]
        if layer in allowed and not name.endswith('.__main__'):  # that is the command
            assert set(each.split('.')[1] for each in found) <= allowed[layer], name
