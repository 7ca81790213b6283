"""The lab's certificate log: a function of world, seed and instant, made of real certificates."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from tests.lab.ctworld import ISSUED, START, SetClock, world
from tracker.decoders import loglist, notes, tiles
from tracker.decoders.ctentries import Entry
from tracker.decoders.merkle import leaf_hash, verify_consistency, verify_inclusion
from tracker.decoders.trees import Tree, split
from tracker.lab.authority import candidates, infrastructure, public_der
from tracker.lab.ctlog import CtLog, CtLogServer
from tracker.lab.http import Request
from tracker.lab.issuing import Precertificates, latest, validity
from tracker.lab.world import Fault

LATER = START + timedelta(days=4)
LOG = CtLog(world(), noise=700)


def entries(log: CtLog = LOG) -> list[Entry]:
    """All entries of the days until LATER."""
    size = log.size(LATER)
    bodies = [log.tile("data", number, None, LATER) for number in range(size // 256)]
    bodies.append(log.tile("data", size // 256, size % 256, LATER))
    return [entry for number, body in enumerate(bodies) for entry in tiles.read_data(body or b"", number)]


def test_the_seed_decides_every_byte() -> None:
    """Two compilations of one world are equal to the last byte; another seed is another log."""
    again, other = CtLog(world(), noise=700), CtLog(replace(world(), seed=2), noise=700)
    assert LOG.checkpoint(LATER) == again.checkpoint(LATER) != other.checkpoint(LATER)
    assert LOG.tile("data", 0, None, LATER) == again.tile("data", 0, None, LATER)


def test_scripted_certificates_are_logged_at_their_instant() -> None:
    """Each issuance stands in the log with its names and moment, and not before that moment."""
    logged = {(entry.at, tuple(entry.names)) for entry in entries()}
    for issuance in ISSUED:
        assert (issuance.at, issuance.names) in logged
        assert LOG.size(issuance.at) > LOG.size(issuance.at - timedelta(microseconds=1))


def test_certificates_are_real() -> None:
    """The library reads every precertificate, poison included, and the authority's signature on scripted ones holds."""
    authority = candidates(1)
    for entry in entries():
        read = x509.load_der_x509_certificate(entry.certificate)
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
            x509.DNSName
        )
        assert names == entry.names
        assert read.extensions.get_extension_for_class(x509.PrecertPoison).critical
        if entry.names[0] in {issuance.names[0] for issuance in ISSUED}:
            read.verify_directly_issued_by(authority.certificate)
            assert read.public_key() == authority.key_of(entry.names[0]).public_key()


def test_what_a_name_serves_is_the_certificate_that_was_logged() -> None:
    """A server's certificate, issued from the same issuance, shares names, key, serial and validity with the entry."""
    issuance = latest(world(), "www.rrn.so", START + timedelta(days=2))
    assert issuance == ISSUED[1]
    first, last = validity(issuance.at)
    leaf = candidates(1).issue(issuance.names, not_before=first, not_after=last, serial=issuance.serial)
    logged = x509.load_der_x509_certificate(next(e for e in entries() if e.at == issuance.at).certificate)
    assert (leaf.certificate.serial_number, leaf.certificate.public_key()) == (
        logged.serial_number,
        logged.public_key(),
    )
    assert (leaf.certificate.not_valid_after_utc, leaf.certificate.issuer) == (
        logged.not_valid_after_utc,
        logged.issuer,
    )
    assert latest(world(), "rrn.so", START) is None


def test_the_spliced_certificate_is_the_one_that_the_library_would_make() -> None:
    """Apart from the poison, the parts that are put together by hand are those of the library's own certificate."""
    first, last = validity(START)
    whole = candidates(1).issue(["a.example", "b.example"], not_before=first, not_after=last, serial=2**119)
    assert whole.certificate.tbs_certificate_bytes == Precertificates(candidates(1), "a.example").tbs(
        ["a.example", "b.example"], 2**119, START
    )


def test_checkpoints_are_signed_and_consistent() -> None:
    """Checkpoints of two instants verify with the listed key, and the later extends the earlier."""
    (info,) = loglist.read(LOG.log_list()).to_follow(START)
    assert info.key == public_der(LOG.key)
    old, new = (notes.verify_checkpoint(LOG.checkpoint(moment), info.origin, info.key) for moment in (START, LATER))
    leaves = [leaf_hash(entry.leaf) for entry in entries()]
    tree = Tree(leaves)
    assert (new.size, new.root, new.at) == (len(leaves), tree.root(len(leaves)), LATER)
    verify_consistency(old.size, new.size, old.root, new.root, tree.consistency(old.size, new.size))
    verify_inclusion(3, new.size, leaves[3], tree.inclusion(3, new.size), new.root)
    assert split(LOG.tile("0", 0, None, LATER) or b"") == leaves[:256]


def test_nothing_is_served_beyond_the_tree_of_the_instant() -> None:
    """Tiles and widths that are not there yet, and partial tiles whose full one is, are not found."""
    size = LOG.size(START)
    assert 0 < size < 256
    assert LOG.tile("data", 0, size, START) is not None
    assert (
        LOG.tile("data", 0, size + 1, START) is LOG.tile("data", 0, None, START) is LOG.tile("0", 1, 1, START) is None
    )
    assert LOG.tile("data", 0, size, LATER) is None
    names = tiles.read_names(LOG.tile("names", 0, None, LATER) or b"")
    assert [line.names for line in names] == [entry.names for entry in entries()[:256]]


def _ask(server: CtLogServer, path: str):
    return server.answer(Request("GET", "ct.lab.example", path, {}, ("127.0.0.1", 1)))


def test_paths() -> None:
    """The list, the checkpoint, tiles, the issuer; anything else is 404."""
    server = CtLogServer(world(), SetClock(LATER), infrastructure(1), log=LOG)
    issuer = entries()[0].raw[-32:].hex()
    for path in ("/log_list.json", "/lab/checkpoint", "/lab/tile/0/000", "/lab/tile/data/000", f"/lab/issuer/{issuer}"):
        reply = _ask(server, path)
        assert reply is not None
        assert reply.status == 200
    assert _ask(server, f"/lab/issuer/{issuer}").body == candidates(1).der
    for path in ("/", "/lab/", "/lab/tile/0/999", "/lab/tile/9/000", "/lab/tile/data/0", "/lab/issuer/00", "/lab/../x"):
        assert _ask(server, path).status == 404


@pytest.mark.parametrize(("kind", "status"), [("throttle", 429), ("error", 503), ("silence", None), ("garbage", 200)])
def test_faults_follow_the_script(kind: str, status: int | None) -> None:
    """During its days a fault spoils every answer in its way; before and after, nothing."""
    clock = SetClock(START)
    first = START + timedelta(days=1)
    fault = Fault("ct", kind, first, first + timedelta(days=1), 1.0, "day", 30)
    server = CtLogServer(world(fault), clock, infrastructure(1), log=LOG)
    for moment, spoiled in ((START, False), (first, True), (first + timedelta(days=1), False)):
        clock.moment = moment
        reply = _ask(server, "/lab/checkpoint")
        sound = LOG.checkpoint(moment)
        assert (reply is not None and reply.status == 200 and reply.body == sound) is not spoiled
        if spoiled:
            assert (None if reply is None else reply.status) == status
            assert kind != "throttle" or reply.headers == {"Retry-After": "30"}
