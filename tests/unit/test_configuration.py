"""The configuration: copies, keys of a configure, limits, sessions."""
import pickle
import socket

import pytest

from ai_service_python_sdk import Configuration, PortraitConfigure
from ai_service_python_sdk.client.rest import Request
from ai_service_python_sdk.client.transport import session as transport
from ai_service_python_sdk.client.transport.sockets import Flight
from ai_service_python_sdk.client.retry import seconds_of


def test_a_configuration_is_copied_deeply_without_its_loggers():
    import copy
    configuration = Configuration('http://h', 'a', 't')
    configuration.api_key['auth'] = 'x'
    twin = copy.deepcopy(configuration)
    twin.api_key['auth'] = 'y'
    assert configuration.api_key == {'auth': 'x'} and twin.token == 't'
    assert twin.logger['package_logger'] is configuration.logger['package_logger']
    with pytest.raises(TypeError, match='not pickled'):
        pickle.dumps(configuration)


def test_a_configure_key_is_set_once_by_setdefault_and_checked():
    configure = PortraitConfigure(lora_weights=0.9)
    assert configure.setdefault('lora_weights', 0.5) == 0.9
    with pytest.raises(ValueError, match='lora_weights'):
        PortraitConfigure().setdefault('lora_weights', 99)


def test_a_limit_that_is_over_is_a_timeout():
    flight = Flight(deadline=0.0)
    with pytest.raises(socket.timeout):
        flight.limit()


def test_up_to_urllib3_1_24_our_bundle_is_named_so_that_the_systems_is_not_added(
        monkeypatch, tmp_path):
    monkeypatch.setattr(transport, '_version', [1, 24])
    adapter = transport.Adapter(Configuration('http://h', 'a', 't'), 1)
    assert adapter._tls_options('https://h')['ca_certs'].endswith('.pem')


@pytest.mark.parametrize('proxies, asked', [
    ({}, '/x?a=1'), ({'http': 'http://proxy:1'}, 'http://h/x?a=1'),
    ({'http': 'proxy:1'}, 'http://h/x?a=1'), ({'http': 'socks5h://proxy:1'}, '/x?a=1')])
def test_only_a_proxy_of_http_is_asked_for_a_whole_url(proxies, asked):
    adapter = transport.Adapter(Configuration('http://h', 'a', 't'), 1)
    request = transport.prepared(Request('GET', 'http://h/x?a=1', {}, None))
    assert adapter.request_url(request, proxies) == asked


@pytest.mark.parametrize('text', ['Wed, 99 Foo 2999999999 00:00:00 GMT', 'soon', '', None, '-1',
                                  'Mon, 01 Jan 9999999 00:00:00 GMT'])
def test_a_retry_after_that_cannot_be_read_is_none(text):
    assert seconds_of(text) is None
