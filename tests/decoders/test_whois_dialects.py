"""Dialects of registries nobody has recorded for us: general rules must read them, or say that they cannot."""

import pytest

from tracker.decoders.whois import Outcome, read
from tracker.model.times import iso

FREE = (
    "Domain name NOSUCH.EXAMPLE has no matches",
    "Sorry - no nosuch.example",
    "No existen datos para ese dominio",
    "El dominio no fue encontrado.",
    "% Registrant data are shown by the web-based whois service of the registry\n\n% No entries found.",
    "Domain nosuch.example unknown",
    "The domain name nosuch.example is not registered",
    "No such domain: nosuch.example",
    "# Object not found",
    "Domain nosuch.example - Available",
    "Yes, the domain nosuch.example is available",
    "Domain Name: nosuch.example\nStatus: can be registered",
    "El dominio nosuch.example está disponible para registro",
    "Dominio nosuch.example disponible",
    "No hay resultados",
    "O domínio nosuch.example está livre",
    "Ce domaine est libre",
    "Domaine nosuch.example inexistant",
    "Die Domain ist frei",
    "Domena je slobodna",
    "Domænet er ledigt",
    "Verkkotunnus on vapaa",
    "A domain szabad",
    "domēns ir brīvs",
    "Domeniul nu este înregistrat",
    "Domain belum terdaftar",
    "Tên miền chưa đăng ký",
    "Домен вільний",
    "该域名可以注册",
    "Unable to find the domain nosuch.example",
    "nosuch.example: no data",
    "domain nosuch.example has no entry",
    "0 results found",
    "Invalid query or domain name not known in the Domain Registry",
    "Domena nosuch.example nie została znaleziona",
    "Το όνομα χώρου δεν βρέθηκε",
    "Verkkotunnusta nosuch.example ei löydy",
    "% La base se consulta con la sola finalidad de operar el registro\nEl dominio no se encuentra registrado",
)
UNWILLING = (
    "Sie haben das Abfragelimit erreicht. Bitte versuchen Sie es später erneut.\nDomain nicht gefunden",
    "Vous avez dépassé le nombre de requêtes autorisé.",
    "Hai superato il numero massimo di interrogazioni.",
    "U heeft het maximum aantal opvragingen bereikt.",
    "Du har överskridit gränsen för antal förfrågningar.",
    "Przekroczono limit zapytań. Domena nie istnieje.",
    "Překročen limit dotazů, zkuste to později.",
    "Sorgu limitiniz aşıldı, lütfen daha sonra tekrar deneyiniz.",
    "Перевищено ліміт запитів",
    "查询过于频繁",
    "Exceeded allowable lookups per hour; the address has been queued.",
    "% Query rate limit exceeded. Reduced information.",
    "%ERROR:305: connections from this host have been limited\n% no entries found",
    "Your query quota is depleted\nNot found",
    "Hourly allowance used up",
    "No more queries allowed from your network today",
)
BARRED = (
    "Please use https://registry.example/whois instead.\nNo match",
    "This service is discontinued. Please use RDAP at https://rdap.example/.\nNo match for nosuch.example",
    "Use our web-based WHOIS at https://registry.example/whois\nDomain not found",
    "Access to the WHOIS has been blocked.\nNo entries found",
    "Domain not found\nNot authorized",
    "This server accepts queries from registrars only",
    "Access to whois has been suspended for your network\nNo match",
    "Anonymous queries are not accepted",
    "Your subscription does not permit this query",
    "WHOIS service disabled\nNo entries found",
    "Blocked. Your IP address was added to our blacklist.",
    "Access is opened on request, one address per organisation and after the form has been filled in and signed.\n"
    "The IP address used to ask this question is not authorised; see the conditions of the service on the web site.",
)
SOMETHING_ELSE_MISSING = (
    "Whois server not found",
    "TLD not found in database",
    "Can not find whois server for domain",
    "Unable to find a whois server for this domain",
    "No data available, database is down",
    "no data returned from backend",
    "Domain names are available for registration at our partners",
    "Register your domain, it is free",
    "You are not registered",
    "client not registered",
    "Your IP is not registered for access",
    "You are not in our database",
    "unauthorised client: not found in access list",
    "Your address was not found in the whitelist",
    "IP not found in whitelist",
    "% No match for your IP in access control list",
    "Authentication key not found",
    "The registrar is not registered",
    "no entries found in cache; backend timeout",
    "Search disabled: no results found",
    "404 Not Found",
    "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>",
    "domain_name: nosuch.example\nquery_status: 500 Invalid characters in query string",
)
KEPT = (
    "The queried object does not exist: This name is reserved by the Registry",
    "Domain not found. This name is reserved.",
    "The requested domain was restricted",
    "Not available",
    "El dominio nosuch.example no está disponible",
    "nosuch.example is already registered",
    "Domain name nosuch.example is busy",
    "dominio registrado",
    "Status: registered",
)
LIMITED = (
    "You have exceeded allowed connection rate.",
    "Query rate of 60 queries per hour exceeded",
    "ERROR:905: fair use exceeded",
    "You have run out of queries for today",
    "% The number of queries you have made has passed our limit",
    "Query limitation is 10 per minute",
    "Your host has made more than 100 queries in the last hour",
    "exceeded max connections",
    "The server is temporarily overloaded. Please retry in a few minutes.",
    "Superato il numero massimo di richieste",
    "Se ha superado el limite de consultas diarias\nNo match",
    "Limite de requêtes atteinte",
)
RECORDS = {
    "the numbered lines of a form": (
        "co.za",
        "Accounting info....\n  Date    |Type|  Cost |\n\n0a. lastupdate   :\n1a. domain       : rrn.co.za\n"
        "1c. Registrar    : Seller\n2a. registrant   : REDACTED\n3e. creationdate : 2001/06/25 22:37:59\n"
        "6a. primnsfqdn   : ns1.host.example\n6b. primnsip     :\n6e. secns1fqdn   : ns2.host.example\n",
        {"registered_at": "2001-06-25", "registrar": "Seller", "servers": 2},
    ),
    "a server that is the name itself, with its address": (
        "com.tw",
        "Domain Name: rrn.com.tw\n   Record created on 1997-05-01 (YYYY-MM-DD)\n\n   Domain servers in listed order:\n"
        "      rrn.com.tw       45.0.0.1 \n",
        {"registered_at": "1997-05-01", "servers": 1},
    ),
    "columns whose widest key leaves one space only": (
        "sk",
        "Domain-name      rrn.sk\nAdmin-id         X-1\nAdmin-legal-form organization\nAdmin-address    1 Road\n"
        "dns_name         ns1.host.example\nLast-update      2013-07-18\nValid-date       2014-07-24\n",
        {"updated_at": "2013-07-18", "expires_at": "2014-07-24", "servers": 1},
    ),
    "short sentences one below the other, each with its own date": (
        "ws",
        "Domain Name: RRN.WS\n\nDomain created on 2002-03-03\nDomain last updated on 2014-02-02\nDomain expires on"
        " 2015-03-03\n\nName servers:\n\n  ns1.host.example\n",
        {"registered_at": "2002-03-03", "updated_at": "2014-02-02", "expires_at": "2015-03-03", "servers": 1},
    ),
    "a heading of which the lines speak of other things": (
        "com",
        "Domain Name: RRN.COM\n\nRecord created\n  Expires on 2015-03-03\n  Created on 2002-03-03\n",
        {"registered_at": "2002-03-03"},
    ),
    "columns, then a list of servers with their addresses": (
        "com",
        "Domain Name    rrn.com\nCreated        2013-07-18\nServers in listed order:\nNS1.HOST.EXAMPLE   45.0.0.1\n"
        "NS2.HOST.EXAMPLE   45.0.0.2\n",
        {"registered_at": "2013-07-18", "servers": 2},
    ),
    "a field left empty before a heading": (
        "tn",
        "Domain name.........: rrn.tn\nCreation date.......: 14-05-2009 00:00:00 GMT+1\n\nOwner Contact\n"
        "Name................: X\nCity................:\n\nDNS servers\nName................: ns1.host.example\n"
        "Name................: ns2.host.example\n",
        {"registered_at": "2009-05-14", "servers": 2},
    ),
    "sentences with a time in them": (
        "kg",
        "Domain RRN.KG (ACTIVE)\n\nRecord created: Tue Feb 10 09:46:20 2004\nRecord last updated on  Mon Mar  3"
        " 15:56:10 2014\nRecord expires on Sat Mar 28 23:59:00 2015\n\nName servers in the listed order:\n\n"
        "NS1.HOST.EXAMPLE\n",
        {"registered_at": "2004-02-10", "updated_at": "2014-03-03", "expires_at": "2015-03-28", "servers": 1},
    ),
    "an ordinal date with a time under a heading": (
        "gg",
        "Domain:\n     rrn.gg\n\nRelevant dates:\n     Registered on 30th April 2003 at 10:00:00.000\n"
        "     Registry fee due on 30th April each year\n\nName servers:\n     ns1.host.example\n",
        {"registered_at": "2003-04-30", "expires_at": "", "servers": 1},
    ),
    "the end beside the last renewal": (
        "th",
        "Domain Name:    RRN.CO.TH\nCreated date:   08 Apr 1999\nRenew date:   08 Apr 2013\n"
        "Exp date:       07 Apr 2014\nName Server: ns1.host.example\n",
        {"registered_at": "1999-04-08", "expires_at": "2014-04-07", "servers": 1},
    ),
    "a renewal where nothing else states the end": (
        "pl",
        "DOMAIN NAME: rrn.pl\ncreated: 2002.09.19 13:00:00\nrenewal date: 2014.09.18 14:00:00\n",
        {"registered_at": "2002-09-19", "expires_at": "2014-09-18"},
    ),
    "placeholders beside servers": (
        "uz",
        "Domain Name: RRN.UZ\n   Name Server: ns1.host.example.  not.defined.\n   Name Server: not.defined.\n"
        "   Creation Date: 13-apr-2006\n",
        {"registered_at": "2006-04-13", "servers": 1},
    ),
    "hosts that begin with the name, described before it": (
        "net",
        "   Server Name: RRN.NET.SOMEBODY.EXAMPLE\n   IP Address: 45.0.0.1\n\n   Domain Name: RRN.NET\n"
        "   Name Server: NS1.HOST.EXAMPLE\n   Creation Date: 01-jan-1997\n",
        {"registered_at": "1997-01-01", "servers": 1},
    ),
    "a misspelt registrar with its handle": (
        "am",
        "   Domain name: rrn.am\n   Registar:    Seller Inc. R45-ME\n   Registered:    1999-06-05\n"
        "   Last modified: 2013-02-13\n   Expires:       2014-04-15\n",
        {"registrar": "Seller Inc.", "registered_at": "1999-06-05", "expires_at": "2014-04-15"},
    ),
    "dots before and after the key": (
        "tg",
        "Domain:......................rrn.tg\nRegistrar:...................Seller\nActivation:..................2003-01-01\n"
        "Expiration:..................2014-12-31\nName Server (DB):............ns1.host.example\n",
        {"registrar": "Seller", "registered_at": "2003-01-01", "expires_at": "2014-12-31", "servers": 1},
    ),
    "declared order against the habit of the country": (
        "xn--p1ai",
        "% date format: MM/DD/YYYY\nDomain: rrn.xn--p1ai\nCreated: 03/04/2010\nNS: ns1.host.example\n",
        {"registered_at": "2010-03-04", "servers": 1},
    ),
}


@pytest.mark.parametrize("text", FREE)
def test_ways_to_say_that_a_name_is_free(text: str) -> None:
    """Word order, language and politeness differ; the statement is the same."""
    assert read(text, "example", "whois.example").outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("text", SOMETHING_ELSE_MISSING)
def test_something_else_is_missing_not_the_name(text: str) -> None:
    """A server, a right or the asker that is `not found` must never end a name's life."""
    assert read(text, "example", "whois.example").outcome not in {Outcome.NOT_FOUND, Outcome.FOUND}


@pytest.mark.parametrize("text", KEPT)
def test_kept_and_taken_names_are_there(text: str) -> None:
    """Reserved, restricted and taken names are no absence, also when the registry has no record to show."""
    assert read(text, "example", "whois.example").outcome is Outcome.FOUND


@pytest.mark.parametrize("text", LIMITED)
def test_ways_to_say_that_we_ask_too_much(text: str) -> None:
    """Limits in words nobody has recorded."""
    assert read(text, "example", "whois.example").outcome is Outcome.THROTTLED


@pytest.mark.parametrize("layout", RECORDS)
def test_records_in_layouts_nobody_has_recorded(layout: str) -> None:
    """The dates, servers and registrar of the domain, and of nobody else."""
    suffix, text, wanted = RECORDS[layout]
    reply = read(text, suffix, "whois.example")
    assert reply.outcome is Outcome.FOUND and reply.facts is not None
    for name in ("registered_at", "expires_at", "updated_at"):
        if name in wanted:
            assert iso(getattr(reply.facts, name))[:10] == wanted[name], name
    assert reply.facts.registrar == wanted.get("registrar", reply.facts.registrar)
    assert len(reply.facts.name_servers) == wanted.get("servers", len(reply.facts.name_servers))


@pytest.mark.parametrize("text", UNWILLING)
def test_a_limit_is_understood_in_whatever_language_and_outranks_what_is_said_of_the_name(text: str) -> None:
    assert read(text, "example", "whois.example").outcome is Outcome.THROTTLED


@pytest.mark.parametrize("text", BARRED)
def test_what_is_said_of_the_asker_is_not_said_of_the_name(text: str) -> None:
    assert read(text, "example", "whois.example").outcome is Outcome.REFUSED


def test_a_column_with_the_name_of_a_field_is_no_text_below_the_greeting() -> None:
    text = """
Welcome to the registry

-- WHOIS --

Domain Name                 taken.example
Updated Date                2023-04-12T20:42:31Z
Creation Date               2002-05-27T16:00:00Z
Registrar                   Some Registrar
Name Server                 ns1.host.example
"""
    facts = read(text, "example", "whois.example").facts
    assert facts is not None
    assert (facts.registrar, facts.name_servers) == ("Some Registrar", ("ns1.host.example",))
    assert facts.updated_at is not None and iso(facts.updated_at) == "2023-04-12T20:42:31Z"


def test_servers_may_be_listed_as_names_under_a_heading_inside_a_block() -> None:
    text = "Domain name: taken.example\nOwner\nName: Somebody\nDNS servers\nName: ns1.host.example.\n"
    text += "Name: ns2.host.example."
    facts = read(text, "example", "whois.example").facts
    assert facts is not None and facts.name_servers == ("ns1.host.example", "ns2.host.example")


def test_a_birth_noted_among_the_changes_is_the_birth() -> None:
    text = """domain: taken.example
nserver: ns1.host.example
changed: hostmaster AT registry.example 19990605 (Assigned)
changed: hostmaster AT registry.example 20120821 (Changed)

person: Somebody
changed: hostmaster AT registry.example 19980101 (Assigned)
"""
    facts = read(text, "example", "whois.example").facts
    assert facts is not None and facts.registered_at is not None and facts.updated_at is not None
    assert (facts.registered_at.date().isoformat(), facts.updated_at.date().isoformat()) == ("1999-06-05", "2012-08-21")


@pytest.mark.parametrize(
    ("text", "born", "until"),
    [
        ("Domena: taken.example\nutworzona: 3 maja 2012\nwygasa: 4 sierpnia 2025", "2012-05-03", "2025-08-04"),
        ("Doména: taken.example\nVytvořeno: 3. ledna 2012\nVyprší: 4. prosince 2025", "2012-01-03", "2025-12-04"),
        (
            "Verkkotunnus: taken.example\nLuotu: 3. tammikuuta 2012\nVanhenee: 4. elokuuta 2025",
            "2012-01-03",
            "2025-08-04",
        ),
        (
            "Nama Domain: taken.example\nTanggal Dibuat: 3 Maret 2012\nBerakhir: 4 Desember 2025",
            "2012-03-03",
            "2025-12-04",
        ),
        (
            "Όνομα χώρου: taken.example\nΗμερομηνία δημιουργίας: 23/01/2012\nΗμερομηνία λήξης: 24/01/2025",
            "2012-01-23",
            "2025-01-24",
        ),
    ],
)
def test_dates_are_read_under_the_words_of_many_languages(text: str, born: str, until: str) -> None:
    facts = read(text, "example", "whois.example").facts
    assert facts is not None and facts.registered_at is not None and facts.expires_at is not None
    assert (facts.registered_at.date().isoformat(), facts.expires_at.date().isoformat()) == (born, until)


@pytest.mark.parametrize(
    "trouble", ["Service temporarily unavailable", "500 internal server error", "database timeout"]
)
def test_a_server_in_trouble_says_nothing_of_a_name(trouble: str) -> None:
    for text in (f"{trouble}\nDomain not found", f"Domain not found\n{trouble}"):
        assert read(text, "example", "whois.example").outcome is Outcome.ERROR


def test_terms_that_threaten_are_no_refusal() -> None:
    text = "Domain: nosuch.example\nStatus: Not Registered\n\nAccess may be withdrawn or restricted at any time."
    text += "\nIf abuse is detected queries may not be accepted."
    assert read(text, "example", "whois.example").outcome is Outcome.NOT_FOUND
