"""The log list: what is dropped, and which shards may hold a certificate of today."""

import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.decoders.loglist import LogListError, Protocol, read

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "ct" / "static-log" / "log.v3.json"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def row(description: str, **changes: object) -> dict[str, object]:
    """One sound tiled log, with changes; None removes a key."""
    key = f"key of {description}".encode()
    made: dict[str, object] = {
        "description": description,
        "log_id": base64.b64encode(sha256(key).digest()).decode(),
        "key": base64.b64encode(key).decode(),
        "submission_url": f"https://log.{description}.test/2026h2/",
        "monitoring_url": f"https://mon.{description}.test/2026h2",
        "mmd": 60,
        "state": {"usable": {"timestamp": "2025-01-01T00:00:00Z"}},
        "temporal_interval": {"start_inclusive": "2026-06-18T00:00:00Z", "end_exclusive": "2026-12-17T00:00:00Z"},
    }
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def listed(tiled: list[object], logs: list[object] | None = None) -> bytes:
    """A list of one operator."""
    return json.dumps(
        {
            "version": "85.40",
            "log_list_timestamp": "2026-11-20T12:00:00Z",
            "operators": [{"name": "Op", "email": [], "logs": logs or [], "tiled_logs": tiled}],
        }
    ).encode()


def test_a_sound_log_is_read_whole() -> None:
    """Read from the monitoring address, signed as the submission address without scheme and slash."""
    (log,) = read(listed([row("one")])).logs
    assert (log.url, log.origin) == ("https://mon.one.test/2026h2/", "log.one.test/2026h2")
    assert (log.protocol, log.operator, log.state, log.mmd) == (Protocol.STATIC, "Op", "usable", 60)


def test_a_read_only_log_says_where_it_ends() -> None:
    """The final tree head is kept, and an RFC 6962 log is read from its only address."""
    root = base64.b64encode(bytes(32)).decode()
    state = {
        "readonly": {"timestamp": "2026-01-01T00:00:00Z", "final_tree_head": {"tree_size": 7, "sha256_root_hash": root}}
    }
    old = row("old", state=state, url="https://ct.old.test/log/", submission_url=None, monitoring_url=None)
    (log,) = read(listed([], [old])).logs
    assert (log.final, log.protocol, log.origin) == ((7, bytes(32)), Protocol.RFC6962, "ct.old.test/log")


@pytest.mark.parametrize(
    "wrong",
    [
        row("a", log_id=base64.b64encode(bytes(32)).decode()),
        row("a", key="%%%"),
        row("a", key=None),
        row("a", monitoring_url="https://ct.example.com/bogus/"),
        row("a", monitoring_url="http://mon.a.test/"),
        row("a", monitoring_url=None),
        row("a", log_type="test"),
        row("a", temporal_interval={"start_inclusive": "2026-06-18", "end_exclusive": "soon"}),
        "no log",
    ],
)
def test_an_odd_log_is_dropped_with_a_reason_and_the_others_stay(wrong: object) -> None:
    """Bogus ids, placeholders, unreadable keys and addresses do not spoil the list."""
    found = read(listed([wrong, row("sound")]))
    assert [log.description for log in found.logs] == ["sound"]
    assert len(found.dropped) == 1


@pytest.mark.parametrize(
    ("first", "last", "followed"),
    [
        (NOW - timedelta(days=1), NOW + timedelta(days=1), True),
        (NOW - timedelta(days=200), NOW, False),  # end is exclusive
        (NOW - timedelta(days=200), NOW + timedelta(seconds=1), True),
        (NOW + timedelta(days=200), NOW + timedelta(days=400), True),
        (NOW + timedelta(days=200, seconds=1), NOW + timedelta(days=400), False),
    ],
)
def test_shards_are_chosen_by_expiry(first: datetime, last: datetime, followed: bool) -> None:
    """A shard is followed when a certificate issued now may expire inside it, not when it contains today."""
    interval = {"start_inclusive": first.isoformat(), "end_exclusive": last.isoformat()}
    assert bool(read(listed([row("a", temporal_interval=interval)])).to_follow(NOW)) is followed


@pytest.mark.parametrize(
    ("state", "followed"), [("usable", True), ("readonly", True), ("retired", False), (None, False)]
)
def test_retired_rejected_and_stateless_logs_are_not_followed(state: str | None, followed: bool) -> None:
    """A log without a state is a test or special log."""
    changed = row("a", state={state: {"timestamp": "2026-01-01T00:00:00Z"}} if state else None)
    assert bool(read(listed([changed])).to_follow(NOW)) is followed


def test_what_a_log_says_of_itself_is_a_list_of_one() -> None:
    """Its own row, as Sunlight serves it, with a status in place of a state; the recorded one where there is one."""
    alone = {**row("a", state=None), "status": "usable"}
    (info,) = read(json.dumps(alone).encode()).to_follow(NOW)
    assert info.log_id == alone["log_id"]
    if RECORDED.exists():
        (info,) = read(RECORDED.read_bytes()).logs
        assert (info.state, info.protocol, info.origin) == ("readonly", Protocol.STATIC, "rome2026h1.example.org")
        assert info.final is not None and info.final[0] == 300


def test_only_at_an_address_of_ones_own_a_log_needs_no_tls() -> None:
    """What is on the same private host as the list may be read in the clear, and nothing else may."""
    rows = [row("a", monitoring_url="http://127.0.0.1:8080/a/"), row("b", monitoring_url="http://10.0.0.1/b/")]
    assert [log.url for log in read(listed(rows), frozenset({"127.0.0.1"})).logs] == ["http://127.0.0.1:8080/a/"]
    assert read(listed(rows)).logs == ()


def test_a_log_without_interval_is_followed() -> None:
    """Logs older than sharding take any certificate."""
    assert read(listed([row("a", temporal_interval=None)])).to_follow(NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["operators", "logs", "tiled_logs", "key", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_nonsense_raises_list_errors_only(junk: bytes) -> None:
    """What is no list raises LogListError and nothing else."""
    with contextlib.suppress(LogListError):
        assert read(junk).logs == ()
