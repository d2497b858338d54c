"""A body becomes bytes once; and anew where a double or an override may have changed it."""
import functools
import json

import pytest
from support.service import HOST, envelope

from ai_service_python_sdk import AIGCImagesApi
from ai_service_python_sdk.client.api_client import ApiClient
from ai_service_python_sdk.client.rest import RESTClientObject
from ai_service_python_sdk.util.sign import authorization

PATH = '/api/v1/aigc_images/train'


@pytest.fixture
def sent(mocked):
    """Return a function that gives the body that left last, and checks its signature."""
    mocked.add('POST', HOST + PATH, json=envelope({'job_id': 11, 'model_id': 'm'}))

    def last():
        request = mocked.calls[-1].request
        assert request.headers['Authorization'] == authorization(
            'app', 'tok', 'POST', PATH, request.body)
        return json.loads(request.body.decode('ascii'))
    return last


class Photos(list):
    """Photos that count how often somebody walks them."""

    walks = 0

    def __iter__(self):
        self.walks += 1
        return list.__iter__(self)


def test_a_body_is_serialized_once(client, sent):
    photos = Photos(['u'])
    AIGCImagesApi(client).aigc_images_train(photos, '', {'n': 1})
    assert photos.walks == 1
    assert sent() == {'action': 'AIGCImageTrain', 'images': ['u'], 'model_name': '',
                      'configure': {'n': 1}}


def change(body):
    """Put True in the place of 1, which it equals, in a body of whatever kind."""
    configure = body['configure'] if isinstance(body, dict) else body.configure
    configure['n'] = True


def changing(method):
    """Let a method change the body that it is given, or makes."""
    @functools.wraps(method)
    def changed(*args, **kwargs):
        if kwargs.get('body') is not None:
            change(kwargs['body'])
        result = method(*args, **kwargs)
        is_whole = isinstance(result, dict) and 'configure' in result  # not a part of the body
        if method.__name__ == 'sanitize_for_serialization' and is_whole:
            change(result)
        return result
    return changed


class Proxy(object):
    """Wraps a method as tracers do: it equals that, and has all of its attributes."""

    def __init__(self, method):
        self.method = method

    def __get__(self, owner, kind):
        return Proxy(self.method.__get__(owner, kind)) if owner is not None else self

    def __getattr__(self, name):
        return getattr(self.method, name)

    def __call__(self, *args, **kwargs):
        return changing(self.method)(*args, **kwargs)

    @property
    def __class__(self):
        return type(self.method)

    def __eq__(self, other):
        return self.method == other

    def __hash__(self):
        return hash(self.method)


STEPS = [(ApiClient, 'call_api'), (ApiClient, 'sanitize_for_serialization'),
         (ApiClient, 'request'), (RESTClientObject, 'POST'), (RESTClientObject, 'request')]


def in_a_subclass(client, owner, name, monkeypatch):
    target = client if owner is ApiClient else client.rest_client
    target.__class__ = type('Own', (owner,), {name: changing(getattr(owner, name))})


def in_the_class(client, owner, name, monkeypatch):
    monkeypatch.setattr(owner, name, changing(getattr(owner, name)))


def in_the_class_by_a_proxy(client, owner, name, monkeypatch):
    monkeypatch.setattr(owner, name, Proxy(vars(owner)[name]))


def in_the_object(client, owner, name, monkeypatch):
    target = client if owner is ApiClient else client.rest_client
    setattr(target, name, changing(getattr(target, name)))


def in_the_object_by_a_proxy(client, owner, name, monkeypatch):
    target = client if owner is ApiClient else client.rest_client
    setattr(target, name, Proxy(getattr(target, name)))


@pytest.mark.parametrize('put', [in_a_subclass, in_the_class, in_the_class_by_a_proxy,
                                 in_the_object, in_the_object_by_a_proxy])
@pytest.mark.parametrize('owner, name', STEPS)
def test_what_an_override_has_changed_is_sent_and_signed(client, sent, monkeypatch, put, owner,
                                                         name):
    put(client, owner, name, monkeypatch)
    AIGCImagesApi(client).aigc_images_train(['u'], '', {'n': 1})
    assert sent()['configure']['n'] is True


def test_another_line_in_the_place_of_the_client_s_gets_the_body_as_a_dict(client, sent):
    class Line(object):
        def POST(self, url, **kwargs):
            change(kwargs['body'])
            return line.POST(url, **kwargs)

    line, client.rest_client = client.rest_client, Line()
    AIGCImagesApi(client).aigc_images_train(['u'], '', {'n': 1})
    assert sent()['configure']['n'] is True
