"""The brake of a series: pauses after 429, repeats of what was not done, a used-up quota."""
import pytest

from ai_service_python_sdk import QuotaExceededError, ThrottledError
from ai_service_python_sdk.client.background import NotSentError
from ai_service_python_sdk.client.brake import (
    FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES, PATIENCE, Brake)


class Clock(object):
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def brake(clock):
    return Brake(clock=clock, chance=lambda: 0.0)


def throttled(retry_after=None):
    error = ThrottledError(429, 'slow')
    error.headers = {} if retry_after is None else {'Retry-After': retry_after}
    return error


def pauses(brake, clock, count, *retry_after):
    found = []
    for _ in range(count):
        assert brake.asks_again(throttled(*retry_after), 1)
        found.append(brake.left())
        clock.now += found[-1]
    return found


def test_without_a_429_nothing_waits(brake):
    assert not brake.asks_again(None, 1) and not brake.asks_again(ValueError(), 1)
    assert brake.left() == 0 and brake.refusal() is None


def test_pauses_double_up_to_their_limit_and_begin_anew_after_a_success(brake, clock):
    assert pauses(brake, clock, 8) == [FIRST_PAUSE, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]
    brake.asks_again(None, 1)
    assert pauses(brake, clock, 1) == [FIRST_PAUSE]
    assert pauses(brake, clock, 3000)[-1] == LONGEST_PAUSE


def test_chance_takes_up_to_half_of_a_pause_away(clock):
    brake = Brake(clock=clock, chance=lambda: 1.0)
    assert pauses(brake, clock, 2) == [0.5, 1.0]


def test_calls_that_are_refused_together_make_one_pause(brake):
    for _ in range(24):
        assert brake.asks_again(throttled(), 1)
    assert brake.left() == FIRST_PAUSE


@pytest.mark.parametrize('text, pause', [
    ('7', 7.0), ('0', FIRST_PAUSE), ('soon', FIRST_PAUSE), ('999999999', PATIENCE),
    ('Fri, 31 Dec 9999 23:59:59 GMT', PATIENCE)])
def test_a_retry_after_is_kept_to_up_to_a_limit(brake, clock, text, pause):
    assert pauses(brake, clock, 1, text) == [pause]


def test_the_longest_of_several_retry_afters_counts(brake):
    for text in ('3', '9', '5'):
        brake.asks_again(throttled(text), 1)
    assert brake.left() == 9.0


def test_a_call_is_not_sent_for_ever(brake):
    assert [brake.asks_again(throttled(), tries) for tries in (1, MOST_TRIES - 1, MOST_TRIES)] == [
        True, True, False]


def test_a_quota_that_is_used_up_refuses_all_that_is_left(brake):
    error = QuotaExceededError(400, 'quota')
    assert not brake.asks_again(error, 1)
    refusal = brake.refusal()
    assert isinstance(refusal, NotSentError) and refusal.never_left
    assert refusal.__cause__ is error and 'quota' in str(refusal)
    assert brake.refusal() is not refusal
