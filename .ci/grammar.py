"""Parse every file of a folder with the grammar of Python 3.4; name what does not."""
import io
import os
import sys

import parso


def main(folder):
    grammar = parso.load_grammar(version='3.4')
    bad = 0
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith('.py'):
                path = os.path.join(where, name)
                with io.open(path, encoding='utf-8') as stream:
                    module = grammar.parse(stream.read())
                for issue in grammar.iter_errors(module):
                    print('{}:{}: {}'.format(path, issue.start_pos[0], issue.message))
                    bad += 1
    print('{} error(s) in the grammar of 3.4'.format(bad))
    return bool(bad)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
