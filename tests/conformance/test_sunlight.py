"""Our reader against a running static log of somebody else's making (Sunlight, TesseraCT), where one is named.

`CT_LOG_LIST` is the address of its list, or of its own row, say `http://127.0.0.1:8080/log.v3.json`.
"""

import os
from pathlib import Path

import pytest

from tracker.auditing import FAILED, NAMES, UNREACHABLE, Audit
from tracker.clients.system import machine
from tracker.settings import Certificates, Database, Settings

WHERE = os.environ.get("CT_LOG_LIST", "")


@pytest.mark.skipif(not WHERE, reason="no Sunlight log is named by CT_LOG_LIST; it needs Go and its modules")
def test_a_static_log_of_others_is_read_and_proved(tmp_path: Path) -> None:
    """Signature, leaf hashes, tree: every check holds, and every entry of the newest tiles has its names."""
    asked = Certificates(log_list_url=WHERE, operators=(), rate=50.0)
    settings = Settings(database=Database(str(tmp_path / "none.db")), certificates=asked)
    audit = Audit(settings, "conformance (mailto:test@example.org)", machine(""))
    rows, _ = audit.logs()
    assert rows, "the list is empty"
    for row in rows:
        log_id = str(row[-1])
        verdicts = list(audit.verify(log_id, None, None, 1_000))
        assert not [verdict for verdict in verdicts if verdict[1] in {FAILED, UNREACHABLE}]
        named = [found[NAMES.index("names")] for found in audit.names(log_id, None, None, 1_000)]
        assert named and all(named)
