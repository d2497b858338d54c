"""Photos of this computer, over a stand-in of OSS that checks signatures, to the emulator."""
import copy
import logging
import os
import pathlib
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import types

import pytest
import requests
from support import PHOTOS, ROOT
from support.moto_server import moto_s3
from support.oss_server import BUCKET, KEY, REGION, SECRET, Late, OssServer, Refused, signature

from ai_service_python_sdk import ApiClient, ImageCheckError, PortraitStudio, uploads
from ai_service_python_sdk.client.errors.uploads import error_of_oss
from ai_service_python_sdk.uploads import OssUploads, Uploaded, UploadError, clean
from ai_service_python_sdk.util.language import set_language
from ai_service_python_sdk.util.photo_file import PhotoFileError

pytestmark = pytest.mark.usefixtures('in_english')

oss_sdk = pytest.importorskip('alibabacloud_oss_v2', reason='the extra "oss", from Python 3.8')
pytest.importorskip('PIL.ImageOps')
PATHS = [os.path.join(PHOTOS, 'collins_{}.jpg'.format(index)) for index in range(5)]
TEMPLATE = os.path.join(PHOTOS, 'template_single_hopper.jpg')
PLACE = 'oss://' + BUCKET + '/of people'


def bare(url):
    return url.partition('?')[0]


# the stand-in

PAIRS = [('param1', 'value1'), ('%2Bparam1', 'value3'), ('%7Cparam1', 'value4'),
         ('%2Bparam2', ''), ('%7Cparam2', ''), ('param2', '')]
HEADERS = {'x-oss-head1': 'value', 'abc': 'value', 'zabc': 'value', 'xyz': 'value'}


@pytest.mark.parametrize('stamp, query, headers, expected', [
    ('20231216T162057Z', [], {'content-type': 'text/plain', 'x-oss-date': '20231216T162057Z',
                              'x-oss-content-sha256': 'UNSIGNED-PAYLOAD'},
     'e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe'),
    ('20231217T034736Z', [], {'content-type': 'text/plain', 'x-oss-date': '20231217T034736Z',
                              'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
                              'x-oss-security-token': 'token'},
     'b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea'),
    ('20231217T025437Z', [
        ('x-oss-signature-version', 'OSS4-HMAC-SHA256'), ('x-oss-date', '20231217T025437Z'),
        ('x-oss-expires', '599'), ('x-oss-credential', 'ak%2F20231217%2Fcn-hangzhou%2Foss%2F'
                                   'aliyun_v4_request')],
     {'content-type': 'application/octet-stream'},
     'a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe')],
    ids=['header', 'header with a session token', 'URL'])
def test_the_stand_in_signs_as_the_published_examples_of_the_oss_sdks(
        stamp, query, headers, expected):
    assert signature('sk', stamp, 'cn-hangzhou', 'PUT', 'bucket', '1234+-/123/1.txt',
                     PAIRS + query, dict(HEADERS, **headers)) == expected


# from photos to a portrait

def test_photos_of_the_disk_become_a_portrait_and_nothing_stays(oss, client, ledger):
    studio = PortraitStudio(client, interval=0.1)
    with open(PATHS[2], 'rb') as stream:
        photos = [PATHS[0], pathlib.Path(PATHS[1]), stream] + PATHS[3:]
        with Uploaded(OssUploads(PLACE), photos, ledger=ledger) as urls:
            with Uploaded(OssUploads(PLACE), [TEMPLATE], ledger=ledger) as (template,):
                portrait = studio.portrait(urls, template)
                assert len(oss.objects) == len(ledger.uploads()) == 6
    assert portrait.size == (768, 900)
    assert not oss.objects and not ledger.uploads()
    fetched = [line for line in oss.requests if line[0] == 'GET']
    assert len(fetched) >= 6 and all(status == 200 for _, _, status in fetched)


def test_objects_are_private_and_their_names_tell_nothing(oss, tmp_path):
    with Uploaded(OssUploads(PLACE), PATHS[:1]) as (url,):
        (bucket, key), = oss.objects
        assert bucket == BUCKET and key.startswith('of people/') and 'collins' not in key
        assert list(oss.acls.values()) == ['private']
        assert list(oss.types.values()) == ['image/jpeg']
        assert requests.get(url).status_code == 200
        assert requests.get(bare(url)).status_code == 403
        assert requests.get(url[:-1] + ('0' if url[-1] != '0' else '1')).status_code == 403
        assert requests.put(url, data=b'other').status_code == 403


@pytest.mark.parametrize('name', ['a.照片', 'of.Zhang San', 'a.%41', "a.b'c", 'a.JPG', 'none'])
def test_what_is_put_by_hand_under_any_name_is_discarded_and_its_name_tells_nothing(
        name, oss, tmp_path):
    path, place = tmp_path / name, OssUploads(PLACE)
    path.write_bytes(b'a face')
    url = place.put(str(path))
    (_, key), = oss.objects
    assert re.match(r'of people/[0-9a-f]{32}(\.jpg)?\Z', key), key
    place.discard(url)
    assert not oss.objects


def test_photos_that_a_check_refuses_are_known_by_their_names(oss, client):
    coffee = os.path.join(PHOTOS, 'noface_coffee.jpg')
    uploaded = Uploaded(OssUploads(PLACE), PATHS[:4] + [coffee])
    with uploaded as urls, pytest.raises(ImageCheckError) as caught:
        PortraitStudio(client).check(urls)
    assert [uploaded.names[failure.url] for failure in caught.value.failures] == [coffee]
    assert 'signature' not in str(caught.value) and not oss.objects


def test_urls_pass_and_keep_their_places(oss):
    photos = ['https://h.test/a.jpg', PATHS[0], 'https://h.test/b.jpg', PATHS[1]]
    with Uploaded(OssUploads(PLACE), photos) as urls:
        assert urls[0::2] == photos[0::2]
        sizes = [requests.get(url).headers['Content-Length'] for url in urls[1::2]]
        assert sizes == [str(len(data)) for data in oss.objects.values()]


def test_a_url_is_good_for_as_long_as_it_was_signed_for(oss):
    with Uploaded(OssUploads(PLACE, lifetime=3600), PATHS[:1]) as (url,):
        oss.ahead = 3500
        assert requests.get(url).status_code == 200
        oss.ahead = 3700
        answer = requests.get(url)
        assert answer.status_code == 403 and b'Request has expired' in answer.content
        oss.ahead = 0
    assert not oss.objects
    with Uploaded(OssUploads(PLACE), PATHS[:1]) as (url,):
        oss.ahead = uploads.DEFAULT_LIFETIME - 10
        assert requests.get(url).status_code == 200
        oss.ahead = 0


def test_what_is_kept_stays_and_is_not_remembered(oss, ledger):
    uploaded = Uploaded(OssUploads(PLACE), PATHS[:2], keep=True, ledger=ledger)
    with uploaded as urls:
        assert len(urls) == 2
    assert len(oss.objects) == 2 and not uploaded.left and not ledger.uploads()


def test_photos_that_do_not_fit_are_told_before_a_byte_travels(oss):
    with pytest.raises(PhotoFileError):
        Uploaded(OssUploads(PLACE), PATHS + [os.path.join(PHOTOS, 'exactly512.jpg')]).put()
    assert not oss.requests


def test_one_bar_shows_how_far_it_is(oss, capsys):
    pytest.importorskip('tqdm')
    with Uploaded(OssUploads(PLACE), PATHS[:3], progress=True):
        shown = capsys.readouterr().err
    assert 'uploading' in shown and '3/3' in shown and shown.count('\n') == 1


# what goes wrong

def refused(status, code, message='no'):
    return lambda oss: oss.faults.extend([Refused(status, code, message)] * 9)


@pytest.mark.parametrize('break_it, told, told_zh', [
    (lambda oss: oss.keys.clear(), ['InvalidAccessKeyId', 'OSS_ACCESS_KEY_ID'], '权限'),
    (lambda oss: oss.keys.update({KEY: 'another'}), ['SignatureDoesNotMatch', 'SECRET'], '权限'),
    (refused(403, 'AccessDenied'), ['AccessDenied (403)', 'oss:PutObject'], 'oss:PutObject'),
    (lambda oss: oss.buckets.update({BUCKET: 'cn-beijing'}), ['signing region', 'OSS_REGION'],
     '地域'),
    (refused(403, 'AccessDenied', 'The bucket you are attempting to access must be addressed '
             'using the specified endpoint.'), ['endpoint', 'OSS_REGION'], '地域'),
    (lambda oss: oss.buckets.clear(), ['NoSuchBucket (404)', 'create the bucket'], '创建'),
    (lambda oss: setattr(oss, 'room', 10), ['make room in the bucket'], '额度'),
    (refused(403, 'UserDisable'), ['pay what is open'], '欠费'),
    (lambda oss: setattr(oss, 'ahead', 5000), ['Skewed', 'set the clock'], '时间'),
    (refused(500, 'InternalError'), ['InternalError (500)', 'run it again'], '重试'),
    (refused(503, 'SlowDown'), ['SlowDown (503)', 'run it again'], '重试'),
    (lambda oss: oss.faults.extend([Late(500, 'InternalError', 'no')] * 9), ['run it again'],
     '重试'),
    (lambda oss: oss.faults.extend(['cut'] * 9), ['look at the network'], '网络'),
    (lambda oss: oss.faults.extend(['lost'] * 9), ['look at the network'], '网络')],
    ids=['unknown key', 'wrong secret', 'forbidden', 'wrong region', 'wrong endpoint', 'no bucket',
         'full', 'in arrears', 'wrong clock', '500', '503', 'stored and 500', 'cut in the middle',
         'answer lost'])
def test_what_goes_wrong_is_told_and_nothing_is_left(break_it, told, told_zh, oss, caplog):
    break_it(oss)
    for lang in ('en', 'zh'):
        set_language(lang)
        with pytest.raises(UploadError) as caught:
            Uploaded(OssUploads(PLACE), PATHS[:2]).put()
        said = str(caught.value)
        assert PLACE in said
        assert told_zh in said if lang == 'zh' else all(words in said for words in told), said
        for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
            assert str(twin) == said and twin.uploaded_url == caught.value.uploaded_url
        assert SECRET not in said and 'x-oss-signature' not in said
    assert not oss.objects and not caplog.records


def test_a_session_token_that_cannot_be_sent_is_not_shown(oss, monkeypatch):
    for token in (' of-a-session', 'of-a-session\n'):
        monkeypatch.setenv('OSS_SESSION_TOKEN', token)
        with pytest.raises(UploadError) as caught:
            OssUploads(PLACE).put(PATHS[0])
        assert 'header value' in str(caught.value) and 'of-a-session' not in str(caught.value)


def test_the_number_of_a_request_does_not_choose_what_to_do():
    error = types.SimpleNamespace(status_code=503, code='Busy', message='', request_id='5C403D9')
    assert 'OSS_ACCESS_KEY_ID' not in str(error_of_oss(error, PLACE, None))


def test_a_region_that_is_misspelt_is_looked_for(oss, monkeypatch):
    monkeypatch.setenv('OSS_REGION', 'cn hangzhou')
    monkeypatch.delenv('OSS_ENDPOINT')
    with pytest.raises(UploadError) as caught:
        OssUploads(PLACE).put(PATHS[0])
    assert 'OSS_REGION' in str(caught.value)


def test_nothing_is_asked_of_the_service_if_a_photo_cannot_be_put(oss, own_emulator):
    service = own_emulator()
    oss.faults.extend([None] + ['cut'] * 9)
    with ApiClient(service.host, service.app_id, service.token) as client:
        with pytest.raises(UploadError):
            with Uploaded(OssUploads(PLACE), PATHS) as urls:
                PortraitStudio(client).train(urls)
    assert not service.requests and not oss.objects


def test_a_bucket_that_is_full_in_the_middle_holds_nothing_of_it_after(oss):
    oss.room = 3 * os.path.getsize(PATHS[0])
    with pytest.raises(UploadError):
        Uploaded(OssUploads(PLACE), PATHS).put()
    stored = [line for line in oss.requests if line[0] == 'PUT' and line[2] == 200]
    assert len(stored) >= 2 and not oss.objects


@pytest.mark.parametrize('fault', ['cut', 'lost', Refused(500, 'InternalError', 'no')], ids=str)
def test_what_fails_once_is_repeated(fault, oss):
    oss.faults.append(fault)
    with Uploaded(OssUploads(PLACE), PATHS[:2]) as urls:
        assert len(oss.objects) == 2
        assert all(requests.get(url).status_code == 200 for url in urls)
    assert not oss.objects


def test_without_a_network_what_stays_is_named_kept_and_cleaned_later(oss, ledger, caplog):
    place = OssUploads(PLACE)
    uploaded = Uploaded(place, PATHS[:2], ledger=ledger)
    with uploaded as urls:
        oss.deaf = True
    assert uploaded.left == [bare(url) for url in urls] == ledger.uploads()
    assert len(oss.objects) == 2
    assert all(bare(url) in caplog.text for url in urls) and 'signature' not in caplog.text
    assert clean(ledger, place) == [bare(url) for url in urls]
    oss.deaf = False
    assert clean(ledger, place) == [] == ledger.uploads()
    assert not oss.objects


def test_a_network_that_goes_in_the_middle_leaves_what_the_ledger_knows(oss, ledger):
    oss.faults.extend([None, 'lost', 'lost', 'lost'])
    place = OssUploads(PLACE)
    put = place.put

    def put_and_lose(path):
        try:
            return put(path)
        except UploadError:
            oss.deaf = True
            raise
    place.put = put_and_lose
    with pytest.raises(UploadError) as caught:
        Uploaded(place, PATHS[:3], ledger=ledger).put()
    assert len(oss.objects) == 2 and caught.value.left == ledger.uploads()
    assert len(caught.value.left) == 2 and 'signature' not in ''.join(caught.value.left)
    oss.deaf = False
    assert clean(ledger, place) == [] and not oss.objects


@pytest.mark.parametrize('error', [KeyboardInterrupt, SystemExit, ValueError])
def test_what_ends_the_block_early_removes_the_photos(error, oss):
    with pytest.raises(error):
        with Uploaded(OssUploads(PLACE), PATHS[:2]):
            raise error()
    assert not oss.objects


@pytest.mark.parametrize('error', [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize('is_kept', [False, True])
def test_ctrl_c_in_the_middle_of_a_photo_removes_it_too(is_kept, error, oss):
    place = OssUploads(PLACE)
    put, calls = place._client.put_object, []

    def interrupted(request):
        put(request)
        calls.append(request)
        if len(calls) == 2:
            raise error
    place._client.put_object = interrupted
    with pytest.raises(error):
        Uploaded(place, PATHS[:3], keep=is_kept).put()
    assert len(calls) == 2 and not oss.objects


def test_ctrl_c_while_photos_are_removed_names_those_that_stay(oss, ledger, caplog):
    place = OssUploads(PLACE)
    discard, calls = place.discard, []

    def interrupted(url):
        calls.append(url)
        if len(calls) == 2:
            raise KeyboardInterrupt
        discard(url)
    place.discard = interrupted
    with pytest.raises(KeyboardInterrupt):
        with Uploaded(place, PATHS[:3], ledger=ledger) as urls:
            pass
    assert all(bare(url) in caplog.text for url in urls[1:]) and bare(urls[0]) not in caplog.text
    place.discard = discard
    assert clean(ledger, place, age=0) == [] and not oss.objects


@pytest.mark.skipif(os.name != 'posix', reason='needs kill -9')
def test_what_a_killed_program_has_left_is_cleaned_and_what_is_in_use_is_not(oss, ledger):
    program = ('import sys, time; sys.path.insert(0, {!r})\n'
               'from ai_service_python_sdk.ledger import Ledger\n'
               'from ai_service_python_sdk.uploads import OssUploads, Uploaded\n'
               'place, ledger = OssUploads(sys.argv[1]), Ledger(sys.argv[2])\n'
               'with Uploaded(place, sys.argv[3:], ledger=ledger):\n'
               '    print("there", flush=True)\n'
               '    time.sleep(60)\n').format(ROOT)
    process = subprocess.Popen([sys.executable, '-c', program, PLACE, ledger.path] + PATHS[:2],
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == b'there\n'
    assert clean(ledger, OssUploads(PLACE)) == [] and len(oss.objects) == 2
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert len(oss.objects) == 2
    assert clean(ledger, OssUploads(PLACE), age=0) == [] and not oss.objects
    assert not ledger.uploads()


def test_a_ledger_that_cannot_be_written_does_not_keep_photos_from_being_removed(oss, ledger):
    with Uploaded(OssUploads(PLACE), PATHS[:1], ledger=ledger):
        ledger.close()
    assert not oss.objects


def test_only_what_is_below_its_own_prefix_is_ever_deleted(oss):
    place = OssUploads(PLACE)
    url = place.put(PATHS[0])
    for other in (url.replace('of%20people', 'other'), url.replace(BUCKET, 'another-bucket'),
                  bare(url).rpartition('/')[0] + '/', 'https://h.test/a.jpg'):
        with pytest.raises(ValueError):
            place.discard(other)
    assert [line[0] for line in oss.requests] == ['PUT']
    place.discard(bare(url))
    assert not oss.objects


def test_neither_the_log_nor_a_repr_shows_a_secret(oss, caplog):
    caplog.set_level(logging.DEBUG)
    place = OssUploads(PLACE)
    with Uploaded(place, PATHS[:1]):
        oss.deaf = True
    assert caplog.records and repr(place) == "OssUploads('{}/')".format(PLACE)
    ours = ''.join(record.getMessage() for record in caplog.records
                   if record.name.startswith('ai_service'))
    assert SECRET not in ours and 'signature' not in ours


@pytest.mark.parametrize('arguments, variable, told', [
    (dict(place='bucket/prefix'), None, 'give oss://bucket/prefix'),
    (dict(place='oss://UPPER'), None, 'give oss://bucket/prefix'),
    (dict(place=PLACE, lifetime=0), None, '2 to 604800 seconds'),
    (dict(place=PLACE, lifetime=604801), None, '2 to 604800 seconds'),
    (dict(place=PLACE), 'OSS_REGION', 'OSS_REGION'),
    (dict(place=PLACE), 'OSS_ACCESS_KEY_ID', 'OSS_ACCESS_KEY_ID'),
    (dict(place=PLACE), 'OSS_ACCESS_KEY_SECRET', 'OSS_ACCESS_KEY_SECRET')], ids=str)
def test_what_is_missing_or_wrong_is_told_at_once(arguments, variable, told, oss, monkeypatch):
    if variable:
        monkeypatch.delenv(variable)
    with pytest.raises(ValueError) as caught:
        OssUploads(**arguments)
    assert told in str(caught.value)


@pytest.mark.parametrize('place, base', [
    ('oss://my-bucket', 'https://my-bucket.oss-cn-hangzhou.aliyuncs.com/'),
    ('oss://my-bucket/', 'https://my-bucket.oss-cn-hangzhou.aliyuncs.com/'),
    ('oss://my-bucket/a/人', 'https://my-bucket.oss-cn-hangzhou.aliyuncs.com/a/%E4%BA%BA/')])
def test_urls_of_alibaba_cloud_name_the_bucket_in_the_host(place, base, oss, monkeypatch):
    monkeypatch.delenv('OSS_ENDPOINT')
    bucket, asked = OssUploads(place), []
    bucket._client.put_object = asked.append
    bucket._client.delete_object = asked.append
    url = bucket.put(PATHS[0])
    assert bare(url).startswith(base) and 'x-oss-signature=' in url
    bucket.discard(bare(url))
    assert asked[0].key == asked[1].key and asked[1].bucket == 'my-bucket'


def test_region_endpoint_and_credentials_may_be_arguments(oss, monkeypatch):
    for name in ('OSS_REGION', 'OSS_ENDPOINT', 'OSS_ACCESS_KEY_ID', 'OSS_ACCESS_KEY_SECRET'):
        monkeypatch.delenv(name)
    place = OssUploads('oss://' + BUCKET, region=REGION, endpoint=oss.endpoint,
                       credentials=oss_sdk.credentials.StaticCredentialsProvider(KEY, SECRET))
    with Uploaded(place, PATHS[:1]) as (url,):
        assert requests.get(url).status_code == 200
    assert not oss.objects


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'alibabacloud_oss_v2', None)
    with pytest.raises(ImportError) as caught:
        OssUploads(PLACE)
    assert 'install the extra oss: in a clone' in str(caught.value)


# other servers, other places

@pytest.fixture
def moto():
    with moto_s3() as address:
        yield address


def test_a_server_that_nobody_here_wrote_stores_and_deletes_what_the_oss_sdk_sends(oss, moto):
    boto3 = pytest.importorskip('boto3')
    s3 = boto3.client('s3', endpoint_url=moto, region_name='us-east-1', aws_access_key_id='k',
                      aws_secret_access_key='s')
    s3.create_bucket(Bucket=BUCKET)
    with Uploaded(OssUploads(PLACE, endpoint=moto), PATHS[:2]) as urls:
        found = s3.list_objects_v2(Bucket=BUCKET)['Contents']
        assert sorted(moto + '/{}/'.format(BUCKET) + each['Key'].replace(' ', '%20')
                      for each in found) == sorted(map(bare, urls))
        assert requests.get(bare(urls[0])).status_code == 403
    assert s3.list_objects_v2(Bucket=BUCKET)['KeyCount'] == 0
    with pytest.raises(UploadError) as caught:
        Uploaded(OssUploads('oss://another-bucket', endpoint=moto), PATHS[:1]).put()
    assert 'NoSuchBucket (404)' in str(caught.value) and caught.value.uploaded_url is None


class Shelf(object):
    """Any object with ``put`` and ``discard``."""

    def __init__(self, is_broken=False):
        self.is_broken, self.there = is_broken, {}

    def put(self, path):
        if self.is_broken and self.there:
            raise OSError('the shelf is full')
        with open(path, 'rb') as stream:
            self.there[os.path.basename(path)] = stream.read()
        return 'https://shelf.test/' + os.path.basename(path)

    def discard(self, url):
        del self.there[url.rpartition('/')[2]]


def test_uploads_is_any_object_with_put_and_discard():
    shelf = Shelf()
    with Uploaded(shelf, PATHS[:2]) as urls:
        assert len(shelf.there) == 2 and 'collins' not in ''.join(urls)
    assert not shelf.there
    with pytest.raises(OSError):
        Uploaded(Shelf(is_broken=True), PATHS[:2]).put()


def test_photos_that_were_discarded_are_put_anew_when_they_are_used_again():
    shelf = Shelf()
    uploaded = Uploaded(shelf, PATHS[:2])
    with uploaded as first:
        pass
    assert not shelf.there
    with uploaded as second:
        assert set(map(bare, second)) == set('https://shelf.test/' + name for name in shelf.there)
        assert len(shelf.there) == 2 and not set(first) & set(second)
        assert uploaded.put() is second
    assert not shelf.there


@pytest.mark.parametrize('keep, there', [(False, 0), (True, 2)])
def test_photos_that_could_not_be_put_are_put_when_they_are_used_again(keep, there):
    shelf = Shelf(is_broken=True)
    uploaded = Uploaded(shelf, PATHS[:2], keep=keep)
    with pytest.raises(OSError):
        uploaded.put()
    shelf.is_broken = False
    with uploaded as urls:
        assert len(urls) == len(shelf.there) == 2
    assert len(shelf.there) == there


def test_an_object_that_raises_anything_when_it_discards_does_not_lose_the_portrait(caplog):
    shelf = Shelf()
    uploaded = Uploaded(shelf, PATHS[:2])
    with uploaded as urls:
        shelf.there.clear()
    assert uploaded.left == urls and urls[0] in caplog.text


def test_a_temporary_folder_that_stays_is_named_and_keeps_nothing_up(monkeypatch, caplog):
    shelf, folders, clean_up = Shelf(), [], tempfile.TemporaryDirectory.cleanup

    def held(folder):
        clean_up(folder)
        folders.append(folder.name)
        raise PermissionError(13, 'in use', folder.name)
    monkeypatch.setattr(tempfile.TemporaryDirectory, 'cleanup', held)
    with Uploaded(shelf, PATHS[:2]) as urls:
        assert len(urls) == len(shelf.there) == 2
    assert not shelf.there and len(folders) == 1
    assert folders[0] + ' cannot be removed' in caplog.text
