"""What a time-out means, and which are refused."""
from fractions import Fraction

import pytest

from ai_service_python_sdk.client.timeouts import limits_of


@pytest.mark.parametrize('value, limits', [
    (1, (1, 1, 1)), (0.0, (None, None, None)), (0.001, (0.001, 0.001, 0.001)),
    (999999999.5, (2e6,) * 3), ((None, None), (None, None, None)),
    ((0.001, 1), (0.001, 1, None)), ((4294967.3, 4294967.3), (2e6, 2e6, None))])
def test_a_time_out_at_the_edge_is_read(value, limits):
    assert limits_of(value) == limits


@pytest.mark.parametrize('value, limits', [
    (Fraction(60), (60.0, 60.0, 60.0)), ((10, Fraction(3)), (10.0, 3.0, None)),
    ((None, Fraction(1, 2)), (None, 0.5, None))])
def test_a_time_out_of_another_kind_of_number_becomes_a_float(value, limits):
    assert limits_of(value) == limits
    assert set(map(type, limits_of(value))) <= {float, type(None)}


def test_a_time_out_of_numpy_becomes_a_float():
    numpy = pytest.importorskip('numpy')
    for value in (numpy.float32(60), numpy.int64(60)):
        assert [type(each) for each in limits_of(value)] == [float] * 3
        assert limits_of(value) == (60.0, 60.0, 60.0)


@pytest.mark.parametrize('value', [1e9, -0.001, (1, 0), (-1, 1), (1, 2, 3), (1,), (), 'x'])
def test_a_time_out_over_the_edge_is_refused_with_what_to_give(value):
    with pytest.raises(ValueError) as caught:
        limits_of(value)
    assert str(caught.value) == (
        '`_request_timeout` or `configuration.timeout` is {!r}: give seconds as one number for '
        'the whole call, a tuple (connect, read), or None for no limit'.format(value))
