"""docs/openapi.yaml against the code, both ways: neither has what the other has not."""
import inspect
import json
import os
import re
from collections import defaultdict
from unittest import mock

import pytest
from support import ROOT
from openapi_file import (
    COMPONENTS, DOCUMENT, OPERATIONS, SCHEMAS, answer_problems, by_id, content, name_of, problems,
    resolved)

from ai_service_python_sdk import client
from ai_service_python_sdk.client import api, models
from ai_service_python_sdk.client.errors.table import DOCUMENTED, class_of
from ai_service_python_sdk.client.models.job import STATE_MEANINGS
from ai_service_python_sdk.client.models.model import Model
from ai_service_python_sdk.client.operation import Operation
from ai_service_python_sdk.client.errors.photos import PHOTO_HINTS
from ai_service_python_sdk.util.language import in_language
from ai_service_python_sdk.emulator import contract
from ai_service_python_sdk.util import sign
from ai_service_python_sdk.util.parameters import PARAMETERS
from ai_service_python_sdk.util.view import View

#: Schemas that name a part of a body for which the SDK has no class.
PARTS = {'Configure', 'ErrorResponse', 'JobId', 'JudgedPart', 'ModelName', 'PhotoCode',
         'PhotoUrls', 'RequestId', 'TrainingResult'}
#: The SDK's names of types, as JSON types.
TYPES = {'str': 'string', 'object': 'object'}
ARGUMENTS = {
    'images': ['u'], 'image': 'u', 'text': 't', 'content': 'c', 'model': 'm', 'model_name': 'n',
    'model_id': 'm', 'model_ids': ['m'], 'template_image': 'u', 'configure': {'k': 1},
    'video_url': 'u', 'video_title': 't', 'videos': [{'url': 'u', 'title': 't'}], 'job_id': 1,
    'batch_id': 2, 'messages': [{'role': 'user', 'content': 'c'}],
    'body': models.TextRequest('any', 't')}


def test_it_is_a_valid_openapi_3_1_document():
    validator = pytest.importorskip('openapi_spec_validator')
    validator.validate(DOCUMENT)
    assert DOCUMENT['openapi'].startswith('3.1.')


def test_it_counts_its_operations_and_actions_right():
    actions = set().union(*[actions_of(operation) for operation in OPERATIONS.values()])
    first = '{} endpoints, {} actions.'.format(len(OPERATIONS), len(actions))
    assert DOCUMENT['info']['description'].startswith(first)


# operations

def called():
    """Return {(method, path): [(name of the SDK's method, Operation, model or None), ...]}."""
    calls, sent = defaultdict(list), []

    def send(operation, client_, name, model, *options):
        sent.append((operation, None if model is ARGUMENTS['body'] else model))

    def query(operation, client_, name, *id_and_options):
        sent.append((operation, None))

    with mock.patch.object(Operation, 'send', send), mock.patch.object(Operation, 'query', query):
        for class_name in api.__all__:
            for name, method in inspect.getmembers(getattr(api, class_name)(None), callable):
                if name.startswith(('_', 'wait_for')) or name.endswith('_with_http_info'):
                    continue
                named = [argument for argument in inspect.signature(method).parameters
                         if argument in ARGUMENTS]
                method(*[ARGUMENTS[argument] for argument in named])
                operation, model = sent.pop()
                calls[operation.method, operation.path].append((
                    '{}.{}'.format(class_name, name), operation, model))
    return calls


CALLS = called()
ALL = sorted(set(CALLS) | set(OPERATIONS))


def actions_of(operation):
    return set(filter(None, operation['x-python-methods'].values()))


def request_schema(operation):
    return resolved(content(operation['requestBody'])['schema'])


def test_it_has_the_operations_of_the_sdk_and_no_others():
    assert sorted(OPERATIONS) == sorted(CALLS)
    assert len(set(operation['operationId'] for operation in OPERATIONS.values())) == len(CALLS)


@pytest.mark.parametrize('key', ALL, ids='{0[0]} {0[1]}'.format)
def test_each_operation_names_every_method_that_calls_it_with_its_action(key):
    expected = {name: model.action if model else None for name, _, model in CALLS[key]}
    assert OPERATIONS[key]['x-python-methods'] == expected


@pytest.mark.parametrize('key', ALL, ids='{0[0]} {0[1]}'.format)
def test_each_operation_may_be_repeated_where_the_sdk_repeats_it(key):
    assert {operation.repeatable for _, operation, _ in CALLS[key]} == {
        OPERATIONS[key]['x-repeatable']}


@pytest.mark.parametrize('key', ALL, ids='{0[0]} {0[1]}'.format)
def test_each_operation_takes_the_sdks_request_model_and_its_actions(key):
    sent = {type(model).__name__ for _, _, model in CALLS[key] if model}
    if not sent:
        assert not actions_of(OPERATIONS[key])
        return
    assert sent == {name_of(content(OPERATIONS[key]['requestBody'])['schema'])}
    action = request_schema(OPERATIONS[key])['properties']['action']
    listed = action.get('enum', [action.get('const')])
    assert sorted(listed) == sorted(actions_of(OPERATIONS[key]))


@pytest.mark.parametrize('key', ALL, ids='{0[0]} {0[1]}'.format)
def test_each_operation_answers_with_the_sdks_answer_models(key):
    listed = [name_of(schema) for schema
              in content(OPERATIONS[key]['responses']['200'])['schema']['anyOf']]
    answers = {answer for _, operation, _ in CALLS[key]
               for answer in [operation.answers] + list(operation.by_action.values())}
    assert set(listed) == {answer.__qualname__ for answer in answers} | {'ErrorResponse'}


@pytest.mark.parametrize('key', ALL, ids='{0[0]} {0[1]}'.format)
def test_each_operation_has_the_parameters_of_its_path_and_the_time_header(key):
    listed = [resolved(parameter) for parameter in DOCUMENT['paths'][key[1]]['parameters']]
    in_path = {parameter['name'] for parameter in listed if parameter['in'] == 'path'}
    assert in_path == {part[1:-1] for part in key[1].split('/') if part.startswith('{')}
    assert 'X-Request-Time' in [parameter['name'] for parameter in listed]


# models

def exported(kind):
    return [name for name in models.__all__ if issubclass(getattr(models, name), kind)]


REQUESTS = [name for name in exported(Model)
            if not issubclass(getattr(models, name), models.Response)]
ANSWERS = [name for name in exported(models.Response) if name != 'Response']
VIEWS = exported(View)


def test_every_model_has_a_schema_and_every_schema_a_model_or_a_reason():
    assert set(SCHEMAS) == set(models.__all__) | PARTS
    assert len(REQUESTS) + len(ANSWERS) + len(VIEWS) == len(models.__all__) - len(
        ['Response', 'JobState', 'PortraitConfigure'])


@pytest.mark.parametrize('name', REQUESTS)
def test_a_request_has_the_models_fields_in_the_order_of_the_wire(name):
    assert tuple(SCHEMAS[name]['properties']) == tuple(getattr(models, name).swagger_types)


@pytest.mark.parametrize('name', REQUESTS)
def test_a_request_requires_what_the_model_requires(name):
    blank = getattr(models, name).__new__(getattr(models, name))
    required = []
    for field in blank.swagger_types:
        try:
            setattr(blank, field, None)
        except ValueError:
            required.append(field)
    # More may be required: what other SDKs do, and this one leaves to its users.
    assert set(required) <= set(SCHEMAS[name].get('required', ()))


def json_types(schema):
    """Return the types that a schema takes, arrays with what is in them."""
    schema = resolved(schema)
    if 'anyOf' in schema and 'type' not in schema:
        return set().union(*[json_types(option) for option in schema['anyOf']])
    values = schema.get('enum', [schema['const']] if 'const' in schema else [])
    if values:
        return {'string'} if all(isinstance(value, str) for value in values) else {'?'}
    if schema['type'] == 'array':
        inner = schema['items']
        return {'[{}]'.format(name_of(inner) if '$ref' in inner else inner['type'])}
    return {schema['type']}


@pytest.mark.parametrize('name', REQUESTS)
def test_a_requests_fields_have_the_models_types(name):
    for field, kind in getattr(models, name).swagger_types.items():
        if kind.startswith('list['):
            kind = '[{}]'.format(TYPES.get(kind[5:-1], kind[5:-1]))
        assert TYPES.get(kind, kind) in json_types(SCHEMAS[name]['properties'][field]), field


@pytest.mark.parametrize('name', ['Response', 'ErrorResponse'])
def test_the_envelope_has_the_fields_of_a_response(name):
    assert tuple(SCHEMAS[name]['properties']) == tuple(models.Response.swagger_types)


class Watched(dict):
    """A JSON object that keeps which of its keys were asked for."""

    def __init__(self):
        dict.__init__(self)
        self.keys_read = []

    def get(self, key, default=None):
        self.keys_read.append(key)
        return default


def readers(cls, look):
    """Return {key of the JSON: attributes of the class that read it}."""
    found = defaultdict(set)
    for attribute, value in inspect.getmembers(cls):
        if isinstance(value, property) and not attribute.startswith('_'):
            watched = Watched()
            getattr(look(watched), attribute)
            for key in watched.keys_read:
                found[key].add(attribute)
    return found


def same_fields(properties, found):
    """Whether each property is read by the attribute it names, and nothing else is read."""
    named = {key: schema.get('x-python-attribute', key) for key, schema in properties.items()}
    wrong = [key for key, attribute in named.items()
             if attribute is None and key in found
             or attribute is not None and attribute not in found[key]]
    return wrong, sorted(set(found) - set(named))


@pytest.mark.parametrize('name', ANSWERS)
def test_an_answers_data_has_the_fields_that_the_model_reads(name):
    cls = getattr(models, name)
    found = readers(cls, lambda data: cls(data=data))
    data = SCHEMAS[name]['properties']['data']
    assert same_fields(data['properties'], found) == ([], [])
    assert set(SCHEMAS[name]['properties']) == {'data'}
    assert SCHEMAS[name]['allOf'] == [{'$ref': '#/components/schemas/Response'}]


@pytest.mark.parametrize('name', VIEWS)
def test_a_part_of_an_answer_has_the_fields_that_its_view_reads(name):
    found = readers(getattr(models, name), lambda raw: viewed(name, raw))
    assert same_fields(SCHEMAS[name]['properties'], found) == ([], [])


def viewed(name, raw):
    view = getattr(models, name)({})
    view.raw = raw
    return view


def test_job_states_are_those_of_the_sdk():
    states = {row['title']: row['const'] for row in SCHEMAS['JobState']['oneOf']}
    assert states == {name: value for name, value in vars(models.JobState).items()
                      if not name.startswith('_')}
    assert {row['const']: row['description'] for row in SCHEMAS['JobState']['oneOf']} == {
        state: '{} / {}'.format(meaning, in_language('zh', meaning))
        for state, meaning in STATE_MEANINGS.items()}


def test_photo_codes_are_those_of_the_sdk_with_meaning_and_remedy():
    rows = SCHEMAS['PhotoCode']['oneOf']
    assert {row['const']: row['title'] for row in rows} == contract.PHOTO_MESSAGES
    assert {row['const']: words(row['description']) for row in rows} == {
        code: words(''.join(in_language(lang, text) for lang in ('en', 'zh') for text in texts))
        for code, texts in PHOTO_HINTS.items()}


def words(text):
    """Leave out the white space, which folding may have put anywhere between Chinese signs."""
    return ''.join(text.split())


def test_the_parameters_of_a_creation_are_those_of_the_sdk():
    kinds = {float: 'number', int: 'integer', bool: 'boolean', str: 'string'}
    expected = []
    for parameter in PARAMETERS:
        row = {'type': kinds[parameter.kind], 'default': parameter.default,
               'minimum': parameter.low, 'maximum': parameter.high,
               'enum': list(parameter.choices)}
        expected.append((parameter.name, {key: value for key, value in row.items()
                                          if value not in (None, [])}))
    listed = [(name, {key: value for key, value in schema.items() if key != 'description'})
              for name, schema in SCHEMAS['PortraitConfigure']['properties'].items()]
    assert listed == expected


# errors

def statuses_of_examples():
    """Return {name of an error's example: statuses that it is shown with}."""
    found = defaultdict(set)
    for operation in OPERATIONS.values():
        for status, response in operation['responses'].items():
            for example in content(response).get('examples', {}).values():
                if '$ref' in example:
                    found[name_of(example)].add(int(status))
    return found


STATUSES = statuses_of_examples()


def rows(is_documented):
    return sorted((example.get('x-python-class'), status, example['value']['code'],
                   example['value']['message'])
                  for name, example in COMPONENTS['examples'].items()
                  for status in STATUSES[name] or [None]
                  if ('x-python-class' in example) == is_documented)


def test_each_documented_error_stands_once_for_each_message_with_its_status_and_code():
    expected = [(cls.__name__, cls.http_status, cls.error_code, message)
                for cls in DOCUMENTED for message in cls.messages]
    assert rows(is_documented=True) == sorted(expected)


def test_each_error_of_the_emulator_alone_stands_once():
    documented = [(cls.http_status, cls.error_code, message)
                  for cls in DOCUMENTED for message in cls.messages]
    expected = [row for row in contract.ERRORS.values() if row not in documented]
    assert [row[1:] for row in rows(is_documented=False)] == sorted(expected)


@pytest.mark.parametrize('name', sorted(COMPONENTS['examples']))
def test_an_error_says_what_it_means_and_what_to_do_as_its_class_does(name):
    example = COMPONENTS['examples'][name]
    if 'x-python-class' not in example:
        assert name.startswith('emulator.') and ' / ' in example['summary']
        return
    cls = getattr(client.exceptions, example['x-python-class'])
    assert name.split('.')[0] == cls.__name__
    value = example['value']
    found = [class_of(status, value['code'], value['message']) for status in STATUSES[name]]
    assert found == [cls]
    assert words(example['summary']) == words(cls.meaning_en + ' / ' + cls.meaning_zh)
    assert words(example['description']) == words(cls.hint_en + cls.hint_zh)


def shown_at(*operation_ids):
    found = set()
    for operation_id in operation_ids:
        for status, response in by_id(operation_id)[1]['responses'].items():
            if status != '200':
                found |= {name_of(example) for example in content(response)['examples'].values()}
    return found


def test_every_operation_shows_the_errors_of_the_gateway():
    for operation in OPERATIONS.values():
        assert {'200', '400', '401', '404', '405', '411', '413'} <= set(operation['responses'])


def test_training_and_creation_show_the_errors_that_the_guide_lists_for_them():
    elsewhere = shown_at(*[operation['operationId'] for operation in OPERATIONS.values()
                           if operation['operationId'] not in ('aigc_images_train',
                                                               'aigc_images_create')])
    train, create = shown_at('aigc_images_train'), shown_at('aigc_images_create')
    assert len([name for name in train if STATUSES[name] & {462, 469}]) == 6
    assert len([name for name in create if STATUSES[name] & {462, 469, 500}]) == 14
    assert not elsewhere & {name for name in STATUSES if STATUSES[name] & {469, 500}}


# examples

def examples():
    """Return (where, value, schema) of every example of a request or an answer."""
    found = []
    for (method, path), operation in OPERATIONS.items():
        bodies = dict(operation['responses'])
        if 'requestBody' in operation:
            bodies['request'] = operation['requestBody']
        for kind, body in bodies.items():
            for name, example in content(body).get('examples', {}).items():
                where = '{} {} {}'.format(path, kind, name)
                found.append((where, resolved(example)['value'], content(body)['schema']))
    return found


EXAMPLES = examples()


@pytest.mark.parametrize('where, value, schema', EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_every_example_fits_its_schema(where, value, schema):
    assert problems(value, schema) == []


def test_every_request_and_every_documented_answer_has_an_example():
    for operation in OPERATIONS.values():
        if 'requestBody' in operation:
            assert content(operation['requestBody'])['examples']
        if operation['responses']['200'] != {'$ref': '#/components/responses/Undocumented'}:
            assert content(operation['responses']['200'])['examples']


def test_the_result_of_a_job_is_json_that_fits_its_own_schema():
    answer = content(by_id('get_async_job')[1]['responses']['200'])['examples']['succeeded']
    result = json.loads(answer['value']['data']['job']['Result'])
    assert problems(result, {'$ref': '#/components/schemas/TrainingResult'}) == []


def test_a_failed_job_has_the_message_of_a_documented_training_error():
    answer = content(by_id('get_async_job')[1]['responses']['200'])['examples']['failed']
    messages = [COMPONENTS['examples'][name]['value']['message']
                for name in shown_at('aigc_images_train')]
    assert answer['value']['data']['job']['message'] in messages


def test_the_worked_example_of_the_signature_is_right():
    lines = COMPONENTS['securitySchemes']['signature']['description'].splitlines()
    given = dict(line.split(' : ', 1) for line in lines if ' : ' in line)
    given = {name.strip(): value for name, value in given.items()}
    steps = dict(sign.explain(given['appId'], given['token'], given['method'], given['path'],
                              given['body']))
    assert steps['body md5'] == given['body_md5']
    assert steps['string to sign'] == given['string_to_sign'].replace('\\n', '\n')
    assert steps['authorization'] == given['Authorization']


# requests and answers of the old SDK, as recorded

#: Recorded calls that are wrong on purpose, or that nobody documents.
OUTSIDE = {
    'aigc.check.empty_list', 'aigc.check_post.any_model', 'aigc.create.model_id_none',
    'image.ai_model_image.async', 'llm.create.empty_messages', 'llm.create.full_message_models',
    'text.configure_list', 'text.configure_string', 'text.configure_zero', 'text.model_name_int',
    'video.batch_http_info', 'video.batch_video_qa.dicts', 'video.batch_video_qa.mixed',
    'video.batch_video_qa.partial_models', 'video.multimodal_classify.no_images'}


def exchanges():
    """Return (id, operation, request body, status, answer body) of the recorded calls."""
    with open(os.path.join(ROOT, 'tests', 'conformance', 'wire_vectors.json'), 'rb') as stream:
        vectors = json.loads(stream.read().decode('utf-8'))['vectors']
    for vector in vectors:
        request, response = vector['request'], vector['response']
        if isinstance(request, dict) and isinstance(response, dict) and 'body' in response:
            path = re.sub('(async|batch)_jobs/.*', r'\1_jobs/{\1_id}', request['path'])
            key = request['method'], path.replace('{async_id}', '{job_id}')
            if key in OPERATIONS:
                yield (vector['id'], OPERATIONS[key], request.get('body'), response['status'],
                       response['body'])


def test_what_the_old_sdk_was_seen_to_send_fits_the_schemas():
    sent = [(name, problems(json.loads(body), content(operation['requestBody'])['schema']))
            for name, operation, body, _, _ in exchanges() if body]
    assert {name for name, found in sent if found} == OUTSIDE
    assert len(sent) - len(OUTSIDE) > 100


def test_recorded_answers_that_have_the_fields_of_an_operation_fit_its_schema():
    count = 0
    for name, operation, _, status, body in exchanges():
        first = resolved(content(operation['responses']['200'])['schema']['anyOf'][0])
        wanted = first['properties']['data'].get('required')
        data = envelope_in(body).get('data')
        if wanted and isinstance(data, dict) and set(wanted) <= set(data):
            assert answer_problems(operation, status, json.loads(body)) == [], name
            count += 1
    assert count > 20


def envelope_in(body):
    try:
        envelope = json.loads(body)
    except ValueError:
        envelope = None
    return envelope if isinstance(envelope, dict) else {}


def test_no_component_is_left_unused():
    used = set(references(DOCUMENT))
    for kind, components in COMPONENTS.items():
        if kind != 'securitySchemes':
            assert [name for name in components
                    if '#/components/{}/{}'.format(kind, name) not in used] == []


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == '$ref':
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)
