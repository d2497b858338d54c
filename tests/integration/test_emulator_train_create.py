"""Training and creating on the emulator: states, documented errors, the composed picture."""
import json
import os
import threading
import time

import pytest
from support import PHOTOS
from helpers import client_at, person, trained, urls, wait

from ai_service_python_sdk import AIGCImagesApi, AiServiceJobApi, ApiClient
from ai_service_python_sdk.client import exceptions
from ai_service_python_sdk.client.errors.table import DOCUMENTED
from ai_service_python_sdk.emulator.photos import Photos
from ai_service_python_sdk.emulator.server import Server


@pytest.fixture(scope='module')
def people(emulator):
    """Model ids of the two persons."""
    with ApiClient(emulator.host, emulator.app_id, emulator.token) as client:
        api, jobs = AIGCImagesApi(client), AiServiceJobApi(client)
        return {name: trained(api, jobs, emulator, name) for name in ('collins', 'hopper')}


def apis(service, **options):
    client = client_at(service, **options)
    return AIGCImagesApi(client), AiServiceJobApi(client)


def test_a_training_walks_through_its_states_and_ends_with_its_result(own_emulator):
    service = own_emulator(training_seconds=0.6, initial_share=0.2)
    api, jobs = apis(service)
    images = person(service, 'collins')
    training = api.aigc_images_train(images)
    assert len(training.model_id) == 36
    seen = []
    while not seen or seen[-1].state < 2:
        job = jobs.get_async_job(training.job_id).job
        if not seen or seen[-1].state != job.state:
            seen.append(job)
    assert [job.state for job in seen] == [0, 1, 2]
    assert [job.message for job in seen] == ['model requesting'] * 2 + ['success']
    assert [job.raw['Result'] for job in seen[:2]] == ['', '']
    result = json.loads(seen[-1].raw['Result'])
    assert result['model_id'] == training.model_id
    assert [state['code'] for state in result['states']] == [1] * 5
    assert seen[-1].result == result
    assert seen[-1].type == 'Image' and seen[-1].app_id == service.app_id
    assert seen[-1].create_time.utcoffset().total_seconds() == 8 * 3600


def slowed(function, seconds):
    def wrapper(*args):
        result = function(*args)
        time.sleep(seconds)
        return result
    return wrapper


@pytest.mark.parametrize('slow', ['server_close', 'server_bind'])
def test_a_training_over_a_slow_stop_or_start_still_finds_its_photos(
        own_emulator, tmp_path, monkeypatch, slow):
    store = str(tmp_path / 'state.db')
    service = own_emulator(training_seconds=1.0, store=store)
    for owner, name, seconds in ((Photos, 'picture', 0.1), (Server, slow, 1.0)):
        monkeypatch.setattr(owner, name, slowed(getattr(owner, name), seconds))
    training = apis(service)[0].aigc_images_train(person(service, 'collins'))
    port = service.port
    service.stop()
    again = own_emulator(training_seconds=1.0, store=store, port=port)
    assert wait(apis(again)[1], training.job_id).state == 2


def test_a_restart_in_the_middle_of_a_training_loses_nothing(own_emulator, tmp_path):
    store = str(tmp_path / 'state.db')
    service = own_emulator(training_seconds=1.0, store=store)
    api, jobs = apis(service)
    training = api.aigc_images_train(person(service, 'collins'))
    port = service.port
    service.stop()
    again = own_emulator(training_seconds=1.0, store=store, port=port)
    api, jobs = apis(again)
    assert wait(jobs, training.job_id).state == 2
    portrait = api.aigc_images_create(training.model_id, again.url('template_single_hopper.jpg'))
    assert portrait.image_bytes.startswith(b'\xff\xd8')


def test_a_model_is_not_there_before_its_training_has_ended(own_emulator):
    service = own_emulator(training_seconds=30)
    api, jobs = apis(service)
    training = api.aigc_images_train(person(service, 'collins'))
    with pytest.raises(exceptions.ModelNotTrainedError):
        api.aigc_images_create(training.model_id, service.url('template_single_hopper.jpg'))


@pytest.mark.parametrize('who, template', [('collins', 'template_single_hopper.jpg'),
                                           ('hopper', 'template_single_collins.jpg')])
def test_the_portrait_shows_the_trained_person_in_the_template(api, emulator, people, who,
                                                               template):
    import numpy
    from ai_service_python_sdk.emulator.faces import FaceEngine
    portrait = api.aigc_images_create(people[who], emulator.url(template))
    assert portrait.media_type == 'image/jpeg' and b'emulated' in portrait.image_bytes[:200]
    engine = FaceEngine()

    def look(data):
        picture = engine.decode(data)
        return picture, engine.faces(picture)[0]

    def read(name):
        with open(os.path.join(PHOTOS, name), 'rb') as stream:
            return look(stream.read())

    made, face = look(portrait.image_bytes)
    before, template_face = read(template)
    donor = read(who + '_0.jpg')[1]
    assert face.embedding.dot(donor.embedding) > 0.363
    assert (face.embedding.dot(donor.embedding)
            > face.embedding.dot(template_face.embedding) + 0.1)
    outside = numpy.ones(before.shape[:2], bool)
    left, top, width, height = template_face.box
    outside[max(0, top - height // 3):top + height * 4 // 3,
            max(0, left - width // 2):left + width * 3 // 2] = False
    difference = numpy.abs(made.astype(int) - before.astype(int)).max(axis=2)[outside]
    assert made.shape == before.shape
    assert numpy.percentile(difference, 99.9) <= 16 and difference.mean() < 2


def test_two_people_stand_from_left_to_right_in_the_order_of_their_ids(api, emulator, people):
    from ai_service_python_sdk.emulator.faces import FaceEngine
    ids = [people['hopper'], people['collins']]
    portrait = api.aigc_images_create_by_multi_model_ids(ids, emulator.url('template_two.jpg'))
    assert portrait.model_id == ids
    engine = FaceEngine()
    left, right = engine.faces(engine.decode(portrait.image_bytes))
    with open(os.path.join(PHOTOS, 'hopper_0.jpg'), 'rb') as stream:
        hopper = engine.faces(engine.decode(stream.read()))[0]
    assert left.embedding.dot(hopper.embedding) > 0.363
    assert right.embedding.dot(hopper.embedding) < 0.363


@pytest.mark.parametrize('template, error', [
    (None, 'TemplateMissingError'), ('', 'TemplateMissingError'),
    ('broken.jpg', 'TemplateDecodeError'), ('absent.jpg', 'TemplateDecodeError'),
    ('noface_coffee.jpg', 'TemplateFaceMissingError'),
    ('exactly512.jpg', 'TemplateProcessError'), ('template_two.jpg', 'FaceCountError')])
def test_a_template_that_does_not_fit_is_named(api, emulator, people, template, error):
    url = emulator.url(template) if template else template
    with pytest.raises(getattr(exceptions, error)):
        api.aigc_images_create(people['collins'], url)


def test_too_few_and_too_many_model_ids_are_named(api, emulator, people):
    for ids, template in (([people['collins']], 'template_two.jpg'),
                          ([people['collins']] * 2, 'template_single_hopper.jpg'),
                          ([people['collins']] * 3, 'template_two.jpg')):
        with pytest.raises(exceptions.FaceCountError) as caught:
            api.aigc_images_create_by_multi_model_ids(ids, emulator.url(template))
        assert caught.value.status == 469


@pytest.mark.parametrize('model_id, error', [
    ('', 'ModelIdError'), ('foto10', 'ModelIdError'), (7, 'ModelIdError'),
    ('fa4ba43a-df55-45a4-9c31-bb0dc1e50000', 'ModelNotTrainedError')])
def test_a_model_id_that_is_none_is_named(api, emulator, model_id, error):
    with pytest.raises(getattr(exceptions, error)):
        api.aigc_images_create(model_id, emulator.url('template_single_hopper.jpg'))


@pytest.mark.parametrize('configure', [
    {'lora_weights': 0.4}, {'lora_weights': 'x'}, {'first_diffusion_steps': 51},
    {'style_name': 'Oil'}, {'ipa_control': 1}, 'text', [1]])
def test_a_parameter_out_of_its_range_is_invalid_input(api, emulator, people, configure):
    with pytest.raises(exceptions.InputFormatError):
        api.aigc_images_create(people['collins'], emulator.url('template_single_hopper.jpg'), '',
                               configure)


def test_parameters_that_act_here_change_the_picture_and_others_do_not(api, emulator, people):
    def make(**configure):
        return api.aigc_images_create(people['collins'],
                                      emulator.url('template_single_hopper.jpg'), '',
                                      configure).image_bytes

    plain = make()
    assert make(ipa_weight=0.9, first_diffusion_steps=20, unknown_key=1) == plain
    for change in ({'more_like_me': 1.0}, {'sharp_ratio': 0.9}, {'skin_retouching_bool': True},
                   {'style_name': 'Anime'}, {'color_shift_middle': False},
                   {'color_shift_last': False}):
        assert make(**change) != plain, change


def test_too_few_photos_train_nothing_and_strict_wants_five(own_emulator, api, emulator):
    with pytest.raises(exceptions.InputFormatError):
        api.aigc_images_train(urls(emulator, 'collins_0.jpg'))
    strict = apis(own_emulator(strict=True))[0]
    with pytest.raises(exceptions.InputFormatError):
        strict.aigc_images_train(person(emulator, 'collins')[:4])
    assert api.aigc_images_train(person(emulator, 'collins')[:2]).ok


def test_a_training_of_unusable_photos_fails_with_the_documented_message(api, jobs, emulator):
    training = api.aigc_images_train(urls(emulator, 'broken.jpg', 'noface_coffee.jpg'))
    job = wait(jobs, training.job_id)
    assert (job.state, job.message) == (3, 'Image process error')


def test_the_documented_training_failures_can_be_asked_for(own_emulator):
    service = own_emulator()
    api, jobs = apis(service)
    for name in ('train_template', 'train_weights', 'storage'):
        service.faults.fail_training(name)
        training = api.aigc_images_train(person(service, 'collins')[:2])
        job = wait(jobs, training.job_id)
        from ai_service_python_sdk.emulator.contract import ERRORS
        assert (job.state, job.message) == (3, ERRORS[name][2])


def test_every_documented_error_can_be_asked_for_and_finds_its_class(own_emulator):
    from ai_service_python_sdk.emulator.contract import ERRORS
    service = own_emulator()
    api, jobs = apis(service)
    for cls in DOCUMENTED:
        for message in cls.messages:
            service.faults.fail((cls.http_status, cls.error_code, message))
            with pytest.raises(exceptions.ApiException) as caught:
                api.aigc_images_check(['x'])
            assert type(caught.value) is cls
            assert (cls.http_status, cls.error_code, message) in ERRORS.values()


@pytest.mark.parametrize('deployed', [['mine'], 'mine'])
def test_a_wrong_app_id_or_token_and_an_unknown_model_name_are_refused(own_emulator, deployed):
    service = own_emulator(deployed=deployed)
    images = person(service, 'collins')[:2]
    with pytest.raises(exceptions.AppIdNotFoundError):
        apis(service, appid='other')[0].aigc_images_check(images)
    with pytest.raises(exceptions.SignatureError):
        apis(service, token='other')[0].aigc_images_check(images)
    api = apis(service)[0]
    with pytest.raises(exceptions.ModelNotFoundError):
        api.aigc_images_check(images, 'yours')
    assert api.aigc_images_check(images, 'mine').passed


def test_a_quota_runs_out_and_queries_stay_free(own_emulator):
    service = own_emulator(quota=2)
    api, jobs = apis(service)
    training = api.aigc_images_train(person(service, 'collins')[:2])
    api.aigc_images_check(person(service, 'collins')[:1])
    with pytest.raises(exceptions.QuotaExceededError):
        api.aigc_images_check(person(service, 'collins')[:1])
    assert wait(jobs, training.job_id).state == 2


def test_an_unknown_job_and_an_unknown_batch_are_not_found(jobs):
    for query in (jobs.get_async_job, jobs.get_batch_job):
        with pytest.raises(exceptions.NotFoundError):
            query(999999)


def test_two_clients_at_once_get_their_own_answers(emulator, people):
    failures = []

    def work(who, template):
        try:
            api, jobs = apis(emulator)
            for _ in range(3):
                assert api.aigc_images_check(person(emulator, who)).passed
                portrait = api.aigc_images_create(people[who], emulator.url(template))
                assert portrait.model_id == people[who]
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in (
        ('collins', 'template_single_hopper.jpg'), ('hopper', 'template_single_collins.jpg'))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_store_keeps_no_signature_of_a_url_once_the_photos_were_looked_at(
        own_emulator, tmp_path):
    store = tmp_path / 'state.db'
    service = own_emulator(store=str(store))
    api, jobs = apis(service)
    photos = [url + '?Expires=9&Signature=S1GNED' for url in person(service, 'collins')]
    training = api.aigc_images_train(photos)
    states = wait(jobs, training.job_id).result['states']
    assert [state['code'] for state in states] == [1] * 5
    assert [state['url'] for state in states] == person(service, 'collins')
    failed = api.aigc_images_train(photos)
    service.trainings.fail(failed, 'train_weights')
    service.stop()
    for path in tmp_path.iterdir():
        assert b'S1GNED' not in path.read_bytes(), path
