"""The documented ``configure`` parameters of a creation, as one table.

It feeds :class:`PortraitConfigure`, the emulator's checks and the documentation. Facts: service
reference 3.1 (the guide's table; its ranges "a~b" are taken with both ends).
"""
import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple


class Parameter(object):
    """One documented parameter: what it may be, and what it is when left out."""

    def __init__(self, name: str, kind: type, default: "Any", meaning: str,
                 low: "Optional[float]" = None, high: "Optional[float]" = None,
                 choices: "Tuple[str, ...]" = ()) -> None:
        #: Key in ``configure``.
        self.name = name
        #: ``float``, ``int``, ``bool`` or ``str``.
        self.kind = kind
        #: What the service uses when the key is left out.
        self.default = default
        #: One English line for documentation and completion.
        self.meaning = meaning
        #: Smallest and largest value allowed, both included; ``None`` for no range.
        self.low = low  # type: Any
        self.high = high  # type: Any
        #: The words allowed, empty where there is no choice.
        self.choices = choices

    def problem(self, value: "Any") -> "Optional[str]":
        """Say what is wrong with a value, naming parameter, problem and remedy; None if fine."""
        if not self._has_right_type(value) or not self._is_in_range(value):
            return '`{}` is {!r}: {}'.format(self.name, value, self.rule)
        return None

    @property
    def rule(self) -> str:
        """What a value has to be, in words."""
        if self.choices:
            return 'must be one of ' + ', '.join(self.choices)
        if self.kind is bool:
            return 'must be True or False'
        noun = 'a whole number' if self.kind is int else 'a number'
        return 'must be {} from {} to {}'.format(noun, self.low, self.high)

    def _has_right_type(self, value: "Any") -> bool:
        if self.kind is float:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.kind is int:
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, self.kind)

    def _is_in_range(self, value: "Any") -> bool:
        if self.choices:
            return value in self.choices
        if self.low is None or self.high is None:
            return True
        return not math.isnan(value) and self.low <= value <= self.high


def _share(name: str, default: float, meaning: str, low: float = 0.0) -> Parameter:
    return Parameter(name, float, default, meaning, low, 1.0)


def _steps(name: str, default: int, meaning: str) -> Parameter:
    return Parameter(name, int, default, meaning, 20, 50)


def _switch(name: str, default: bool, meaning: str) -> Parameter:
    return Parameter(name, bool, default, meaning)


def _word(name: str, choices: "Tuple[str, ...]", meaning: str) -> Parameter:
    return Parameter(name, str, choices[0], meaning, choices=choices)


#: All documented parameters, in the order of the guide.
PARAMETERS = (
    _share('lora_weights', 0.9, 'Strength of the LoRA; too high distorts.', 0.5),
    _steps('first_diffusion_steps', 50, 'Steps of the first diffusion; too few distort.'),
    _share('first_denoising_strength', 0.45, 'Strength of the first reconstruction, the face.'),
    _steps('second_diffusion_steps', 30, 'Steps of the second diffusion; too few distort.'),
    _share('second_denoising_strength', 0.30, 'Strength of the second one, the rim of the face.'),
    _share('more_like_me', 0.50, 'Share of face fusion; higher is more alike and less real.'),
    _switch('crop_face_preprocess', True, 'Crop the picture before reconstruction.'),
    _switch('apply_face_fusion_before', True, 'First face fusion; off lowers likeness.'),
    _switch('apply_face_fusion_after', True, 'Second face fusion; off lowers likeness.'),
    _switch('color_shift_middle', True, 'First colour correction, towards the template.'),
    _switch('color_shift_last', True, 'Second colour correction.'),
    _switch('background_restore', False, 'Reconstruct the background; changes it, takes longer.'),
    _switch('skin_retouching_bool', False, 'Smooth and brighten the skin.'),
    _switch('photo_enhancement_bool', True, 'Portrait enhancement.'),
    _word('photo_enhancement_method', ('photo_fix', 'super_resolution'),
          'How to enhance: repair implausible parts, or only upscale.'),
    _switch('makeup_transfer', False, "Transfer the template's make-up."),
    _share('makeup_transfer_ratio', 0.5, 'Strength of that transfer.'),
    _switch('face_shape_match', False, 'Bring face shape and skin nearer to the person.'),
    _switch('ipa_control', False, 'IPA control: more alike, swayed by the reference picture.'),
    _share('ipa_weight', 0.5, 'Strength of IPA control; too high distorts.'),
    _word('style_name', ('Realistic', 'Anime'), 'Style of the picture.'),
    _switch('lcm_accelerate', False, 'LCM acceleration.'),
    _share('sharp_ratio', 0.15, 'Sharpening; too high distorts.'),
)
