"""A small database for commands that read: one predecessor, one candidate with its label, nothing else."""

from pathlib import Path

from tests.stages.fakes import NOW, RRN, SO, look, predecessor, run, sighting, sweep
from tracker.model.facts import Batch
from tracker.storage.database import open_database
from tracker.storage.log import SqlLog
from tracker.storage.migrate import upgrade


def stored(folder: Path) -> Path:
    """Make it; returns the file."""
    file = folder / "tracker.db"
    engine = open_database(file)
    upgrade(engine, NOW)
    rows = Batch(
        watches=(predecessor(),),
        sweeps=(sweep(["rrn"]),),
        sightings=(sighting(SO),),
        observations=(look(RRN), look(SO)),
    )
    SqlLog(engine).append(run(), rows, NOW)
    engine.dispose()
    return file
