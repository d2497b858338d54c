"""Views of answers: fields as they came, or None; what is compared and shown."""
import json

import pytest

from ai_service_python_sdk import AIGCImagesApi, AIGCTrainRequest, ImageQAResponse, Response
from ai_service_python_sdk.client import deserialization, serialization
from ai_service_python_sdk.client.models.job import Job
from ai_service_python_sdk.util.view import View, as_bool, as_float, as_int, as_text


def test_an_image_quality_answer_has_width_and_height():
    answer = ImageQAResponse('r', 'OK', '', {'image_width': 7, 'image_height': 5})
    assert (answer.image_width, answer.image_height) == (7, 5)


@pytest.mark.parametrize('convert, value', [(as_bool, 1), (as_text, 1), (as_int, True),
                                            (as_float, 'x'), (as_float, 1e301)])
def test_a_field_of_another_kind_is_none(convert, value):
    assert convert(value) is None


def test_a_whole_number_may_be_written_as_text():
    assert (as_int('11'), as_int('-1'), as_int('1' * 20)) == (11, None, None)


def test_a_picture_that_finds_no_folder_leaves_nothing_behind(tmp_path):
    from ai_service_python_sdk.util.files import write_whole
    with pytest.raises(OSError):
        write_whole(b'picture', tmp_path / 'absent' / 'a.jpg')
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_no_memory_holds_is_no_json(monkeypatch):
    def exhausted(text):
        raise MemoryError()
    monkeypatch.setattr(deserialization, '_decode', exhausted)
    with pytest.raises(ValueError, match='too large or nested too deeply'):
        deserialization.from_json(b'{}')


def test_views_compare_by_content_and_show_it():
    assert View({'a': 1}) == View({'a': 1}) and View({'a': 1}) != View({})
    assert View({'a': 1})['a'] == 1 and repr(View({'a': 1})) == "View({'a': 1})"


@pytest.mark.parametrize('result, value', [('{"a": 1}', {'a': 1}), ('', None), (None, None),
                                           ('no json', 'no json'), ({'a': 1}, {'a': 1}),
                                           ('[' * 100000, '[' * 100000)],
                         ids=lambda value: str(value)[:10])
def test_a_result_that_is_no_json_stays_as_it_came(result, value):
    assert Job({'Result': result}).result == value


@pytest.mark.parametrize('state, text', [(0, 'waiting to start'), (None, 'state None'),
                                         (7, 'state 7')])
def test_a_job_whose_state_is_missing_or_unknown_is_not_said_to_wait(state, text):
    assert str(Job({'id': 5, 'state': state})) == 'job 5: ' + text


def test_a_value_that_its_type_refuses_stays_as_it_came():
    answer = type('Answer', (), {'data': b'"x"', 'status': 200})
    assert deserialization.deserialize(answer, 'int', None) == 'x'
    assert deserialization._primitive(b'x', int) == b'x'


class _Tagged(AIGCTrainRequest):
    swagger_types = dict(AIGCTrainRequest.swagger_types, tag='str')
    attribute_map = dict(AIGCTrainRequest.attribute_map, tag='Tag')
    tag = None


def test_a_field_that_a_program_adds_to_a_request_is_sent_behind_the_others(client, service):
    request = _Tagged('AIGCImageTrain', ['u'], '')
    request.tag = 'vip'
    AIGCImagesApi(client).aigc_images_train_post(request)
    body = b'{"action": "AIGCImageTrain", "images": ["u"], "model_name": "", "Tag": "vip"}'
    assert service.asked[0][1] == json.loads(body.decode('ascii'))
    assert serialization.to_json(request) == body
    assert list(request.to_dict()) == ['action', 'images', 'model_name', 'tag']


def test_a_field_that_is_added_to_a_class_in_place_is_sent(monkeypatch):
    monkeypatch.setitem(AIGCTrainRequest.swagger_types, 'tag', 'str')
    monkeypatch.setitem(AIGCTrainRequest.attribute_map, 'tag', 'tag')
    request = AIGCTrainRequest('AIGCImageTrain', ['u'])
    assert serialization.to_json(request) == b'{"action": "AIGCImageTrain", "images": ["u"]}'
    request.tag = 'vip'
    assert b'"tag": "vip"' in serialization.to_json(request)
