"""What `benchmarks/fuzz.py` feeds: each decoder with the errors that it may raise, and sound inputs to start from."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.message
import dns.rrset

from tracker.decoders import (
    announcements,
    certificates,
    certstream,
    cof,
    crtsh,
    ctentries,
    der,
    dnswire,
    favicon,
    loglist,
    merkle,
    meta,
    misp,
    namelist,
    notes,
    ofac,
    page,
    rdap,
    reviewsheet,
    stix,
    tiles,
    trees,
    watchlist,
    whois,
)
from tracker.decoders.listing import NotThatList
from tracker.lab.authority import public_der
from tracker.lab.ctjson import JsonFace
from tracker.lab.ctlog import CtLog
from tracker.lab.world import Issuance, World

START = datetime(2024, 9, 1, tzinfo=UTC)
QUESTION = dnswire.name_wire("rrn.so") + dnswire.NS_IN


@dataclass(frozen=True)
class Target:
    """One decoder. `errors` are its own: with any other exception it is at fault."""

    name: str
    decode: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: list[bytes]


def targets() -> list[Target]:
    """Every decoder of the house, in the order in which they are fed."""
    log = _log()
    end = START + timedelta(days=1)
    tile = log.tile("data", 0, 3, START + timedelta(hours=2)) or b""
    entries = tiles.read_data(tile)
    certificate = [entry.certificate for entry in entries]
    leaves = [entry.leaf for entry in entries]
    extra = base64.b64encode(log.entry(0)[1]).decode("ascii")
    replies = [JsonFace(log).answer("ct/v1/get-entries?start=0&end=1", end).body]
    names = log.tile("names", 0, 3, START + timedelta(hours=2)) or b""
    key, checkpoint = public_der(log.key), log.checkpoint(end)
    whole = log.tile("0", 0, 3, START + timedelta(hours=2)) or b""
    lists = Path(__file__).resolve().parents[1] / "watchlists"
    return [
        Target("data tile", tiles.read_data, (tiles.TileError,), [tile, gzip.compress(tile)]),
        Target("names tile", tiles.read_names, (tiles.TileError,), [names, gzip.compress(names)]),
        Target("hash tile", lambda body: tiles.read_hashes(body, 3), (tiles.TileError,), [whole]),
        Target("leaf", lambda body: _leaf(body, extra), (ctentries.EntryError,), leaves),
        Target("get-entries", ctentries.read_get_entries, (ctentries.EntryError,), replies),
        Target("certificate", _certificate, (certificates.CertificateError,), certificate),
        Target("der", _walk, (der.DerError, IndexError), certificate),
        Target("note", _note, (notes.NoteError,), [checkpoint]),
        Target(
            "checkpoint", lambda body: notes.verify_checkpoint(body, log.origin, key), (notes.NoteError,), [checkpoint]
        ),
        Target("log list", loglist.read, (loglist.LogListError,), [log.log_list()]),
        Target("merkle", _merkle, (merkle.ProofError,), [bytes(range(64))]),
        Target("dnswire", lambda body: dnswire.read(body, QUESTION), (dnswire.Malformed,), _messages()),
        Target("crt.sh", crtsh.read, (crtsh.CrtShError,), [_CRTSH]),
        Target("certstream", certstream.read, (certstream.NotCertstream,), _CERTSTREAM),
        Target("rdap", rdap.read_domain, (rdap.RdapError,), [_RDAP]),
        Target("rdap scrubbed", rdap.scrubbed, (rdap.RdapError,), [_RDAP]),
        Target("bootstrap", lambda body: rdap.read_bootstrap(_text(body)), (rdap.RdapError,), [_BOOTSTRAP]),
        Target("whois", lambda body: whois.read(_text(body), "com", "whois.example"), (), _WHOIS),
        Target("page", lambda body: page.read_page(body, "text/html"), (), [_PAGE]),
        Target("favicon", _favicon, (), [_ICON]),
        Target("review sheet", reviewsheet.read, (reviewsheet.NotASheet,), _SHEETS),
        Target("watchlist", _watchlist, (), [path.read_bytes()[:3_000] for path in sorted(lists.glob("*.toml"))]),
        Target("name list", lambda body: namelist.read_plain(_text(body)), (), [_NAMES]),
        Target("name table", lambda body: namelist.read_csv(_text(body), _COLUMNS), (), [_TABLE]),
        Target("hosts file", lambda body: namelist.read_hosts(_text(body)), (), [b"0.0.0.0 a.example b.example # x\n"]),
        *(
            Target(name, lambda body, decode=decode: decode(_text(body)), (NotThatList,), _published(pattern))
            for name, decode, pattern in (
                ("meta", meta.read, "meta-*"),
                ("misp event", misp.read, "misp-event.json"),
                ("misp manifest", misp.manifest, "misp-manifest.json"),
                ("stix", stix.read, "stix.json"),
                ("passive dns", cof.read, "cof.jsonl"),
                ("ofac", ofac.read, "sdn*"),
                ("press releases", announcements.read, "releases.json"),
            )
        ),
    ]


def _published(pattern: str) -> list[bytes]:
    """The samples of published lists that the tests read."""
    folder = Path(__file__).resolve().parents[1] / "tests" / "decoders" / "lists"
    return [path.read_bytes() for path in sorted(folder.glob(pattern))]


def _log() -> CtLog:
    issuances = (
        Issuance(START + timedelta(hours=1), ("rrn.so", "*.rrn.so", "xn--bcher-kva.example"), 1),
        Issuance(START + timedelta(hours=1), tuple(f"host{number}.example" for number in range(40)), 2),
        Issuance(START + timedelta(hours=1), ("spiegel.ltd",), 3),
    )
    return CtLog(
        World(
            scenario_id="fuzz",
            seed=1,
            start=START,
            end=START + timedelta(days=1),
            suffixes={},
            stories={},
            issuances=issuances,
            faults=(),
            hosts={},
        ),
        noise=0,
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _leaf(body: bytes, extra: str) -> object:
    entry = ctentries.read_leaf(body, extra)
    return entry.row(), entry.leaf, entry.issuance, entry.certificate, entry.at


def _certificate(body: bytes) -> object:
    certificates.salvage(body)
    return certificates.describe(body)


def _walk(body: bytes) -> object:
    return der.walk(body, *der.inner(body))


def _note(body: bytes) -> object:
    return notes.read_checkpoint(notes.parse(body))


def _merkle(body: bytes) -> object:
    """Proofs of every shape, many of them sound: the bytes are only what the choices are drawn from."""
    rng = random.Random(body)
    size = rng.randrange(1, 40)
    tree = trees.Tree([merkle.leaf_hash(bytes((number,))) for number in range(size)])
    place = rng.randrange(size)
    inclusion = rng.random() < 0.5
    if inclusion:
        found: list[object] = [place, size, merkle.leaf_hash(bytes((place,))), tree.inclusion(place, size)]
    else:
        found = [place + 1, size, tree.root(place + 1), tree.consistency(place + 1, size)]
    found.append(tree.root(size))
    while rng.random() < 0.6:
        number = rng.choice((rng.randrange(40), rng.randrange(1 << 66), -1, True, None, 2.0, "1"))
        node = rng.choice((b"", b"x" * 31, "x", None, 3, [b"x"], bytearray(32), rng.randbytes(32)))
        what = rng.randrange(5)
        path = found[3]
        if what < 2:
            found[what] = number
        elif what == 3 and isinstance(path, list):
            path[rng.randrange(len(path) + 1) :] = rng.choice(([], [node], [rng.randbytes(32)] * 70))
        else:
            found[what] = node
    index, size2, first, path, root = found
    if inclusion:
        merkle.verify_inclusion(index, size2, first, path, root)  # type: ignore[arg-type]
    else:
        merkle.verify_consistency(index, size2, first, root, path)  # type: ignore[arg-type]
    return trees.Frontier.of_last(size, bytes(32), path)  # type: ignore[arg-type]


def _watchlist(body: bytes) -> object:
    return watchlist.read(_text(body), origin="fuzz", since=START, label_of=lambda name: name.partition(".")[0])


def _favicon(body: bytes) -> object:
    icon = favicon.inline_icon(_text(body))
    return favicon.favicon_hash(body if icon is None else icon)


def _messages() -> list[bytes]:
    query = dns.message.make_query("rrn.so", "NS", use_edns=0, payload=1232)
    found = []
    for kind in range(3):
        reply = dns.message.make_response(query)
        if kind == 0:
            reply.authority.append(dns.rrset.from_text("rrn.so.", 60, "IN", "NS", "ns1.example.com.", "ns2.rrn.so."))
            reply.additional.append(dns.rrset.from_text("ns2.rrn.so.", 60, "IN", "A", "192.0.2.1"))
            reply.additional.append(dns.rrset.from_text("ns2.rrn.so.", 60, "IN", "AAAA", "2001:db8::1"))
        else:
            reply.set_rcode(3 * (kind - 1))
            reply.authority.append(dns.rrset.from_text("so.", 60, "IN", "SOA", "ns.so. h.so. 1 2 3 4 5"))
        found.append(reply.to_wire())
    return found


_CRTSH = (
    b'[{"issuer_ca_id":1,"issuer_name":"C=US","common_name":"rrn.so","name_value":"rrn.so\\n*.rrn.so","id":11,'
    b'"entry_timestamp":"2024-09-05T07:01:02.345","not_before":"2024-09-05T06:02:31",'
    b'"not_after":"2024-12-04T06:02:30","serial_number":"03ab"}]'
)
_CERTSTREAM = [
    b'{"message_type":"certificate_update","data":{"cert_index":12,"cert_link":"https://ct.example/12","leaf_cert":'
    b'{"all_domains":["rrn.so","*.rrn.so"],"subject":{"CN":"rrn.so"},"not_before":1725519751,"serial_number":"03AB"},'
    b'"seen":1725520000.5,"source":{"name":"Lab","url":"https://ct.example/"},"update_type":"PrecertLogEntry"}}',
    b'{"data":["rrn.so","www.rrn.so"],"message_type":"dns_entries"}',
    b'{"message_type":"heartbeat","timestamp":1725520000}',
]
_ICON = b"data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n" + bytes(range(64)))
_SHEETS = [
    b'rank,name,predecessor,decision,reason,note\n1,rrn.so,rrn.world,confirmed,same page,\n2,rrn.shop,,mute,"a, b",x\n',
    b"\xef\xbb\xbfname;decision;reason;scope;until\r\nrrn[.]so;ruled_out;other;;\r\n",
    "name\tdecision\treason\nrrn.so\tlikely\tü\n".encode("utf-16"),
]
_RDAP = json.dumps(
    {
        "objectClassName": "domain",
        "ldhName": "rrn.so",
        "status": ["active", "client transfer prohibited"],
        "events": [
            {"eventAction": "registration", "eventDate": "2024-08-01T10:00:00Z"},
            {"eventAction": "expiration", "eventDate": "2025-08-01T10:00:00Z"},
        ],
        "nameservers": [{"objectClassName": "nameserver", "ldhName": "ns1.example.com"}],
        "entities": [
            {
                "roles": ["registrar"],
                "publicIds": [{"type": "IANA Registrar ID", "identifier": "292"}],
                "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Registrar"]]],
                "entities": [
                    {"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "abuse@example.com"]]]}
                ],
            },
            {"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "Somebody"]]]},
        ],
        "redacted": [{"name": {"description": "Registrant Name"}, "method": "removal"}],
    }
).encode()
_BOOTSTRAP = b'{"version": "1.0", "services": [[["com", "net"], ["http://a.example/", "https://b.example/"]]]}'
_WHOIS = [
    b"Domain Name: RRN.SO\r\nRegistrar: Some Registrar, Inc.\r\nCreation Date: 2024-08-01T10:00:00Z\r\n"
    b"Registry Expiry Date: 2025-08-01T10:00:00Z\r\nDomain Status: clientHold https://icann.org/epp#clientHold\r\n"
    b"Name Server: NS1.EXAMPLE.COM\r\nRegistrar Abuse Contact Email: abuse@example.com\r\n",
    b"% NOT FOUND\n",
    b"domain:      rrn.so\nstate:  REGISTERED, DELEGATED\ncreated: 01.08.2024\npaid-till: 2025-08-01\n"
    b"nserver: ns1.example.com\nholder-c: X-1\n\nNo match for domain\n",
    "[Domain Name]  RRN.JP\n[登録年月日]  2024/08/01\n[状態]  Connected (2025/08/31)\n".encode(),
]
_PAGE = (
    b'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Recent News</title>'
    b"<script>gtag('config', 'G-ABCDEFGH12')</script></head><body><h1>News</h1><p>a b c d e f</p>"
    b"<script>ym(12345678, 'init')</script></body></html>"
)
_NAMES = (
    b"# list\n0.0.0.0 bad.example\n||ads.example^\nhxxps://rrn[.]so/page\n"
    b"some prose with rrn.media in it\nx@y.example\n"
)
_COLUMNS = {"domain": "Domain", "date": "Seized", "brand": "Brand"}
_TABLE = b'Domain,Seized,Brand\nrrn.media,2024-09-04,RRN\n"spiegel[.]ltd",2024-09-04,"Der ""Spiegel"""\n'
