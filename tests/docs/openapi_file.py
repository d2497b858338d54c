"""docs/openapi.yaml for tests: loaded, references followed, values held against schemas."""
import io
import os

import pytest
from support import ROOT

yaml = pytest.importorskip('yaml')
jsonschema = pytest.importorskip('jsonschema')
referencing = pytest.importorskip('referencing', reason='needs jsonschema 4.18, Python 3.8')

PATH = os.path.join(ROOT, 'docs', 'openapi.yaml')
with io.open(PATH, encoding='utf-8') as stream:
    # Each process of the tests loads it: in C where that is, ten times as fast.
    DOCUMENT = yaml.load(stream, getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
COMPONENTS = DOCUMENT['components']
SCHEMAS = COMPONENTS['schemas']
OPERATIONS = {(method.upper(), path): operation
              for path, item in DOCUMENT['paths'].items()
              for method, operation in item.items() if method != 'parameters'}

_URN = 'urn:openapi'
_specification = referencing.jsonschema.DRAFT202012
_registry = referencing.Registry().with_resource(
    _URN, referencing.Resource(contents=DOCUMENT, specification=_specification))


def by_id(operation_id):
    """Return ((method, path), operation)."""
    return next(row for row in OPERATIONS.items() if row[1]['operationId'] == operation_id)


def resolved(node):
    """Follow a reference, if the node is one; what stands beside it comes first."""
    if '$ref' not in node:
        return node
    target = DOCUMENT
    for part in node['$ref'][2:].split('/'):
        target = target[part]
    beside = {key: value for key, value in node.items() if key != '$ref'}
    return dict(resolved(target), **beside)


def name_of(reference):
    """Return the last part of a reference."""
    return reference['$ref'].rsplit('/', 1)[1]


def content(node):
    """Return the JSON content of a request body or a response."""
    return resolved(node)['content']['application/json']


def problems(value, schema):
    """Return what is wrong with a value, as texts."""
    # References inside start at the document, wherever the schema stands in it.
    validator = jsonschema.Draft202012Validator(
        _absolute(schema), registry=_registry,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return ['{}: {}'.format(error.json_path, error.message)
            for error in validator.iter_errors(value)]


def _absolute(schema):
    if isinstance(schema, dict):
        return {key: _URN + value if key == '$ref' else _absolute(value)
                for key, value in schema.items()}
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


def answer_problems(operation, status, answer):
    """Return what is wrong with an operation's answer; an unlisted status is."""
    response = operation['responses'].get(str(status))
    if response is None:
        return ['status {} is not listed'.format(status)]
    return problems(answer, content(response)['schema'])
