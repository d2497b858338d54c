"""Name every import of the package that nothing uses, type comments and quoted types included."""
import ast
import io
import os
import re
import sys


def unused(path):
    with io.open(path, encoding='utf-8') as stream:
        text = stream.read()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = (alias.asname or alias.name).split('.')[0]
                if len(re.findall(r'\b{}\b'.format(re.escape(name)), text)) < 2:
                    yield '{}:{}: {} is imported but unused'.format(path, node.lineno, name)


def main(folder):
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.py') and name != '__init__.py':
                found.extend(unused(os.path.join(where, name)))
    print('\n'.join(found) or 'no unused imports')
    return bool(found)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
