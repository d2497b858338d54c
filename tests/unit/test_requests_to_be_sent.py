"""Requests before they leave: the options of a creation, checked; photos from any iterable."""
import copy
import json
import pickle
import warnings

import pytest

from ai_service_python_sdk import (
    AIGCCheckRequest, AIGCTrainRequest, ImageTextRequest, PortraitConfigure)
from ai_service_python_sdk.util.parameters import PARAMETERS

WRONG = {'lora_weights': 99}


@pytest.mark.parametrize('put', [
    lambda configure: PortraitConfigure(WRONG), lambda configure: PortraitConfigure(**WRONG),
    lambda configure: PortraitConfigure(list(WRONG.items())),
    lambda configure: configure.update(WRONG), lambda configure: configure.update(**WRONG),
    lambda configure: configure.update(WRONG.items()),
    lambda configure: configure.setdefault('lora_weights', 99),
    lambda configure: configure.__setitem__('lora_weights', 99),
    lambda configure: configure.__ior__(WRONG), lambda configure: configure | WRONG],
    ids=['mapping', 'keywords', 'pairs', 'update', 'update keywords', 'update pairs', 'setdefault',
         'item', 'in place or', 'or'])
def test_no_way_leads_past_the_check(put):
    configure = PortraitConfigure()
    with pytest.raises(ValueError, match='`lora_weights` is 99: must be a number from 0.5 to 1.0'):
        put(configure)
    assert configure == {}


def test_all_ways_set_what_is_right():
    configure = PortraitConfigure({'lora_weights': 0.9}, more_like_me=0.1)
    configure |= {'sharp_ratio': 0.2}
    configure.update([('ipa_weight', 0.3)], ipa_control=True)
    assert configure.setdefault('lora_weights', 0.6) == 0.9
    assert configure.setdefault('style_name', 'Anime') == 'Anime'
    assert configure == {'lora_weights': 0.9, 'more_like_me': 0.1, 'sharp_ratio': 0.2,
                         'ipa_weight': 0.3, 'ipa_control': True, 'style_name': 'Anime'}
    both = configure | {'more_like_me': 0.2}
    assert type(both) is PortraitConfigure and both['more_like_me'] == 0.2
    assert configure['more_like_me'] == 0.1


@pytest.mark.parametrize('keep', [copy.copy, copy.deepcopy, PortraitConfigure.copy,
                                  lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_checks_as_its_original_does(keep):
    twin = keep(PortraitConfigure(lora_weights=0.9))
    assert twin == {'lora_weights': 0.9} and type(twin) is PortraitConfigure
    with pytest.raises(ValueError):
        twin['lora_weights'] = 99


@pytest.mark.parametrize('put', [
    lambda: PortraitConfigure(novel=1), lambda: PortraitConfigure({'novel': 1}),
    lambda: PortraitConfigure().update(novel=1), lambda: PortraitConfigure().__ior__({'novel': 1}),
    lambda: PortraitConfigure().setdefault('novel', 1),
    lambda: PortraitConfigure().__setitem__('novel', 1)])
def test_an_undocumented_key_warns_once_and_names_the_line_that_set_it(put):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        put()
    assert ['`novel` is not a documented parameter'] == [str(each.message) for each in caught]
    assert caught[0].filename.rstrip('c') == __file__.rstrip('c')


def test_numbers_and_truth_values_of_numpy_are_taken_as_pythons_own():
    numpy = pytest.importorskip('numpy')
    configure = PortraitConfigure(
        lora_weights=numpy.float32(0.75), more_like_me=numpy.float64(0.5),
        first_diffusion_steps=numpy.int64(50), second_diffusion_steps=numpy.uint8(20),
        ipa_control=numpy.bool_(True), sharp_ratio=numpy.float16(0.5))
    assert json.loads(json.dumps(configure)) == {
        'lora_weights': 0.75, 'more_like_me': 0.5, 'first_diffusion_steps': 50,
        'second_diffusion_steps': 20, 'ipa_control': True, 'sharp_ratio': 0.5}
    assert set(type(value) for value in configure.values()) == {float, int, bool}


@pytest.mark.parametrize('name, value', [
    ('lora_weights', 'float32(9)'), ('lora_weights', 'float32("nan")'),
    ('lora_weights', 'bool_(True)'), ('first_diffusion_steps', 'float32(50)'),
    ('first_diffusion_steps', 'int64(51)'), ('ipa_control', 'int64(1)'),
    ('lora_weights', 'array([0.9, 0.9])'), ('lora_weights', 'complex64(0.9)')])
def test_numbers_of_numpy_are_checked_like_any_other(name, value):
    numpy = pytest.importorskip('numpy')
    with pytest.raises(ValueError, match='`{}` is .* must be'.format(name)):
        PortraitConfigure({name: eval('numpy.' + value, {'numpy': numpy})})


def test_a_thing_with_an_item_method_is_not_taken_for_a_number():
    class Box(object):
        """Not a number, whatever it can do."""

        def item(self):
            return 0.9
    for parameter in PARAMETERS:
        assert parameter.problem(Box())


@pytest.mark.parametrize('kind', [AIGCCheckRequest, AIGCTrainRequest, ImageTextRequest])
@pytest.mark.parametrize('images', [['u', 'v'], ('u', 'v'), [], 'u', b'u', {'u': 1}, 7],
                         ids=['list', 'tuple', 'empty', 'text', 'bytes', 'mapping', 'number'])
def test_photos_are_kept_as_the_very_object_that_was_given(kind, images):
    assert kind('A', images).images is images


@pytest.mark.parametrize('kind', [AIGCCheckRequest, AIGCTrainRequest, ImageTextRequest])
def test_any_other_iterable_becomes_a_list(kind):
    assert kind('A', (name for name in 'uv')).images == ['u', 'v']
    assert kind('A', iter(['u'])).images == ['u']
    assert sorted(kind('A', {'u', 'v'}).images) == ['u', 'v']
    assert kind('A', dict.fromkeys('u').keys()).images == ['u']


def test_a_column_of_numpy_becomes_a_list_that_json_knows():
    numpy = pytest.importorskip('numpy')
    images = AIGCCheckRequest('A', numpy.array(['u', 'v'])).images
    assert json.dumps(images) == '["u", "v"]'


def test_photos_that_are_none_are_refused_as_ever():
    with pytest.raises(ValueError, match='must not be `None`'):
        AIGCTrainRequest('A', None)
