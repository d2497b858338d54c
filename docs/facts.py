"""Facts that the code states of itself, gathered for the pages and for their tests."""
import importlib
import inspect
import io
import json
import os
import pkgutil
import re

from ai_service_python_sdk import ApiClient
from ai_service_python_sdk.cli import exits
from ai_service_python_sdk.client import api
from ai_service_python_sdk.client.errors import base as error_base
from ai_service_python_sdk.client.errors import connection as connection_errors
from ai_service_python_sdk.client.errors import jobs as job_errors
from ai_service_python_sdk.client.errors import ledger as ledger_errors
from ai_service_python_sdk.client.errors import photos as photo_errors
from ai_service_python_sdk.client.errors import service
from ai_service_python_sdk.client.errors import table as error_table
from ai_service_python_sdk.client.errors import uploads as upload_errors
from ai_service_python_sdk.client.operation import Operation
from ai_service_python_sdk.util import photo_file
from markup import to_markdown

HERE = os.path.dirname(os.path.abspath(__file__))
_ERROR_MODULES = (error_base, service, job_errors, photo_errors, connection_errors, ledger_errors,
                  photo_file, upload_errors)
#: Values to call any method of an API class with.
_SAMPLES = {
    'images': ['https://example.com/0.jpg'], 'model_id': 'm', 'model_ids': ['m', 'n'],
    'template_image': 'https://example.com/t.jpg', 'job_id': 11, 'batch_id': 3,
    'image': 'https://example.com/0.jpg', 'text': 't', 'content': 'c', 'model': 'Themis-1.0',
    'video_url': 'https://example.com/v.mp4', 'video_title': 't', 'model_name': '',
    'videos': [{'url': 'https://example.com/v.mp4'}], 'messages': [{'role': 'user'}],
    'configure': {'task': 'outpaint'},
}


def load(name):
    """Return what a file of ``docs/data`` holds, None where there is none."""
    path = os.path.join(HERE, 'data', name)
    if not os.path.exists(path):
        return None
    with io.open(path, encoding='utf-8') as stream:
        return json.load(stream)


# errors

def error_classes():
    """Return name → class of every error of the package."""
    found = {}
    for module in _ERROR_MODULES:
        for name, value in vars(module).items():
            if (inspect.isclass(value) and issubclass(value, BaseException)
                    and value.__module__ == module.__name__ and not name.startswith('_')
                    # What the transport raises for itself becomes one of ours.
                    and (module is not connection_errors
                         or issubclass(value, error_base.ApiException))):
                found[name] = value
    return found


def status_of(cls):
    """Return the status that a class stands for, as text: ``400``, ``5xx``, or nothing."""
    for parent in cls.__mro__:
        if vars(parent).get('http_status'):
            return str(parent.http_status)
        for status, family in error_table.BY_STATUS.items():
            if family is parent:
                return '5xx' if status == 500 else str(status)
    return ''


def also_caught_as(cls):
    """Return the names of urllib3's classes that a class also is, the nearest only."""
    foreign = [base for base in cls.__bases__ if base.__module__.startswith('urllib3')]
    inherited = [base for base in cls.__mro__[1:] if base.__module__.startswith('urllib3')
                 and base.__name__ not in ('HTTPError', 'PoolError', 'RequestError')]
    return sorted(set(base.__name__ for base in foreign + inherited))


def is_documented(cls):
    """Whether the service documents the cause."""
    return cls in error_table.DOCUMENTED


def children_of(cls):
    """Return the error classes right below one, in the order of their making."""
    return [child for child in error_classes().values() if cls in child.__bases__]


# exit codes

def exit_codes():
    """Return name → exit code of the command line."""
    return dict((name, value) for name, value in vars(exits).items()
                if name.isupper() and isinstance(value, int) and name != 'TYPE_CHECKING')


def exit_causes(code):
    """Return the names of the error classes that end with an exit code."""
    below_http = connection_errors.ApiConnectionError
    causes = exits.CODES + ((below_http, exits.code_of(below_http('refused'))),)
    return [cls.__name__ for cls, its_code in causes if its_code == code]


# operations

class _Recorder(ApiClient):
    """A client that keeps what it is asked for and sends nothing."""

    def __init__(self):
        super(_Recorder, self).__init__('http://localhost', 'app', 'token')
        self.seen = None

    def call_api(self, path, method, *args, **kwargs):
        operation, = [each for each in declared_operations().values() if each.method == method
                      and re.match(re.sub(r'{\w+}', '[^/]+', each.path) + '$', path)]
        self.seen = (operation, getattr(kwargs['body'], 'action', None))


class Action(object):
    """One thing that can be asked for: an endpoint, its ``action``, and the Python method."""

    def __init__(self, operation, action, where, name, what, is_plain):
        self.operation = operation
        self.action = action
        #: Where the method is found, and its name.
        self.where = where
        self.name = name
        self.what = what
        #: Whether the method takes arguments, rather than a ready request model.
        self.is_plain = is_plain

    @property
    def path(self):
        """Where the method is: ``AIGCImagesApi.aigc_images_check``."""
        return '{}.{}'.format(self.where, self.name)


def declared_operations():
    """Return (method, path) → every declared row: portraits first, then jobs, then the rest."""
    found = {}
    for info in pkgutil.iter_modules(api.__path__):
        module = importlib.import_module('{}.{}'.format(api.__name__, info.name))
        for value in vars(module).values():
            if isinstance(value, Operation):
                found.setdefault((value.method, value.path), value)
    return dict(sorted(found.items(), key=lambda item: _place(item[1])))


def _place(operation):
    for place, part in enumerate(('/aigc_images/', '_jobs/')):
        if part in operation.path:
            return place
    return 2


def actions():
    """Return what every method of the API classes asks for, found by calling it."""
    found = []
    for name in sorted(api.__all__):
        cls = getattr(api, name)
        for method_name, method in vars(cls).items():
            if inspect.isfunction(method) and not _is_beside(method_name):
                found.append(_action_of(cls, method_name, method))
    return sorted(found, key=lambda action: _place(action.operation))


def _is_beside(name):
    return name.startswith(('_', 'wait_')) or name.endswith('_with_http_info')


def _action_of(cls, name, method):
    recorder = _Recorder()
    names = [parameter.name for parameter in inspect.signature(method).parameters.values()
             if parameter.kind is parameter.POSITIONAL_OR_KEYWORD][1:]
    is_plain = names != ['body']
    arguments = [_SAMPLES[name] for name in names] if is_plain else [_AnyBody()]
    method(cls(recorder), *arguments)
    operation, action = recorder.seen
    where = 'AiServiceLlmApi.llm_evaluation' if cls.__name__ == 'LlmEvaluation' else cls.__name__
    what = to_markdown((inspect.getdoc(method) or '').split('\n')[0])
    return Action(operation, action, where, name, what, is_plain)


class _AnyBody(object):
    """Stands for a request model of any kind."""

    swagger_types = {}
    attribute_map = {}
