"""The documented ``configure`` parameters of a creation, as one table.

It feeds :class:`PortraitConfigure`, the emulator's checks and the documentation. Facts: service
reference 3.1 (the guide's table; its ranges "a~b" are taken with both ends). What a parameter
means and what to beware of are English; see :mod:`.language`.
"""
import json
import numbers
from collections import OrderedDict
from contextlib import suppress

from .language import chinese_of, translate

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple, Union
    Ends = Tuple[Optional[float], Optional[float]]
    Default = Union[bool, int, float, str]

_DISTORTS = 'Too high distorts the picture.'
_DISTORTS_LOW = 'Better left alone; too low distorts the picture.'
_LESS_ALIKE = 'Off makes the portrait less alike.'
_WRONG_COLOURS = 'Off may leave colours that do not fit.'


class Parameter(object):
    """One documented parameter: what it may be, and what it is when left out.

    :ivar name: key in ``configure``; :ivar kind: ``float``, ``int``, ``bool`` or ``str``.
    :ivar default: what the service uses when the key is left out.
    :ivar meaning, meaning_zh: what it does.
    :ivar caveat, caveat_zh: what to beware of; empty where the guide warns of nothing.
    :ivar low, high: smallest and largest value allowed, both included; None where any is.
    :ivar choices: the words allowed; empty where any value of the type is.
    """

    def __init__(self, name: str, default: "Default", meaning: str, caveat: str = '',
                 low: float = 0.0, choices: "Tuple[str, ...]" = ()) -> None:
        self.name = name
        self.kind = type(default)  # type: type
        self.default = default
        self.meaning = meaning
        self.caveat = caveat
        # The guide's numbers are shares and counts of steps.
        ends = {float: (low, 1.0), int: (20, 50)}  # type: Dict[type, Ends]
        self.low = ends.get(self.kind, (None, None))[0]  # type: Optional[float]
        self.high = ends.get(self.kind, (None, None))[1]  # type: Optional[float]
        self.choices = choices

    meaning_zh = chinese_of('meaning')  # type: str
    caveat_zh = chinese_of('caveat')  # type: str

    def problem(self, value: object) -> "Optional[str]":
        """Say what is wrong with a value, naming parameter, problem and remedy; None if fine."""
        value = as_plain(value)
        if not self._fits(value):
            return translate('`{}` is {!r}: {}', self.name, value, self.rule)
        return None

    @property
    def rule(self) -> str:
        """What a value has to be, in words."""
        if self.choices:
            return translate('must be one of ') + ', '.join(self.choices)
        if self.kind is bool:
            return translate('must be True or False')
        noun = translate('a whole number' if self.kind is int else 'a number')
        return translate('must be {} from {} to {}', noun, self.low, self.high)

    def _fits(self, value: "Any") -> bool:
        if isinstance(value, bool) or self.kind is bool:
            return type(value) is self.kind
        has_kind = isinstance(value, (int, float) if self.kind is float else self.kind)
        if self.low is None or self.high is None:
            return has_kind and value in self.choices
        return has_kind and bool(self.low <= value <= self.high)


def as_plain(value: "Any") -> "Any":
    """Return Python's own number or truth value for one of numpy's, anything else as it is."""
    # numpy's bool_ has no place among the numbers; its name changed with numpy 2.
    is_truth = type(value).__name__ in ('bool_', 'bool')
    to_plain = getattr(value, 'item', None)
    return to_plain() if to_plain and (is_truth or isinstance(value, numbers.Real)) else value


#: Name, default, meaning, caveat, lowest value and choices of each, in the order of the guide.
_ROWS = (
    ('lora_weights', 0.9, 'How strongly the LoRA of the person is applied; higher is more alike.',
     _DISTORTS, 0.5),
    ('first_diffusion_steps', 50, 'Steps of the first diffusion.', _DISTORTS_LOW),
    ('first_denoising_strength', 0.45,
     'How much of the face is drawn anew; higher is more alike.', _DISTORTS),
    ('second_diffusion_steps', 30, 'Steps of the second diffusion.', _DISTORTS_LOW),
    ('second_denoising_strength', 0.3, 'How much of the rim of the face is drawn anew.',
     'Too high looks out of place.'),
    ('more_like_me', 0.5, 'Share of face fusion; higher is more alike.',
     'Too high looks less real.'),
    ('crop_face_preprocess', True, 'Crop the picture before it is drawn anew.',
     'Better left alone; keep it on for large pictures.'),
    ('apply_face_fusion_before', True, 'Do the first face fusion.', _LESS_ALIKE),
    ('apply_face_fusion_after', True, 'Do the second face fusion.', _LESS_ALIKE),
    ('color_shift_middle', True,
     "First colour correction: bring the skin tone nearer to the template's.", _WRONG_COLOURS),
    ('color_shift_last', True, 'Second colour correction.', _WRONG_COLOURS),
    ('background_restore', False, 'Draw the background anew too; looks more natural in theory.',
     'Changes the background and takes longer.'),
    ('skin_retouching_bool', False, 'Smooth and brighten the skin.',
     'May make the skin too white; off keeps its texture.'),
    ('photo_enhancement_bool', True, 'Enhance the portrait, as the next parameter says.'),
    ('photo_enhancement_method', 'photo_fix',
     'How to enhance: `photo_fix` repairs what looks wrong, `super_resolution` only scales up.',
     '`photo_fix` may distort and lose skin texture; `super_resolution` keeps more of the '
     'picture.', 0.0, ('photo_fix', 'super_resolution')),
    ('makeup_transfer', False, "Put the template's make-up on the person; avoids a bare look.",
     "May depart from the person's real looks."),
    ('makeup_transfer_ratio', 0.5,
     "How much of that make-up; higher is nearer to the template's.",
     'Higher is further from the person.'),
    ('face_shape_match', False,
     "Loosen the control, so that face shape and skin come nearer to the person's."),
    ('ipa_control', False, 'Use IPA control; more alike.',
     'Easily swayed by the reference picture.'),
    ('ipa_weight', 0.5, 'How strong IPA control is; higher is more alike in theory.', _DISTORTS),
    ('style_name', 'Realistic', 'Style of the picture.', '', 0.0, ('Realistic', 'Anime')),
    ('lcm_accelerate', False, 'Use LCM acceleration.'),
    ('sharp_ratio', 0.15, 'How much the picture is sharpened; the right amount clears it.',
     _DISTORTS),
)  # type: Any
#: All documented parameters, in that order.
PARAMETERS = tuple(Parameter(*row) for row in _ROWS)
BY_NAME = OrderedDict((parameter.name, parameter) for parameter in PARAMETERS)


def read(text: "Any") -> "Any":
    """Read a value: JSON, True or False as Excel and Python write it, else the text itself."""
    lowered = str(text).lower()
    with suppress(ValueError, TypeError):
        return json.loads(lowered if lowered in ('true', 'false') else text)
    return text
