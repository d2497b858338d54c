"""The documented ``configure`` parameters of a creation, as one table.

It feeds :class:`PortraitConfigure`, the emulator's checks and the documentation. Facts: service
reference 3.1 (the guide's table; its ranges "a~b" are taken with both ends). What a parameter
means and what to beware of are pairs: English, Chinese.
"""
import json
import numbers
from collections import OrderedDict
from contextlib import suppress

from .language import choose

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple, Union
    Text = Tuple[str, str]
    Ends = Tuple[Optional[float], Optional[float]]
    Default = Union[bool, int, float, str]

_NOTHING = ('', '')
_DISTORTS = ('Too high distorts the picture.', '过高会使画面失真。')
_DISTORTS_LOW = ('Better left alone; too low distorts the picture.', '不建议修改；过低会使画面失真。')
_LESS_ALIKE = ('Off makes the portrait less alike.', '关闭会降低与本人的相似度。')
_WRONG_COLOURS = ('Off may leave colours that do not fit.', '关闭可能出现色差。')


class Parameter(object):
    """One documented parameter: what it may be, and what it is when left out.

    :ivar name: key in ``configure``; :ivar kind: ``float``, ``int``, ``bool`` or ``str``.
    :ivar default: what the service uses when the key is left out.
    :ivar meaning, meaning_zh: what it does.
    :ivar caveat, caveat_zh: what to beware of; empty where the guide warns of nothing.
    :ivar low, high: smallest and largest value allowed, both included; None where any is.
    :ivar choices: the words allowed; empty where any value of the type is.
    """

    def __init__(self, name: str, default: "Default", meaning: "Text", caveat: "Text" = _NOTHING,
                 low: float = 0.0, choices: "Tuple[str, ...]" = ()) -> None:
        self.name = name
        self.kind = type(default)  # type: type
        self.default = default
        self.meaning = meaning[0]  # type: str
        self.meaning_zh = meaning[1]  # type: str
        self.caveat = caveat[0]  # type: str
        self.caveat_zh = caveat[1]  # type: str
        # The guide's numbers are shares and counts of steps.
        ends = {float: (low, 1.0), int: (20, 50)}  # type: Dict[type, Ends]
        self.low = ends.get(self.kind, (None, None))[0]  # type: Optional[float]
        self.high = ends.get(self.kind, (None, None))[1]  # type: Optional[float]
        self.choices = choices

    def problem(self, value: object) -> "Optional[str]":
        """Say what is wrong with a value, naming parameter, problem and remedy; None if fine."""
        value = as_plain(value)
        if not self._fits(value):
            return choose('`{}` is {!r}: {}', '`{}` 的值为 {!r}：{}').format(
                self.name, value, self.rule)
        return None

    @property
    def rule(self) -> str:
        """What a value has to be, in words."""
        if self.choices:
            return choose('must be one of ', '必须是以下之一：') + ', '.join(self.choices)
        if self.kind is bool:
            return choose('must be True or False', '必须是 True 或 False')
        noun = choose(*(('a whole number', '整数') if self.kind is int else ('a number', '数字')))
        return choose('must be {} from {} to {}', '必须是 {1} 到 {2} 的{0}').format(
            noun, self.low, self.high)

    def _fits(self, value: "Any") -> bool:
        if isinstance(value, bool) or self.kind is bool:
            return type(value) is self.kind
        has_kind = isinstance(value, (int, float) if self.kind is float else self.kind)
        if self.low is None or self.high is None:
            return has_kind and value in self.choices
        return has_kind and bool(self.low <= value <= self.high)


def as_plain(value: "Any") -> "Any":
    """Return Python's own number or truth value for one of numpy's, anything else as it is."""
    if type(value) in (bool, int, float, str):
        return value
    # numpy's bool_ has no place among the numbers; its name changed with numpy 2.
    is_truth = type(value).__name__ in ('bool_', 'bool')
    to_plain = getattr(value, 'item', None)
    return to_plain() if to_plain and (is_truth or isinstance(value, numbers.Real)) else value


#: What the parameters are made of, in the order of the guide.
_ROWS = (
    ('lora_weights', 0.9,
     ('How strongly the LoRA of the person is applied; higher is more alike.',
      '人物 LoRA 的应用强度；越高越像本人。'), _DISTORTS, 0.5),
    ('first_diffusion_steps', 50, ('Steps of the first diffusion.', '第一次扩散的步数。'), _DISTORTS_LOW),
    ('first_denoising_strength', 0.45,
     ('How much of the face is drawn anew; higher is more alike.', '第一次重建（人脸）的强度；越高越像本人。'),
     _DISTORTS),
    ('second_diffusion_steps', 30, ('Steps of the second diffusion.', '第二次扩散的步数。'), _DISTORTS_LOW),
    ('second_denoising_strength', 0.3,
     ('How much of the rim of the face is drawn anew.', '第二次重建（人脸边缘）的强度。'),
     ('Too high looks out of place.', '过高会显得不协调。')),
    ('more_like_me', 0.5, ('Share of face fusion; higher is more alike.', '人像融合的比例；越高越像本人。'),
     ('Too high looks less real.', '过高会降低真实感。')),
    ('crop_face_preprocess', True, ('Crop the picture before it is drawn anew.', '重建前先裁剪图片。'),
     ('Better left alone; keep it on for large pictures.', '不建议修改；大图请保持开启。')),
    ('apply_face_fusion_before', True, ('Do the first face fusion.', '是否进行第一次人像融合。'), _LESS_ALIKE),
    ('apply_face_fusion_after', True, ('Do the second face fusion.', '是否进行第二次人像融合。'), _LESS_ALIKE),
    ('color_shift_middle', True,
     ("First colour correction: bring the skin tone nearer to the template's.",
      '第一次颜色矫正，使肤色接近模板。'), _WRONG_COLOURS),
    ('color_shift_last', True, ('Second colour correction.', '第二次颜色矫正。'), _WRONG_COLOURS),
    ('background_restore', False,
     ('Draw the background anew too; looks more natural in theory.', '是否重建背景；理论上更自然。'),
     ('Changes the background and takes longer.', '会改变背景，且耗时更长。')),
    ('skin_retouching_bool', False, ('Smooth and brighten the skin.', '是否磨皮美白。'),
     ('May make the skin too white; off keeps its texture.', '可能使皮肤过白；关闭可保留皮肤质感。')),
    ('photo_enhancement_bool', True,
     ('Enhance the portrait, as the next parameter says.', '是否进行人像增强，方式由下一个参数决定。')),
    ('photo_enhancement_method', 'photo_fix',
     ('How to enhance: `photo_fix` repairs what looks wrong, `super_resolution` only scales up.',
      '增强方式：`photo_fix` 修复不合理的部分，`super_resolution` 只提高分辨率。'),
     ('`photo_fix` may distort and lose skin texture; `super_resolution` keeps more of the '
      'picture.',
      '`photo_fix` 可能失真并丢失皮肤质感；`super_resolution` 更忠于原图。'), 0.0,
     ('photo_fix', 'super_resolution')),
    ('makeup_transfer', False,
     ("Put the template's make-up on the person; avoids a bare look.", '是否迁移模板的妆容，避免素颜感。'),
     ("May depart from the person's real looks.", '可能与本人的真实样貌有差异。')),
    ('makeup_transfer_ratio', 0.5,
     ("How much of that make-up; higher is nearer to the template's.", '妆容迁移的强度；越高越接近模板妆容。'),
     ('Higher is further from the person.', '越高与本人差异越大。')),
    ('face_shape_match', False,
     ("Loosen the control, so that face shape and skin come nearer to the person's.",
      '脸型适配：减弱控制，使脸型和皮肤质感更接近本人。')),
    ('ipa_control', False, ('Use IPA control; more alike.', '是否启用 IPA 控制，可提高相似度。'),
     ('Easily swayed by the reference picture.', '容易受参考图影响。')),
    ('ipa_weight', 0.5,
     ('How strong IPA control is; higher is more alike in theory.', 'IPA 控制的强度；理论上越高越像本人。'),
     _DISTORTS),
    ('style_name', 'Realistic', ('Style of the picture.', '图片风格。'), _NOTHING, 0.0,
     ('Realistic', 'Anime')),
    ('lcm_accelerate', False, ('Use LCM acceleration.', '是否启用 LCM 加速。')),
    ('sharp_ratio', 0.15,
     ('How much the picture is sharpened; the right amount clears it.', '锐化强度；适度锐化使画面更清晰。'),
     _DISTORTS),
)  # type: Any
#: All documented parameters, in that order.
PARAMETERS = tuple(Parameter(*row) for row in _ROWS)
BY_NAME = OrderedDict((parameter.name, parameter) for parameter in PARAMETERS)


def read(text: "Any") -> "Any":
    """Read a value, also a truth as Excel and Python write it; what is not JSON is as it is."""
    lowered = str(text).lower()
    with suppress(ValueError, TypeError):
        return json.loads(lowered if lowered in ('true', 'false') else text)
    return text
