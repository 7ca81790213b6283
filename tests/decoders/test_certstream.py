"""What certstream servers send, in the shapes that their documentation shows."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.certstream import LONGEST, NotCertstream, Streamed, read


def update(**leaf: object) -> str:
    """A certificate message with this leaf certificate."""
    return json.dumps(
        {
            "message_type": "certificate_update",
            "data": {
                "update_type": "PrecertLogEntry",
                "leaf_cert": leaf,
                "cert_index": 42,
                "seen": 1725523200.5,
                "source": {"name": "Some log", "url": "https://log.example/2025h2/"},
            },
        }
    )


def test_a_full_message() -> None:
    """Names, the log, the index; the moment is the server's own."""
    assert read(update(all_domains=["rrn.so", "www.rrn.so"])) == Streamed(
        ("rrn.so", "www.rrn.so"),
        "https://log.example/2025h2/",
        "42",
        datetime(2024, 9, 5, 8, 0, 0, 500_000, tzinfo=UTC),
    )


def test_a_lite_message_without_names_has_its_subject() -> None:
    """Where the list of names is missing, the common name is all there is."""
    assert read(update(subject={"CN": "rrn.so"})) == read(update(all_domains=["rrn.so"]))


def test_domains_only_and_heartbeats() -> None:
    """The short form carries names and nothing else; a heartbeat says that the line stands."""
    assert read('{"message_type": "dns_entries", "data": ["rrn.so", 5, ""]}') == Streamed(("rrn.so",))
    assert read('{"message_type": "heartbeat", "timestamp": 1.5}') is None


@pytest.mark.parametrize("text", ["", "[", "[]", "5", '{"message_type": "weather"}', "x" * (LONGEST + 1)])
def test_what_is_no_message_is_refused(text: str) -> None:
    """A page of a proxy, an empty frame, another protocol."""
    with pytest.raises(NotCertstream):
        read(text)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "leaf_cert", "all_domains", "subject", "CN", "source", "url", "seen", "cert_index"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["certificate_update", "dns_entries"]), ANYTHING)
def test_odd_shapes_give_fewer_names_and_no_error(kind: str, data: object) -> None:
    """Whatever stands where something else belongs, the rest is read."""
    told = read(json.dumps({"message_type": kind, "data": data}))
    assert told is not None and all(isinstance(name, str) for name in told.names)
