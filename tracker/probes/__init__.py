"""I/O: names become observations."""

from tracker.probes.addresses import AddressProbe
from tracker.probes.certificate import CertificateProbe
from tracker.probes.delegation import DelegationProbe
from tracker.probes.page import PageProbe
from tracker.probes.registration import RegistrationProbe

PROBES = {probe.id: probe for probe in (DelegationProbe, AddressProbe, RegistrationProbe, CertificateProbe, PageProbe)}
"""Every probe by its id."""
