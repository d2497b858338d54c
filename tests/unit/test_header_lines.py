"""Reading the headers of an answer: as the standard library does, only sooner."""
import io
from http import client as http_client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_service_python_sdk.client.transport.header_lines import LONGEST_LINE, MOST_LINES, parse_headers

END = b'\r\n'


def both(lines):
    """Return what we read and what the standard library reads, each as pairs, errors and rest."""
    def read(parse):
        stream = io.BufferedReader(io.BytesIO(lines))
        try:
            message = parse(stream)
        except http_client.HTTPException as error:
            return repr(error)
        # The payload of a message without a body is None here and '' there: both are empty.
        return (message.items(), [type(defect).__name__ for defect in message.defects],
                message.get_payload() or '', stream.read())
    return read(parse_headers), read(http_client.parse_headers)


@pytest.mark.parametrize('lines', [
    b'\r\n', b'', b'\n', b'Content-Type: application/json\r\nContent-Length: 12\r\n\r\nbody',
    b'A:1\r\nA: 2\r\na:   3 \r\n\r\n', b'A: 1\r\n  folded\r\n\tagain\r\nB: 2\r\n\r\nbody',
    b'A: 1\nB: 2\n\nbody', b'A: 1\rB: 2\r\n\r\n', b'no colon\r\nA: 1\r\n\r\n',
    b': nameless\r\n\r\n',
    b'A b: 1\r\n\r\n', b'A: caf\xe9 \x85 \x0b \x1c x\r\nB: 2\r\n\r\n', b'From me\r\nA: 1\r\n\r\n',
    b'A:\r\n\r\n', b'A: \t\r\n\r\n', b'A: 1\r\nB', b'A: 1\r\n', b' A: 1\r\nB: 2\r\n\r\n',
    b'A: 1\r\n' * (MOST_LINES - 1) + END, b'A: 1\r\n' * MOST_LINES + END,
    b'A: 1\r\n' * 500 + END, b'A: ' + b'x' * LONGEST_LINE + END + END,
    b'B: 1\r\nA: ' + b'x' * (LONGEST_LINE - 5) + END + END,
], ids=lambda lines: repr(lines[:30]))
def test_headers_read_as_the_standard_library_reads_them(lines):
    ours, theirs = both(lines)
    assert ours == theirs


@pytest.mark.parametrize('kind', ['multipart/mixed; boundary=x', 'message/rfc822'])
def test_nobody_looks_for_parts_in_a_body_that_is_not_read_yet(kind):
    message = parse_headers(io.BytesIO('Content-Type: {}\r\n\r\n'.format(kind).encode('ascii')))
    assert message['content-type'] == kind and not message.defects


@given(st.lists(st.sampled_from([
    b'A', b'Content-Length', b':', b' ', b'\t', b'1', b'\r', b'\n', b'\r\n', b'\xff', b'\x85',
    b'\x1d', b';', b'"', b'\x00'])).map(b''.join))
def test_whatever_comes_reads_as_the_standard_library_reads_it(lines):
    ours, theirs = both(lines + b'\r\n\r\nbody')
    assert ours == theirs


def test_a_raised_limit_of_the_standard_library_holds_here_too(monkeypatch):
    monkeypatch.setattr(http_client, '_MAXHEADERS', 300)
    message = parse_headers(io.BufferedReader(io.BytesIO(b'A: 1\r\n' * 250 + END)))
    assert len(message.items()) == 250
