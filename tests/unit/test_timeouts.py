"""What a time-out means, and which are refused."""
import pytest

from ai_service_python_sdk.client.timeouts import limits_of


@pytest.mark.parametrize('value, limits', [
    (1, (1, 1, 1)), (0.0, (None, None, None)), (0.001, (0.001, 0.001, 0.001)),
    (999999999.5, (999999999.5,) * 3), ((None, None), (None, None, None)),
    ((0.001, 1), (0.001, 1, None))])
def test_a_time_out_at_the_edge_is_read(value, limits):
    assert limits_of(value) == limits


@pytest.mark.parametrize('value', [1e9, -0.001, (1, 0), (-1, 1), (1, 2, 3), (1,), (), 'x'])
def test_a_time_out_over_the_edge_is_refused_with_what_to_give(value):
    with pytest.raises(ValueError) as caught:
        limits_of(value)
    assert str(caught.value) == (
        '`_request_timeout` or `configuration.timeout` is {!r}: give seconds as one number for '
        'the whole call, a tuple (connect, read), or None for no limit'.format(value))
