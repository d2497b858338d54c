"""Bad input is refused before anything is sent, by an error that says what to do."""
import datetime
import io
import os
import re

import pytest
from calls import TOKEN, client_of, job, train
from fault_server import FaultServer, answer, ok

from ai_service_python_sdk import (
    AIGCCreateRequest, AIGCImagesApi, AIGCTrainRequest, AiServiceJobApi, ApiClient,
    PortraitConfigure, ResponseError)


def refused(action, word, kinds=(ValueError, TypeError)):
    with FaultServer() as server:
        with pytest.raises(kinds) as caught:
            action(server.host)
        assert not server.requests
    assert word in str(caught.value), str(caught.value)
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize('value', ['a\r\nX-Evil: 1', 'a\nb', 'a\rb', '\n', 'a\r\n\r\n{}'],
                         ids=repr)
@pytest.mark.parametrize('place', ['app id', 'header value', 'cookie', 'user agent',
                                   'default header', 'header name'])
def test_a_line_break_never_reaches_the_wire(place, value):
    def action(host):
        options, appid = {}, 'app'
        if place == 'app id':
            appid = value
        elif place == 'header value':
            options = {'header_name': 'X-Mine', 'header_value': value}
        elif place == 'header name':
            options = {'header_name': value, 'header_value': '1'}
        elif place == 'cookie':
            options = {'cookie': value}
        client = ApiClient(host, appid, TOKEN, **options)
        if place == 'user agent':
            client.user_agent = value
        if place == 'default header':
            client.set_default_header('X-Mine', value)
        train(client)
    refused(action, 'line break')


@pytest.mark.parametrize('place', ['header_value', 'cookie'])
def test_a_header_that_is_no_text_the_wire_can_carry_is_refused(place):
    def action(host):
        options = {'cookie': '照片'} if place == 'cookie' else {
            'header_name': 'X-Mine', 'header_value': '照片'}
        train(ApiClient(host, 'app', TOKEN, **options))
    refused(action, '')


HOSTS = ['', ' ', 'http://', 'ftp://a.test', 'http://a b.test', 'http://a.test:port',
         'http://a.test:99999', 'http://a.test:0', 'http://me:pw@a.test', 'http://a.test/?q=1',
         'http://a.test/#part', 'http://a.test\\@b.test', 'http://a.test\nX: 1', 'http://[::1',
         'http://:80', 'http://..', 'http://a..test', '://a.test',
         'http://' + 'a' * 64 + '.test', 'file:///etc/passwd', 'http://a\x00b.test',
         'http:///path']


@pytest.mark.parametrize('host', HOSTS, ids=repr)
def test_a_host_that_is_no_address_is_named(host):
    with pytest.raises(ValueError) as caught:
        train(ApiClient(host, 'app', TOKEN))
    assert '`host`' in str(caught.value) and 'pw' not in str(caught.value)


@pytest.mark.parametrize('name', ['appid', 'token'])
@pytest.mark.parametrize('value', [None, 7, object()], ids=['None', 'number', 'object'])
def test_credentials_of_another_type_are_named_before_anything_is_sent(name, value):
    def action(host):
        values = dict(appid='app', token=TOKEN)
        values[name] = value
        train(ApiClient(host, values['appid'], values['token']))
    refused(action, name)


@pytest.mark.parametrize('method', ['get_async_job', 'get_batch_job', 'get_async_job_with_id'])
@pytest.mark.parametrize('value', ['', ' ', '.', '..', None, b'', '\t'], ids=repr)
def test_an_id_that_names_nothing_is_refused(method, value):
    refused(lambda host: getattr(AiServiceJobApi(client_of(host)), method)(value), '_id')


@pytest.mark.parametrize('value, segment', [
    ('../aigc_images/train', '..%2Faigc_images%2Ftrain'), ('a/b', 'a%2Fb'), ('a?b=1', 'a%3Fb%3D1'),
    ('a#b', 'a%23b'), ('a b', 'a%20b'), ('任务', '%E4%BB%BB%E5%8A%A1'), ('%2e%2e', '%252e%252e'),
    ('a\r\nX: 1', 'a%0D%0AX%3A%201'), ('a\\b', 'a%5Cb'), ('...', '...'),
    (11, '11'), ('a;b', 'a%3Bb'), ('~a-b_c.d', '~a-b_c.d'), ('é', '%C3%A9')], ids=repr)
def test_an_id_stays_one_segment_and_the_signature_is_over_exactly_that_path(value, segment):
    from ai_service_python_sdk.util.sign import authorization
    with FaultServer() as server:
        AiServiceJobApi(client_of(server.host)).get_async_job(value)
        request, = server.requests
    assert request.path == '/api/v1/async_jobs/' + segment
    assert request.headers['authorization'] == authorization(
        'app', TOKEN, 'POST', request.path, request.body)


@pytest.mark.parametrize('value', [float('nan'), float('inf'), float('-inf')], ids=repr)
@pytest.mark.parametrize('place', ['deep', 'list', 'key', 'top'])
def test_a_number_that_json_lacks_is_refused(value, place):
    configure = {'deep': {'a': [{'b': value}]}, 'list': {'a': [1, value]},
                 'key': {value: 1}, 'top': {'a': value}}[place]
    refused(lambda host: train(client_of(host), configure=configure), 'as JSON')


@pytest.mark.parametrize('value', [b'bytes', {1, 2}, object(), 1j, io.BytesIO(), Ellipsis],
                         ids=lambda value: type(value).__name__)
def test_a_value_that_json_lacks_is_refused(value):
    refused(lambda host: train(client_of(host), configure={'a': [value]}), 'as JSON', TypeError)


def test_a_circle_is_refused():
    circle = {}
    circle['self'] = circle
    refused(lambda host: train(client_of(host), configure=circle), 'as JSON')


@pytest.mark.parametrize('build', [
    lambda: AIGCTrainRequest('AIGCImageTrain', None), lambda: AIGCTrainRequest(None, ['u']),
    lambda: AIGCCreateRequest(None, 'm')], ids=['images', 'action', 'create action'])
def test_none_where_something_is_required_is_refused(build):
    with pytest.raises(ValueError) as caught:
        build()
    assert 'must not be `None`' in str(caught.value)


@pytest.mark.parametrize('call', [
    lambda api: api.aigc_images_train(None), lambda api: api.aigc_images_check(None),
    lambda api: api.aigc_images_train_post(None), lambda api: api.aigc_images_sd('', None)],
    ids=['train', 'check', 'post', 'sd'])
def test_none_as_an_argument_is_refused(call):
    refused(lambda host: call(AIGCImagesApi(client_of(host))), '`')


@pytest.mark.parametrize('body', [{'action': 'x'}, 'text', 7, ['a']], ids=repr)
def test_a_body_that_is_no_model_is_refused(body):
    with FaultServer() as server:
        with pytest.raises(AttributeError) as caught:
            AIGCImagesApi(client_of(server.host)).aigc_images_train_post(body)
        assert 'body' in str(caught.value) and not server.connections


@pytest.mark.parametrize('options', [{'timeout': 3}, {'_timeout': 3}, {'async': True},
                                     {'headers': {}}], ids=repr)
def test_an_unknown_option_is_refused(options):
    refused(lambda host: train(client_of(host), **options), list(options)[0], TypeError)


@pytest.mark.parametrize('value', [2, -0.1, '0.9', float('nan'), True, None, [0.5]], ids=repr)
def test_a_wrong_parameter_is_named_before_a_call_is_paid_for(value):
    def action(host):
        AIGCImagesApi(client_of(host)).aigc_images_create(
            'm', 'http://localhost/t.jpg', '', PortraitConfigure(lora_weights=value))
    refused(action, 'lora_weights', ValueError)


def test_dates_tuples_and_models_in_configure_are_sent_once_serialized():
    day = datetime.date(2024, 2, 3)
    with FaultServer() as server:
        train(client_of(server.host), configure={'day': day, 'pair': (1, 2)})
        assert server.requests[0].json['configure'] == {'day': '2024-02-03', 'pair': [1, 2]}


NAMES = ['../../evil', '/etc/evil', '..\\..\\evil', 'a/../../evil', '.', '..', '', 'C:\\evil',
         'é' * 150, 'evil\x00.txt', '~/evil', 'CON', 'a' * 5000, '.bashrc', '照片.jpg', 'a;b',
         '%2e%2e%2fevil']


@pytest.mark.parametrize('name', NAMES, ids=lambda name: repr(name[:20]))
def test_a_hostile_file_name_stays_in_its_folder(name, tmp_path):
    folder, outside = tmp_path / 'in', tmp_path / 'out'
    folder.mkdir()
    outside.mkdir()
    header = 'attachment; filename="{}"'.format(name).encode('utf-8').decode('latin-1')
    with FaultServer(answer(b'data', headers=[('Content-Disposition', header)])) as server:
        client = client_of(server.host)
        client.configuration.temp_folder_path = str(folder)
        path = client.call_api('/file', 'POST', body={}, response_type='file',
                               _return_http_data_only=True)
    real = os.path.realpath(path)
    assert os.path.dirname(real) == os.path.realpath(str(folder))
    with open(path, 'rb') as stream:
        assert stream.read() == b'data'
    assert not os.listdir(str(outside)) and sorted(os.listdir(str(tmp_path))) == ['in', 'out']


@pytest.mark.parametrize('dangling', [True, False])
def test_a_planted_link_is_not_followed(dangling, tmp_path):
    folder, target = tmp_path / 'in', tmp_path / 'victim'
    folder.mkdir()
    if not dangling:
        target.write_text('precious')
    os.symlink(str(target), str(folder / 'report.txt'))
    header = [('Content-Disposition', 'attachment; filename="report.txt"')]
    with FaultServer(answer(b'data', headers=header)) as server:
        client = client_of(server.host)
        client.configuration.temp_folder_path = str(folder)
        path = client.call_api('/file', 'POST', body={}, response_type='file',
                               _return_http_data_only=True)
    assert dangling or target.read_text() == 'precious'
    assert not dangling or not target.exists()
    with open(path, 'rb') as stream:
        assert stream.read() == b'data'


def test_an_id_that_is_no_text_is_named():
    refused(lambda host: job_of(host, b'11'), 'job_id')


def job_of(host, job_id):
    return AiServiceJobApi(ApiClient(host, 'app', TOKEN)).get_async_job(job_id)


@pytest.mark.parametrize('place', ['app id', 'X-Mine', 'Cookie', 'User-Agent'])
def test_text_beyond_latin_1_is_refused_by_its_place_and_shows_no_signature(place):
    def action(host):
        client = ApiClient(host, '照片' if place == 'app id' else 'app', TOKEN)
        client.cookie = '照片' if place == 'Cookie' else None
        if '-' in place:
            client.set_default_header(place, '照片')
        train(client)
    error = refused(action, place.replace('app id', 'appid'))
    assert not re.search('[0-9a-f]{64}', repr(error))


@pytest.mark.parametrize('name', [None, 7], ids=repr)
def test_a_header_name_of_another_type_is_named(name):
    def action(host):
        client = ApiClient(host, 'app', TOKEN)
        client.set_default_header(name, 'x')
        train(client)
    refused(action, 'header name')


def test_a_token_that_is_no_text_is_refused_without_showing_it():
    error = refused(lambda host: train(ApiClient(host, 'app', TOKEN + '\ud800')), 'token')
    assert TOKEN not in repr(error) and TOKEN not in repr(error.__context__)


@pytest.mark.parametrize('key', [(1, 2), b'a', datetime.date(2024, 1, 2)], ids=repr)
def test_a_key_that_json_lacks_is_refused(key):
    def action(host):
        AIGCImagesApi(ApiClient(host, 'app', TOKEN)).aigc_images_create(
            'm', 'http://localhost/t.jpg', '', {'a': {1: 2, key: 3}})
    refused(action, 'as JSON', TypeError)


# the generic call

@pytest.mark.parametrize('kind', ['Response', 'list[str]', 'list[Response]', 'dict(str, int)',
                                  'ImageRequest'])
@pytest.mark.parametrize('body', [b'<html>', b'', b'5', b'true', b'"text"', b'[[1]]', b'{"a": [}'],
                         ids=repr)
def test_an_answer_of_another_shape_than_named_is_a_response_error(kind, body):
    with FaultServer(answer(body)) as server:
        client = ApiClient(server.host, 'app', TOKEN)
        if kind == 'list[str]' and body == b'[[1]]':
            assert client.call_api('/any', 'GET', response_type=kind)[0] == ['[1]']
            return
        with pytest.raises(ResponseError) as caught:
            client.call_api('/any', 'GET', response_type=kind)
    assert (caught.value.status, caught.value.body) == (200, body)
    assert (kind if kind != 'Response' else 'JSON') in str(caught.value)


@pytest.mark.parametrize('tail, target', [
    ('', '/'), ('?a=/b', '/?a=/b'), ('#part', '/'), ('/a b', '/a%20b'), ('/照', '/%E7%85%A7'),
    ('/a#part', '/a'), ('/a\r\nX: y', '/a%0D%0AX:%20y'), ('/a%e7', '/a%E7')])
@pytest.mark.parametrize('method', ['GET', 'POST'])
def test_an_address_without_a_path_or_unescaped_is_called_at_its_own_host(tail, target, method):
    with FaultServer() as server:
        client = ApiClient(server.host, 'app', TOKEN)
        assert client.rest_client.request(method, server.host + tail).status == 200
    assert [request.path for request in server.requests] == [target]


@pytest.mark.parametrize('path', ['', 'a', '.evil.test/', '@evil.test/', ':80/', '?a=b', '//a'])
def test_a_path_of_the_generic_call_never_becomes_a_part_of_the_host(path):
    with FaultServer() as server:
        ApiClient(server.host, 'app', TOKEN).call_api(path, 'GET')
    assert server.requests[0].path == (path if path == '//a' else '/' + path)


@pytest.mark.parametrize('url', ['', '/a', 'ftp://a.test/', 'http:///a', 'http://[a/',
                                 'mailto:a', 'http://me:pw@a.test/'], ids=repr)
def test_an_address_that_is_none_is_named(url):
    with pytest.raises((ValueError, TypeError)) as caught:
        ApiClient('http://a.test', 'app', TOKEN).rest_client.GET(url)
    assert '`url`' in str(caught.value) and 'pw' not in str(caught.value)


@pytest.mark.parametrize('method', [None, 7, '', 'BREW', 'GET /'], ids=repr)
def test_a_method_that_is_none_is_named(method):
    refused(lambda host: ApiClient(host, 'app', TOKEN).call_api('/any', method), '`method`')


def test_bad_input_leaves_the_client_usable():
    with FaultServer(ok) as server:
        client = client_of(server.host)
        for configure in ({'a': object()}, {'a': float('nan')}):
            with pytest.raises((TypeError, ValueError)):
                train(client, configure=configure)
        assert train(client).ok and job(client).code == 'OK'
        assert len(server.requests) == 2
