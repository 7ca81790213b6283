"""WHOIS replies: recorded ones where they are at hand, and the turns of phrase of registries in general."""

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.whois import DEFAULT, Score, decoded, scores
from tracker.decoders.whois import Outcome, denial, read, scrubbed
from tracker.model.times import Precision, iso

RECORDED = pytest.mark.skipif(not (DEFAULT / "expected.csv").exists(), reason=f"no recorded replies in {DEFAULT}")

PROSE = """
TERMS OF USE: You are not authorized to access or query our WHOIS database through the use of electronic processes that
are high-volume and automated. If too many queries are received from one address access may be denied, excessive
querying is prohibited, names that are not found here may not be available for registration, and the registry does not
guarantee that the information returned is accurate or that a domain that is not registered can be registered.
"""

NOT_FOUND = (
    'No match for "NOSUCH.EXAMPLE".\n>>> Last update of whois database: 2020-01-01T00:00:00Z <<<',
    "NOT FOUND\nAccess to the information of the registry is provided to assist persons in"
    " determining the contents of a"
    " domain name registration record in the registry database.",
    "Domain not found.",
    "% No entries found for the selected source(s).",
    "%ERROR:101: no entries found\n%\n% No entries found.",
    "Domain: nosuch.example\nStatus: free",
    "Domain:\tnosuch.example\nStatus:\tAVAILABLE",
    "Domain Name: nosuch.example\nDomain Status: No Object Found",
    "domain_name: nosuch.example\nquery_status: 220 Available",
    "Domain nosuch.example is available for purchase",
    "nosuch.example is free",
    "The domain has not been registered.",
    "Domain name nosuch.example (nosuch.example) does not exist in database!",
    "We do not have an entry in our database matching your query.",
    "This Domain is not available in our whois database",
    "No information available about domain name nosuch.example in the registry database.",
    "The queried object does not exist: no matching objects found",
    "No_Se_Encontro_El_Objeto/Object_Not_Found",
    "El dominio no se encuentra registrado",
    "Le domaine nosuch.example n'existe pas",
    "Nincs találat / No match",
    "Домен не найден",
    "该域名未注册",
    "該当するデータがありません。",
    "상기 도메인이름은 등록되어 있지 않습니다.",
    "Available\nDomain: nosuch.example",
    "% This query returned 0 objects.",
)
THROTTLED = (
    "% Excessive querying, grace period of 30 seconds.",
    "Your connection limit exceeded. Please slow down and try again later.",
    "request limit exceeded for 192.0.2.1",
    "WHOIS LIMIT EXCEEDED - SEE THE WEB SITE FOR DETAILS",
    "BLACKLISTED: You have exceeded the query limit for your network or IP address and have been blacklisted.",
    "Number of allowed queries exceeded.",
    "Your access is too fast,please try again later.",
    "Queried interval is too short.",
    "Maximum Daily connection limit reached. Lookup refused.",
    "Too many simultaneous connections from your host",
    "Please go away for 13 Seconds",
    "%% Too many requests...\n%%\n\n%% No entries found in the database.",
    "You have reached the maximum allowed number of lookups. No match for domain.",
    "ERROR: you've exceeded the max number of queries\n\nNOT FOUND",
    "Demasiadas consultas, intente mas tarde.\nNo match for nosuch.example",
    "查询过于频繁，请稍后再试\nno matching record",
    "only 1 request per second allowed, try again later\nnosuch.example is free",
    'Error for "nosuch.example".\n\nThe WHOIS query quota for 192.0.2.1 has been exceeded\nand will'
    " be replenished in 50"
    " seconds.\n\nNo match",
)
REFUSED = (
    "Requests of this client are not permitted. Please use the web form for queries.",
    "% query_status: 440 Request Denied",
    "You have been banned for abuse.",
    "Access denied\nNo match",
    "The WHOIS service is no longer available. Use RDAP.",
)
TROUBLE = (
    "Invalid query",
    "ERROR: invalid domain name",
    "No whois server is known for this kind of object.",
    "Internal server error",
    "Service temporarily unavailable",
    "Tonic whoisd V1.1",
)
REGISTERED = {
    "at": (
        "domain:  rrn.at\nregistrant: AB123-NICAT\nnserver: ns1.host.example\nnserver:"
        " ns2.host.example\nchanged: 20110426"
        " 17:57:27\nsource: AT-DOM\n\npersonname: Jane Doe\nchanged: 20120101 00:00:00\n",
        {"updated_at": "2011-04-26", "servers": 2},
    ),
    "be": (
        "Domain:\trrn.be\nStatus:\tNOT AVAILABLE\nRegistered:\tTue Dec 12 2000\n\nRegistrar"
        " Technical Contacts:\n\tName:\tX"
        "\n\nRegistrar:\n\tName:\t Seller Inc.\n\tWebsite:"
        " https://seller.example\n\nNameservers:\n\tns1.host.example\n",
        {"registered_at": "2000-12-12", "registrar": "Seller Inc.", "servers": 1},
    ),
    "cz": (
        "domain:  rrn.cz\nnsset: NSS:X:1\nregistrar: REG-SELLER\nregistered: 21.07.2000"
        " 15:21:00\nexpire: 22.07.2014\n\n"
        "contact: X\ncreated: 10.10.2011 21:17:08\n\nnsset: NSS:X:1\nnserver: ns1.host.example\ncreated: 06.12.2013\n",
        {"registered_at": "2000-07-21", "expires_at": "2014-07-22", "updated_at": "", "servers": 1},
    ),
    "it": (
        "Domain:  rrn.it\nStatus:  ok\nCreated: 1999-12-10 00:00:00\nLast Update: 2013-05-07 00:54:30\nExpire Date:"
        " 2014-04-21\n\nRegistrant\n  Organization: X\n  Created: 2013-04-21 01:05:35\n\nRegistrar\n"
        "  Organization: Seller"
        " Limited\n  Name: SELLER-REG\n\nNameservers\n  ns1.host.example\n  ns2.host.example\n",
        {"registered_at": "1999-12-10", "expires_at": "2014-04-21", "registrar": "Seller Limited", "servers": 2},
    ),
    "jp": (
        "[ database provides information ]\n\na. [ドメイン名] RRN.CO.JP\np. [ネームサーバ]"
        " ns1.host.example\n[状態] Connected"
        " (2015/03/31)\n[登録年月日] 2001/03/22\n[最終更新] 2014/04/01 01:01:23 (JST)\n",
        {"registered_at": "2001-03-22", "expires_at": "2015-03-31", "updated_at": "2014-03-31", "servers": 1},
    ),
    "my": (
        "a [Domain Name]      rrn.com.my\nc [Record Created]   22-OCT-1998\nd [Record Expired]   22-OCT-2014\n"
        "n [Primary Name Server] SE000\n                        ns1.host.example\n",
        {"registered_at": "1998-10-22", "expires_at": "2014-10-22", "servers": 1},
    ),
    "pl": (
        "DOMAIN NAME:   rrn.pl\nnameservers:   ns1.host.example.\n               ns2.host.example. [45.0.0.1]\ncreated:"
        "       2002.09.19 13:00:00\nrenewal date:  2014.09.18 14:00:00\n\nREGISTRAR:\nSeller, Inc.\n1 Road\n",
        {"registered_at": "2002-09-19", "expires_at": "2014-09-18", "registrar": "Seller, Inc.", "servers": 2},
    ),
    "ru": (
        "domain:   RRN.RU\nnserver:  ns1.host.example.\nstate:    REGISTERED, NOT"
        " DELEGATED\nregistrar: SELLER-RU\ncreated:"
        "  2024-11-18T10:00:00Z\npaid-till: 2025-11-18T21:00:00Z\nfree-date: 2025-12-20\n\nLast"
        " updated on 2024.12.18\n",
        {"registered_at": "2024-11-18", "expires_at": "2025-11-18", "updated_at": "", "registrar": "SELLER-RU"},
    ),
    "sk": (
        "Domain-name      rrn.sk\nTech-name   Jane\ndns_name         ns1.host.example\nLast-update      2013-07-18\n"
        "Valid-date       2014-07-24\nDomain-status    DOM_OK\n",
        {"expires_at": "2014-07-24", "updated_at": "2013-07-18", "servers": 1},
    ),
    "com": (
        "Registrant:\n Jane Doe\n\nDomain name: rrn.com\nRecord last updated on 10-Aug-2013.\nRecord expires on"
        " 14-Sep-2015.\nRecord created on 15-Sep-1997.\n\nDomain servers in listed order:\n   NS1.HOST.EXAMPLE\n",
        {"registered_at": "1997-09-15", "expires_at": "2015-09-14", "updated_at": "2013-08-10", "servers": 1},
    ),
}


@pytest.fixture(scope="module")
def recorded() -> list[Score]:
    """Every scored field of the recorded replies."""
    return list(scores(DEFAULT))


@RECORDED
def test_no_recorded_reply_becomes_a_death_that_did_not_happen(recorded: list[Score]) -> None:
    """No throttled and no registered reply is read as not found; hardly an available one is missed."""
    outcomes = [score for score in recorded if score.field == "outcome"]
    assert [score.case for score in outcomes if score.got == "not_found" != score.wanted] == []
    available = [score.result == "right" for score in outcomes if score.wanted == "not_found"]
    assert sum(available) >= 0.95 * len(available) > 0


@RECORDED
def test_fields_of_recorded_replies(recorded: list[Score]) -> None:
    """At most 1 % of the fields are wrong and at least 85 % of the dates are read; the score is printed per field."""
    fields = [score for score in recorded if score.field != "outcome"]
    for name in dict.fromkeys(score.field for score in fields):
        counts = Counter(score.result for score in fields if score.field == name)
        sys.stdout.write(f"{name}: {dict(counts)}\n")
    dates = [score.result for score in fields if score.field in {"created", "expires", "updated"}]
    assert [score.result for score in fields].count("wrong") <= 0.01 * len(fields)
    assert dates.count("right") >= 0.85 * len(dates) > 0


@RECORDED
def test_scrubbed_replies_read_the_same_and_hold_no_mail_address_of_a_person() -> None:
    """What is kept of a reply gives the same dates and servers again."""
    with (DEFAULT / "expected.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["case"] == "status_registered"]
    for row in rows:
        path = DEFAULT / row["host"] / row["tld"] / f"{row['case']}.txt"
        whole = read(decoded(path.read_bytes()), row["tld"], row["host"]).facts
        kept = scrubbed(decoded(path.read_bytes()))
        again = read(kept, row["tld"], row["host"]).facts
        assert whole is not None
        assert "dns-admin@" not in kept and "@google" not in kept
        if again is not None and whole.registered_at is not None:
            assert again.name_servers == whole.name_servers or not again.name_servers


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(text: str) -> None:
    """A registry that says it has no such name, with and without its terms of use."""
    assert read(text, "example", "whois.example").outcome is Outcome.NOT_FOUND
    assert read(f"{PROSE}\n{text}\n{PROSE}", "example", "whois.example").outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("text", THROTTLED)
def test_throttled(text: str) -> None:
    """Limits outrank whatever the server adds to them."""
    assert read(text, "example", "whois.example").outcome is Outcome.THROTTLED
    assert read(f"{text}\n{PROSE}", "example", "whois.example").outcome is Outcome.THROTTLED


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """A server that will not answer us has said nothing of the name."""
    assert read(text, "example", "whois.example").outcome is Outcome.REFUSED


@pytest.mark.parametrize("text", TROUBLE)
def test_trouble_is_no_answer(text: str) -> None:
    """Errors and banners are neither found nor not found."""
    assert read(text, "example", "whois.example").outcome is Outcome.ERROR


@pytest.mark.parametrize("text", ["", "  \r\n\r\n", "% banner of the registry\n%\n", "\x00"])
def test_silence_is_empty(text: str) -> None:
    """Nothing said is nothing known."""
    reply = read(text, "example", "whois.example")
    assert reply.outcome is Outcome.EMPTY and reply.facts is None


def test_terms_of_use_alone_decide_nothing() -> None:
    """Prose about limits and names that are not found is no answer."""
    assert read(PROSE, "example", "whois.example").outcome in {Outcome.EMPTY, Outcome.ERROR}


@pytest.mark.parametrize("suffix", REGISTERED)
def test_records_of_many_layouts(suffix: str) -> None:
    """Indented, bracketed, columned, sectioned and sentence-like replies: the domain's dates, nobody else's."""
    text, wanted = REGISTERED[suffix]
    reply = read(text, suffix, "whois.example")
    assert reply.outcome is Outcome.FOUND and reply.facts is not None
    for name in ("registered_at", "expires_at", "updated_at"):
        if name in wanted:
            assert iso(getattr(reply.facts, name))[:10] == wanted[name], name
    assert reply.facts.registrar == wanted.get("registrar", reply.facts.registrar)
    assert len(reply.facts.name_servers) == wanted.get("servers", len(reply.facts.name_servers))


def test_a_record_outranks_its_footer() -> None:
    """A registered name whose reply ends with words about limits stays registered."""
    text = REGISTERED["pl"][0] + "\nQuery limit exceeded. Try again later. No match.\n"
    assert read(text, "pl", "whois.example").outcome is Outcome.FOUND


def test_reduced_answers_are_answers() -> None:
    """A server over its limit that still says whether the name exists has answered."""
    text = "% Query rate limit exceeded. Reduced information.\n\n"
    assert read(text + '% No match for domain "nosuch.br"', "br", "x").outcome is Outcome.NOT_FOUND
    assert read(text + "domain: rrn.br\nowner: Somebody", "br", "x").outcome is Outcome.FOUND


@pytest.mark.parametrize(
    "text", ["Reserved by the registry", "Domain is not available or is reserved by the registry."]
)
def test_reserved_names_are_not_free(text: str) -> None:
    """A name that the registry keeps is there, with nobody's dates."""
    reply = read(text, "example", "x")
    assert reply.outcome is Outcome.FOUND and reply.facts is not None
    assert reply.facts.statuses == ("reserved",) and reply.facts.registered_at is None


def test_statuses_are_epp_names_and_ids_are_kept() -> None:
    """Spaced and linked spellings are normalised; IANA id and abuse contact of the registrar are kept."""
    text = (
        "Domain Name: RRN.CX\nRegistrar: Seller\nRegistrar IANA ID: 9001\nRegistrar Abuse Contact"
        " Email: Abuse@Seller.example"
        "\nRegistrar WHOIS Server: whois.seller.example\nDomain Status: CLIENT HOLD\nDomain Status: serverHold"
        " https://icann.org/epp#serverHold\nRegistrant Email: jane@example.org\n"
    )
    facts = read(text, "cx", "x").facts
    assert facts is not None
    assert facts.statuses == ("clientHold", "serverHold")
    assert (facts.registrar_iana_id, facts.abuse_email) == ("9001", "abuse@seller.example")
    assert facts.referral == "whois.seller.example"
    assert "jane" not in scrubbed(text) and "abuse@seller" in scrubbed(text).lower()


def test_precision_says_how_finely_a_date_is_stated() -> None:
    """An instant with a zone is an instant; a bare date, midnight sharp and a time without a zone are days."""
    rows = {
        "2016-02-26T16:49:10Z": Precision.SECOND,
        "2016-02-26": Precision.DAY,
        "2016-02-26T00:00:00Z": Precision.DAY,
        "2016-02-26 16:49:10": Precision.DAY,
        "before Aug-1996": Precision.UNKNOWN,
    }
    for stated, precision in rows.items():
        facts = read(f"Domain Name: rrn.cx\nCreation Date: {stated}\nName Server: ns1.host.example\n", "cx", "x").facts
        assert facts is not None and facts.registered_at is not None
        assert facts.precisions == {"registered_at": precision}
        assert facts.registered_at.tzinfo is not None


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from([line for text, _ in REGISTERED.values() for line in text.splitlines()]),
            st.sampled_from(
                [*NOT_FOUND, *THROTTLED, "Registrar:", "  Name: x", "[Domain]", "\t\t", "nserver: " + "a." * 200]
            ),
        ),
        max_size=25,
    ),
    st.sampled_from(["fr", "com", "us", "", "xn--p1ai", "co.uk", "..", "jp"]),
)
def test_it_never_raises(lines: list[str], suffix: str) -> None:
    """Whatever a server sends is read; facts come with FOUND and only then."""
    reply = read("\n".join(lines), suffix, "whois.example")
    assert (reply.facts is not None) == (reply.outcome is Outcome.FOUND)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_never_become_an_absence(body: bytes) -> None:
    """Garbage is empty or an error."""
    assume(b"found" not in body.lower())  # "no found" is what some registries say
    assert read(body.decode("latin-1"), "com", "x").outcome is not Outcome.NOT_FOUND


def test_long_lines_and_long_replies_take_no_time() -> None:
    """A megabyte of one line, or of many, is read at once and not as an absence."""
    for text in ("a" * 1_000_000, "no " * 300_000, "x: y\n" * 200_000, ". " * 400_000, "domain " * 100_000):
        assert read(text, "com", "x").outcome is not Outcome.NOT_FOUND


def test_the_folder_of_the_benchmark_is_beside_the_repository() -> None:
    """The recorded replies are read where they lie and never copied."""
    assert DEFAULT.parts[-3:] == ("shared", "data", "whois")
    assert Path("tests").resolve() not in DEFAULT.parents


@pytest.mark.parametrize("text", NOT_FOUND)
def test_a_denial_has_words_to_show(text: str) -> None:
    """The line that denies the name is kept as it was sent, and neither prose nor who asked."""
    kept = denial(f"% You asked from 192.0.2.7\n{PROSE}\n{text}\n{PROSE}")
    assert kept and set(kept.splitlines()) <= {line.rstrip() for line in text.splitlines()}


@RECORDED
def test_every_recorded_denial_has_words_to_show() -> None:
    """So of all that registries really send."""
    with (DEFAULT / "expected.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["outcome"] == "not_found"]
    paths = [DEFAULT / row["host"] / row["tld"] / f"{row['case']}.txt" for row in rows]
    assert [str(path) for path in paths if not denial(decoded(path.read_bytes()))] == []


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("net", Outcome.NOT_FOUND), ("co.com", Outcome.NOT_FOUND), ("ge", Outcome.ERROR), ("dotcom", Outcome.ERROR)],
)
def test_a_registry_that_does_not_serve_the_suffix_denies_nothing(suffix: str, kind: Outcome) -> None:
    """Verisign's server says `No match` to any name, and which suffixes it knows."""
    text = 'No match for "NIC.X".\n\nThe Registry database contains ONLY .COM, .NET, .EDU domains and\nRegistrars.\n'
    assert read(text, suffix, "whois.internic.net").outcome is kind
