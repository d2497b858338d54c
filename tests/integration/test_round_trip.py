"""Every operation of every family against the emulator, whose signature check is the judge."""
import datetime
import socket
import threading

import pytest
from helpers import person

from ai_service_python_sdk import (
    AIGCImagesApi, AiServiceAiCreationApi, AiServiceImageApi, AiServiceImageTextApi,
    AiServiceJobApi, AiServiceLlmApi, AiServiceTextApi, AiServiceVideoApi, ApiClient)
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.models import (
    BatchVideoRequestVideos, ImageRequest, LLMEvalJudgerRequestMessages)

hypothesis = pytest.importorskip('hypothesis')
from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

QUICK = settings(max_examples=60, deadline=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture]
                 if hasattr(HealthCheck, 'function_scoped_fixture') else [])
TEXT = st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False,
                                                                 allow_infinity=False)
    | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12)
CONFIGURE = st.dictionaries(TEXT, JSON, max_size=5)


@pytest.mark.parametrize('name', [
    'ocr_image', 'classify_image', 'multi_label_image', 'multi_label_image_v2',
    'detect_classify_image', 'face_recognition_image', 'scan_image', 'face_beauty_image',
    'image_qa', 'face_attr_image', 'product_detect_image', 'face_detect_image'])
def test_every_image_action_is_answered_from_the_real_picture(client, emulator, name):
    url = emulator.url('template_two.jpg')
    answer = getattr(AiServiceImageApi(client), name)(url)
    assert (answer.data['image_width'], answer.data['image_height']) == (1668, 900)
    if name == 'image_qa':
        assert 0 <= answer.iqa_result <= 100


def test_a_picture_may_be_base64_text(client):
    import base64
    import os
    from support import PHOTOS
    with open(os.path.join(PHOTOS, 'exactly512.jpg'), 'rb') as stream:
        text = base64.b64encode(stream.read()).decode('ascii')
    assert AiServiceImageApi(client).image_qa(text).data['image_width'] == 512
    for bad in ('', '%%%', 'AAAA'):
        with pytest.raises(exceptions.InvalidInputError):
            AiServiceImageApi(client).image_qa(bad)


@pytest.mark.parametrize('name', [
    'key_word_text', 'ner_text', 'fine_grained_label_text', 'vectorization_text',
    'anti_spam_text', 'sentiment_analysis_text', 'ecomerce_review_sentiment_analysis_text'])
def test_every_text_action_is_accepted(client, name):
    answer = getattr(AiServiceTextApi(client), name)(u'\u67af\u85e4\u8001\u6811')
    assert answer.data == {'length': 4, 'emulated': True}


def test_videos_are_jobs_and_batches_of_jobs(client):
    videos, jobs = AiServiceVideoApi(client), AiServiceJobApi(client)
    for answer in (videos.classify_label_video('http://v/1.mp4', 'title'),
                   videos.video_qa('http://v/1.mp4', None),
                   videos.multimodal_classify('', ['http://v/1.jpg'], 'text')):
        assert jobs.get_async_job_with_id(answer.job_id).job.type == 'Video'
    pair = [BatchVideoRequestVideos('http://v/1.mp4', 't'), {'url': 'http://v/2.mp4'}]
    for answer in (videos.batch_video_qa(pair), videos.batch_classify_label_video(pair)):
        batch = jobs.get_batch_job_with_id(answer.batch_id)
        assert [job.batch_id for job in batch.jobs] == [answer.batch_id] * 2


def test_the_other_families_are_accepted(client):
    creation = AiServiceAiCreationApi(client).ai_creation('content')
    assert creation.data['content'] == 'content'
    tagged = AiServiceImageTextApi(client).image_text_tag(['http://v/1.jpg'], 'text')
    assert tagged.data['images'] == 1
    messages = [LLMEvalJudgerRequestMessages('user', 'hi'), {'role': 'user', 'content': 'x'},
                LLMEvalJudgerRequestMessages(content='no role')]
    verdict = AiServiceLlmApi(client).llm_evaluation.create('Themis-1.0', messages)
    assert verdict.choices[0].text.startswith('emulated')
    done = AIGCImagesApi(client).aigc_images_sd(None, {'task': 'outpaint'})
    assert done.data == {'task': 'outpaint', 'emulated': True}


def test_the_post_and_info_forms_are_accepted_too(client, emulator):
    api = AiServiceImageApi(client)
    body = ImageRequest('ScanImage', emulator.url('exactly512.jpg'))
    assert api.ai_model_image(body).ok
    answer, status, headers = api.ai_model_image_with_http_info(body, async_req=True).get(20)
    assert answer.ok and status == 200 and headers['content-type'] == 'application/json'
    raw = api.ai_model_image(body, _preload_content=False)
    assert raw.status == 200 and b'"OK"' in raw.data


@QUICK
@given(text=TEXT.filter(lambda text: not any(0xd800 <= ord(c) < 0xe000 for c in text)),
       configure=CONFIGURE, model_name=st.sampled_from(['', None]))
def test_any_text_and_any_options_leave_with_a_signature_that_is_accepted(
        client, text, configure, model_name):
    answer = AiServiceTextApi(client).ner_text(text, model_name, configure)
    assert answer.data['length'] == len(text)


@QUICK
@given(job_id=st.one_of(st.integers(), TEXT))
def test_any_id_is_one_segment_under_its_own_signature_or_refused(client, job_id):
    try:
        AiServiceJobApi(client).get_async_job(job_id)
    except exceptions.NotFoundError as error:
        assert error.message == 'job not found'
    except ValueError:
        text = str(job_id)
        assert text.strip() in ('', '.', '..') or any(0xd800 <= ord(c) < 0xe000 for c in text)


@pytest.mark.parametrize('form', [
    '{}', '{}/', '{}/gateway', '{}/gate/way/', '{}//', 'upper'])
def test_every_form_of_host_leads_to_an_accepted_signature(emulator, form):
    host = form.format(emulator.host)
    if form == 'upper':
        host = emulator.host.replace('http', 'HTTP').replace('127.0.0.1', 'LOCALHOST')
    client = ApiClient(host, emulator.app_id, emulator.token)
    assert AiServiceTextApi(client).ner_text('x').ok
    with pytest.raises(exceptions.NotFoundError):
        AiServiceJobApi(client).get_batch_job(99999)


def test_ipv6_and_a_host_without_scheme_work(own_emulator, emulator):
    client = ApiClient('127.0.0.1:{}'.format(emulator.port), emulator.app_id, emulator.token)
    assert AiServiceTextApi(client).ner_text('x').ok
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(('::1', 0))
    except (OSError, AttributeError):
        pytest.skip('no IPv6 here')
    service = own_emulator(host='::1')
    assert '[::1]' in service.host
    client = ApiClient(service.host, service.app_id, service.token)
    assert AiServiceTextApi(client).ner_text('x').ok


def test_dates_in_options_are_accepted(client):
    configure = {'day': datetime.date(2026, 1, 2), 'at': datetime.datetime(2026, 1, 2, 3)}
    assert AiServiceTextApi(client).ner_text('x', '', configure).ok


def test_a_dict_changed_after_an_async_call_does_not_go_out_under_the_old_signature(client):
    configure = {'n': 0}
    calls = []
    for _ in range(50):
        calls.append(AiServiceTextApi(client).ner_text('x', '', configure, async_req=True))
        configure['n'] += 1
    assert all(call.get(20).ok for call in calls)


def test_threads_on_one_client_get_their_own_answers(client):
    failures = []

    def work(number):
        api = AiServiceTextApi(client)
        for length in range(number, number + 20):
            if api.ner_text('x' * length).data['length'] != length:
                failures.append(length)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_the_guides_own_steps_run_unchanged(emulator, capsys):
    import base64
    import sys
    import time
    from ai_service_python_sdk.client.api.ai_service_aigc_images_api import AIGCImagesApi
    from ai_service_python_sdk.client.api.ai_service_job_api import AiServiceJobApi
    from ai_service_python_sdk.client.api_client import ApiClient
    api = AIGCImagesApi(ApiClient(emulator.host, emulator.app_id, emulator.token))
    response = api.aigc_images_train(person(emulator, 'collins')[:4], '', None)
    if response.code != 'OK':
        sys.exit(-1)
    print(response)
    job_id, model_id = response.data['job_id'], response.data['model_id']
    while True:
        job = AiServiceJobApi(api.api_client).get_async_job(job_id).data['job']
        if job['state'] == 2:
            break
        assert job['state'] != 3
        time.sleep(0.05)
    response = api.aigc_images_create(model_id, emulator.url('template_single_hopper.jpg'), '', {
        'lora_weights': 0.9})
    assert base64.b64decode(response.data['image']).startswith(b'\xff\xd8')
    assert "'job_id': {}".format(job_id) in capsys.readouterr().out
