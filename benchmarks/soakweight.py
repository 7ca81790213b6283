"""What the daemon weighs without the lab: built on a database in a process of its own, one pass, no network.

`python -m benchmarks.soakweight DATABASE NOW` prints {"megabytes": RESIDENT}.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.soakchild import resident
from benchmarks.soaksteady import SteadyClock, cut_off
from tracker.cli.logging import configure
from tracker.clients.system import machine
from tracker.daemon import COLLECT_AFTER, Daemon
from tracker.settings import Certificates, Database, Dns, Lists, Publishing, Settings, Sweeps
from tracker.settings import Daemon as DaemonSettings
from tracker.stages.derive import derive_views
from tracker.wiring import build


async def weigh(database: Path, now: datetime) -> float:
    """MB resident after the log was read, views were derived, and a pass was made."""
    settings = Settings(
        database=Database(str(database)),
        lists=Lists(watchlists=(), controls=0.0),
        sweeps=Sweeps(weekly_all=False, edits=0),
        dns=Dns(timeout=0.01, tries=1),
        certificates=Certificates(enabled=False),
        publishing=Publishing(directory=""),
        daemon=DaemonSettings(canary=""),
    )
    clock = SteadyClock(now + timedelta(hours=1))
    async with build(settings, cut_off(replace(machine(""), clock=clock))) as parts:
        derive_views(parts.log, parts.views, parts.work, parts.judge)
        await Daemon(replace(parts, sweeps={}, probes={})).run_due(clock.at)
        parts.log.history()
        return resident() / 1000


if __name__ == "__main__":
    configure("text", logging.CRITICAL)
    gc.set_threshold(COLLECT_AFTER)  # as `tracker run`
    print(json.dumps({"megabytes": asyncio.run(weigh(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))}))
