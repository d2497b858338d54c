"""TLS: whom a client trusts, and what it shows and keeps to itself."""
import os
import shutil

import pytest
import requests
import urllib3
from calls import TOKEN, check, client_of, each, job, train, trusting
from fault_server import OK_BODY, FaultServer, ok, redirect, server_context

from ai_service_python_sdk import ApiException, Configuration, ApiClient, TlsError

trustme = pytest.importorskip('trustme', reason='the extra "test" brings it')
UNVERIFIED = pytest.mark.filterwarnings('ignore:Unverified HTTPS request')


@each([train, check, job])
def test_a_certificate_of_the_given_authority_is_trusted(call, secure, bundle):
    assert call(client_of(secure.host, trusting(bundle))).code == 'OK'
    assert secure.requests[0].path.startswith('/api/v1/')


@each([train, check, job])
def test_a_certificate_nobody_vouches_for_is_refused_and_nothing_is_sent(call, secure):
    with pytest.raises(ApiException) as caught:
        call(client_of(secure.host))
    assert isinstance(caught.value, urllib3.exceptions.MaxRetryError)
    assert caught.value.status == 0 and caught.value.hint
    assert not secure.requests and secure.connections == 1


@UNVERIFIED
def test_verify_ssl_off_trusts_anybody(secure):
    client = client_of(secure.host, lambda configuration: setattr(configuration, 'verify_ssl',
                                                                  False))
    assert train(client).code == 'OK'


def test_a_certificate_for_another_name_is_refused(authority, bundle):
    context = server_context(authority.issue_cert('elsewhere.test'))
    with FaultServer(tls=context) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle)))
        assert not server.requests


@pytest.mark.parametrize('name', ['elsewhere.test', False])
def test_assert_hostname_names_the_expected_name_or_none(name, authority, bundle):
    context = server_context(authority.issue_cert('elsewhere.test'))
    with FaultServer(tls=context) as server:
        assert train(client_of(server.host, trusting(bundle, assert_hostname=name))).ok


def test_assert_hostname_refuses_the_wrong_name_too(secure, bundle):
    with pytest.raises(ApiException):
        train(client_of(secure.host, trusting(bundle, assert_hostname='elsewhere.test')))
    assert not secure.requests


def test_a_client_certificate_is_shown_when_the_server_asks(authority, bundle, tmp_path):
    mine = authority.issue_cert('me@client.test')
    key, certificate = str(tmp_path / 'me.key'), str(tmp_path / 'me.pem')
    mine.private_key_pem.write_to_path(key)
    mine.cert_chain_pems[0].write_to_path(certificate)
    context = server_context(authority.issue_cert('localhost'), authority)
    with FaultServer(tls=context) as server:
        assert train(client_of(server.host, trusting(bundle, cert_file=certificate,
                                                     key_file=key))).ok
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle), repeats=0))
        assert len(server.requests) == 1


@pytest.mark.parametrize('settings', [{'ssl_ca_cert': '/no/such/file'},
                                      {'cert_file': '/no/such/file'}])
def test_a_missing_certificate_file_is_an_error_before_anything_is_sent(settings, secure, bundle):
    with pytest.raises((ApiException, OSError)):
        train(client_of(secure.host, trusting(bundle, **settings)
                        if 'ssl_ca_cert' not in settings else trusting('/no/such/file')))
    assert not secure.requests


@pytest.mark.parametrize('variable', ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'])
def test_a_bundle_of_the_environment_is_not_trusted_unless_asked_for(
        variable, secure, bundle, monkeypatch):
    for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, bundle)
    with pytest.raises(ApiException):
        train(client_of(secure.host))
    assert not secure.requests
    if variable != 'SSL_CERT_FILE':
        assert train(client_of(secure.host, lambda configuration: setattr(
            configuration, 'trust_env', True))).ok


def test_a_bundle_of_the_environment_replaces_none_that_was_given(secure, bundle, tmp_path,
                                                                  monkeypatch):
    other = tmp_path / 'other.pem'
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv('REQUESTS_CA_BUNDLE', str(other))
    assert train(client_of(secure.host, trusting(bundle))).ok


def test_plain_http_on_a_tls_port_and_the_reverse_are_api_exceptions(secure):
    with pytest.raises(ApiException):
        train(client_of(secure.host.replace('https', 'http'), repeats=0))
    with FaultServer() as server:
        with pytest.raises(ApiException) as caught:
            train(client_of(server.host.replace('http', 'https'), repeats=0), _request_timeout=1)
        assert isinstance(caught.value, urllib3.exceptions.MaxRetryError)
        # The greeting of TLS may hold a line break and pass for a request line.
        assert not any(request.body or 'api' in request.path for request in server.requests)


def test_a_redirect_from_https_to_http_is_not_followed(authority, bundle):
    with FaultServer() as plain:
        context = server_context(authority.issue_cert('localhost'))
        action = redirect('http://localhost:{}/x'.format(plain.port))
        with FaultServer(action, tls=context) as server:
            with pytest.raises(ApiException):
                train(client_of(server.host, trusting(bundle)))
        assert not plain.connections


def test_two_clients_of_different_trust_do_not_share_it(secure, bundle):
    trusting_client, other = client_of(secure.host, trusting(bundle)), client_of(secure.host)
    assert train(trusting_client).ok
    with pytest.raises(ApiException):
        train(other)
    assert train(trusting_client).ok


def test_settings_changed_before_the_first_call_count(secure, bundle):
    configuration = Configuration(secure.host, 'app', TOKEN)
    client = ApiClient(secure.host, 'app', TOKEN, configuration)
    configuration.ssl_ca_cert = bundle
    assert train(client).ok


def test_a_tls_answer_cut_in_the_middle_is_no_answer_and_no_paid_call_is_repeated(
        authority, bundle):
    from fault_server import raw
    cut = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n' + OK_BODY)
    context = server_context(authority.issue_cert('localhost'))
    with FaultServer(cut, tls=context) as server:
        with pytest.raises(ApiException):
            train(client_of(server.host, trusting(bundle)))
        assert len(server.requests) == 1


@pytest.mark.parametrize('fault', ['lost', 'reset'])
def test_a_connection_lost_under_tls_after_the_request_repeats_only_queries(
        fault, authority, bundle):
    import fault_server
    context = server_context(authority.issue_cert('localhost'))
    action = getattr(fault_server, fault)
    for call, count in ((train, 1), (job, 2)):
        with FaultServer(action, ok, tls=context) as server:
            client = client_of(server.host, trusting(bundle))
            try:
                call(client)
            except ApiException as error:
                assert error.is_in_doubt and not isinstance(error, urllib3.exceptions.SSLError)
            assert len(server.requests) == count


@UNVERIFIED
@pytest.mark.parametrize('change', [{'verify_ssl': True}, {'ssl_ca_cert': None},
                                    {'assert_hostname': 'elsewhere.test'}], ids=repr)
def test_trust_that_is_taken_back_after_a_call_is_no_longer_given(change, secure, bundle):
    client = client_of(secure.host, trusting(bundle), repeats=0)
    if 'verify_ssl' in change:
        client.configuration.__dict__.update(verify_ssl=False, ssl_ca_cert=None)
    train(client)
    client.configuration.__dict__.update(change)
    with pytest.raises(TlsError):
        train(client)
    assert len(secure.requests) == 1


def test_trust_that_is_given_after_a_failure_is_used(secure, bundle):
    client = client_of(secure.host, repeats=0)
    with pytest.raises(TlsError):
        train(client)
    client.configuration.ssl_ca_cert = bundle
    assert train(client).job_id == 11


def test_a_certificate_file_that_is_renewed_counts_for_the_next_client(secure, bundle, tmp_path):
    path = str(tmp_path / 'ca.pem')
    shutil.copy(requests.certs.where(), path)
    with pytest.raises(TlsError):
        train(client_of(secure.host, trusting(path), repeats=0))
    shutil.copy(bundle, path)
    os.utime(path, (1, 1))  # another moment, also on disks that count in seconds
    assert train(client_of(secure.host, trusting(path))).job_id == 11


@pytest.mark.parametrize('name', ['ssl_ca_cert', 'cert_file', 'key_file'])
@pytest.mark.parametrize('content', [None, '', 'garbage'], ids=repr)
def test_a_certificate_file_that_is_none_is_named_and_leaves_nothing_in_doubt(
        name, content, secure, bundle, tmp_path):
    path = tmp_path / 'file.pem'
    if content is not None:
        path.write_text(content)
    files = {'cert_file': bundle} if name == 'key_file' else {}
    client = client_of(secure.host, trusting(bundle, **dict(files, **{name: str(path)})))
    with pytest.raises(TlsError) as caught:
        job(client)
    assert secure.connections == 0 and not caught.value.is_in_doubt
    assert '`{}`'.format(name) in str(caught.value)
