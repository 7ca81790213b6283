"""Dialects of registries nobody has recorded for us: general rules must read them, or say that they cannot."""

import pytest

from tracker.decoders.whois import Outcome, read
from tracker.model.times import iso

FREE = (
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
