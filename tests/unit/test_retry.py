"""What is sent again, how often and when."""
import time
from email.utils import formatdate

import pytest

from ai_service_python_sdk import RetryPolicy
from ai_service_python_sdk.client.errors.base import ApiException
from ai_service_python_sdk.client import retry
from ai_service_python_sdk.client.retry import COST, RetryQuota, seconds_of


def failure(status=0, never_left=False, in_doubt=False, **headers):
    error = ApiException(status=status)
    error.never_left, error.is_in_doubt = never_left, in_doubt
    error.headers = {name.replace('_', '-'): value for name, value in headers.items()}
    return error


@pytest.mark.parametrize('error, repeatable, expected', [
    (failure(never_left=True), False, True), (failure(never_left=True), True, True),
    (failure(in_doubt=True), False, False), (failure(in_doubt=True), True, True),
    (failure(503), False, False), (failure(503), True, True), (failure(429), True, True),
    (failure(502), True, True), (failure(504), True, True), (failure(500), True, False),
    (failure(400), True, False), (failure(0), True, False)])
def test_only_what_never_left_or_may_come_twice_is_sent_again(error, repeatable, expected):
    assert RetryPolicy().decide(error, 0, repeatable, 0.0) is expected


def test_repeats_and_seconds_are_bounded():
    policy = RetryPolicy(repeats=2, longest_total=60)
    error = failure(never_left=True)
    assert [policy.decide(error, attempt, True, 0) for attempt in range(4)] == [
        True, True, False, False]
    assert [policy.decide(error, 0, True, seconds) for seconds in (59.9, 60, 60.1, 600)] == [
        True, False, False, False]
    assert not RetryPolicy(repeats=0).decide(error, 0, True, 0)


def test_pauses_grow_up_to_their_limit_and_lie_anywhere_below():
    policy = RetryPolicy(first_delay=0.5, longest_delay=8)
    assert [policy.delay(attempt, None, lambda: 1.0) for attempt in range(7)] == [
        0.5, 1, 2, 4, 8, 8, 8]
    assert policy.delay(3, None, lambda: 0.25) == 1
    assert policy.delay(100000, None, lambda: 1.0) == 8


def test_a_short_retry_after_is_honoured_and_a_long_one_gives_up():
    policy = RetryPolicy(longest_retry_after=10)
    assert policy.pause(failure(503, Retry_After='3'), 0, True, 0) == 3
    assert policy.pause(failure(503, Retry_After='10'), 0, True, 0) == 10
    assert policy.pause(failure(503, Retry_After='11'), 0, True, 0) is None
    assert policy.pause(failure(503, Retry_After='9' * 400), 0, True, 0) is None
    assert policy.pause(failure(503, Retry_After='soon'), 0, True, 0) <= 0.5


@pytest.mark.parametrize('text, seconds', [
    ('0', 0.0), (' 7 ', 7.0), ('-1', None), ('1.5', None), ('', None), (None, None), ('x', None),
    ('Thu, 99 Foo 2099', None), ('Thu, 01 Jan 1970 00:00:00 GMT', 0.0),
    ('Sat, 01 Jan 2000 00:00:00 GMT', 0.0), ('9' * 400, 999999999.0)])
def test_a_retry_after_that_cannot_be_read_is_none(text, seconds):
    assert seconds_of(text) == seconds


def test_a_retry_after_may_be_a_date():
    for seconds in (100, 2000000000):
        date = formatdate(time.time() + seconds, usegmt=True)
        assert seconds - 5 < seconds_of(date) <= seconds


@pytest.mark.parametrize('name', ['repeats', 'first_delay', 'longest_delay',
                                  'longest_retry_after', 'longest_total'])
@pytest.mark.parametrize('value', [-1, 'x', None, True, float('nan')])
def test_a_setting_that_is_no_number_from_0_up_is_named(name, value):
    with pytest.raises(ValueError) as caught:
        RetryPolicy(**{name: value})
    assert str(caught.value) == '`{}` is {!r}; give a number from 0 up'.format(name, value)


def test_a_setting_of_numpy_is_a_number():
    numpy = pytest.importorskip('numpy')
    policy = RetryPolicy(repeats=numpy.int64(1), longest_total=numpy.float32(60))
    assert [policy.decide(failure(never_left=True), attempt, False, 0) for attempt in (0, 1)] == [
        True, False]
    with pytest.raises(ValueError, match='`repeats` is '):
        RetryPolicy(repeats=numpy.int64(-1))


def test_a_policy_shows_its_settings():
    assert repr(RetryPolicy(repeats=1)) == (
        'RetryPolicy(first_delay=0.5, longest_delay=8.0, longest_retry_after=10.0, '
        'longest_total=60.0, repeats=1)')


def test_without_settings_a_request_is_sent_again_twice():
    assert repr(RetryPolicy()) == repr(RetryPolicy(
        repeats=2, first_delay=0.5, longest_delay=8.0, longest_retry_after=10.0,
        longest_total=60.0))


def test_a_client_may_spend_a_hundred_repeats_before_it_has_to_earn_them():
    quota = RetryQuota()
    assert [quota.take() for _ in range(101)] == [True] * 100 + [False]
    for _ in range(COST - 1):
        quota.give_back(0)
    assert not quota.take()
    quota.give_back(0)
    assert quota.take() and not quota.take()


def test_the_quota_ends_and_is_given_back_by_calls_that_succeed(monkeypatch):
    monkeypatch.setattr(retry, 'QUOTA', 2 * COST)
    quota = RetryQuota()
    assert [quota.take(), quota.take(), quota.take()] == [True, True, False]
    quota.give_back(1)
    assert [quota.take(), quota.take()] == [True, False]
    for _ in range(COST):
        quota.give_back(0)
    assert quota.take() and not quota.take()
    for _ in range(100):
        quota.give_back(1)
    assert [quota.take(), quota.take(), quota.take()] == [True, True, False]
