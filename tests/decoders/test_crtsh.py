"""crt.sh's JSON as it comes, and as it comes on bad days."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.crtsh import CrtShError, about, read
from tracker.model.names import DomainName

# The shape of the service's reply, with made-up values.
REPLY = b"""[{"issuer_ca_id":1,"issuer_name":"C=US, O=Let's Encrypt, CN=R11","common_name":"rrn.so",
"name_value":"rrn.so\\nwww.rrn.so","id":11,"entry_timestamp":"2024-09-05T07:01:02.345","not_before":"2024-09-05T06:02:31",
"not_after":"2024-12-04T06:02:30","serial_number":"03ab","result_count":3},
{"issuer_ca_id":1,"issuer_name":"C=US","common_name":"*.cdn.rrn.so","name_value":"*.cdn.rrn.so\\nadmin@rrn.so",
"id":12,"entry_timestamp":null,"not_before":"2024-09-04T23:00:00","not_after":"2024-12-04T06:02:30","serial_number":"04"},
{"issuer_ca_id":1,"issuer_name":"C=US","common_name":"xrrn.so","name_value":"xrrn.so","id":13,
"entry_timestamp":"2020-01-01T00:00:00","not_before":"2020-01-01T00:00:00","not_after":"2020-04-01T00:00:00"}]"""


def test_rows_are_read_with_utc_and_names() -> None:
    """Times carry no zone and are UTC; a row without log time is known by its validity; wildcards lose their star."""
    rows = read(REPLY)
    assert rows[0].names == ("rrn.so", "www.rrn.so")
    assert rows[0].known_by == datetime(2024, 9, 5, 7, 1, 2, 345_000, tzinfo=UTC)
    assert rows[1].known_by == datetime(2024, 9, 4, 23, tzinfo=UTC)
    assert "cdn.rrn.so" in rows[1].names


def test_only_rows_of_the_name_or_below_count() -> None:
    """The service matches loosely; another name that ends alike is not ours."""
    assert [row.crtsh_id for row in about(read(REPLY), DomainName("rrn.so"))] == [11, 12]


def test_an_empty_array_is_a_reading() -> None:
    """It says that no row was given; what that means is the caller's matter."""
    assert read(b"[]") == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>503</html>", b"{}", b"[1]", b'[{"id":1}]', b'[{"id":1,"not_before":"yesterday"}]', b"[" * 100_000],
)
def test_anything_else_is_refused(body: bytes) -> None:
    """A page for people, a cut reply, a row without dates: the decoder's own error."""
    with pytest.raises(CrtShError):
        read(body)


VALUES = st.none() | st.integers() | st.text(max_size=12) | st.just("2024-09-05T07:01:02") | st.lists(st.none())
ROWS = st.lists(st.dictionaries(st.sampled_from(["id", "not_before", "entry_timestamp", "name_value"]), VALUES))


@given(st.binary(max_size=100) | ROWS.map(lambda rows: json.dumps(rows).encode()))
def test_no_input_raises_anything_else(body: bytes) -> None:
    """Rows or CrtShError."""
    with contextlib.suppress(CrtShError):
        read(body)
