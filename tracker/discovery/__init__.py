"""I/O: watches become sightings."""

from tracker.discovery.certificates import Certificates
from tracker.discovery.edits import EditSweep
from tracker.discovery.pivots import Pivots
from tracker.discovery.streamed import CertStream
from tracker.discovery.suffixes import SuffixSweep

SOURCES = {
    SuffixSweep.id: SuffixSweep,
    EditSweep.id: EditSweep,
    Certificates.id: Certificates,
    CertStream.id: CertStream,
    Pivots.id: Pivots,
}
"""Every discovery source by its id."""
