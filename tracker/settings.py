"""Every knob, with unit and default; `configuring` reads them once from `tracker.toml` and the environment."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit


def knob(default: Any, doc: str, *, secret: bool = False) -> Any:
    """A setting with its default and one sentence that says what it does and in which unit.

    A `secret` comes by the environment or a file of its own; a settings file that holds it is refused.
    """
    return field(default=default, metadata={"doc": doc, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Database:
    """Where the log lives."""

    url: str = knob("tracker.db", "SQLite file, or postgresql:// URL without its password")
    password: str = knob("", "password of the PostgreSQL user, where the URL has none", secret=True)

    @property
    def address(self) -> str:
        """What to connect to: the URL with the password. Never for people; that is `shown`."""
        parts = urlsplit(self.url)
        if not self.password or "://" not in self.url or parts.password is not None:
            return self.url
        user, _, host = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user}:{quote(self.password, safe='')}@{host}").geturl()

    @property
    def shown(self) -> str:
        """The URL without any password."""
        return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1@", self.url)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who looks, from where. Servers are told who asks them."""

    contact: str = knob("", "e-mail or https URL put into the User-Agent; without it no CT log is read")
    vantage: str = knob("here", "name of this point of view in every observation")
    ca_file: str = knob(
        "", "PEM file of authorities trusted beside the system's, for RDAP, logs and lists; empty = none"
    )


@dataclass(frozen=True, slots=True)
class Lists:
    """What is watched."""

    watchlists: tuple[str, ...] = knob(
        ("bundled:doj-2024-09-04", "bundled:brands"),
        "lists: bundled:NAME, a file or an https URL for watchlists; KIND:FILE or KIND:URL for what others publish",
    )
    poll_minutes: int = knob(60, "minutes between two polls of a list")
    new_names: tuple[str, ...] = knob(
        (), "https URLs of newly registered names, one a line; their name servers are compared with known names' daily"
    )
    match_bits: float = knob(12.0, "least bits by which a name in a certificate or list must resemble a watched one")
    controls: float = knob(0.25, "control labels per watched label, to measure chance; 0 = none")


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Asking labels under suffixes."""

    suffixes: str = knob("frequent", "`frequent`, `all`, or a file with one suffix a line: what is swept often")
    weekly_all: bool = knob(True, "whether all public suffixes are swept at baseline and weekly")
    edits: int = knob(200, "lookalikes per label asked daily; 0 = none")


@dataclass(frozen=True, slots=True)
class Dns:
    """Questions to the parents' servers."""

    roots: tuple[str, ...] = knob(
        ("198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "193.0.14.129"),
        "addresses of root servers to start from",
    )
    rate: float = knob(10.0, "questions per second to one set of servers, whatever number of suffixes it serves")
    global_rate: float = knob(500.0, "questions per second to all servers together")
    in_flight: int = knob(1000, "questions under way at once")
    timeout: float = knob(2.0, "seconds to wait for one reply")
    tries: int = knob(4, "attempts per name before it is indeterminate")
    resolver: str = knob(
        "", "ADDR or ADDR:PORT of a recursive resolver asked where the parents leave a doubt; empty = none"
    )


@dataclass(frozen=True, slots=True)
class Registration:
    """RDAP and WHOIS."""

    bootstrap_url: str = knob("https://data.iana.org/rdap/dns.json", "RDAP bootstrap file, read daily")
    unlisted: bool = knob(True, "whether RDAP servers that IANA's file lacks, from the shipped table, are asked too")
    registrar: bool = knob(True, "whether a registrar's RDAP is asked once for what its registry leaves out")
    iana_whois: str = knob("whois.iana.org", "WHOIS server that names the servers of other suffixes; empty = none")
    rate: float = knob(1.0, "questions per second to one RDAP or WHOIS server")
    timeout: float = knob(20.0, "seconds for one whole answer")
    keep_found: int = knob(
        24, "hours before a registered name is asked about again, unless it was taken down meanwhile"
    )
    keep_absent: int = knob(1, "hours before a name that was not registered is asked about again, 1 to 6")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificate transparency."""

    enabled: bool = knob(True, "whether CT logs are read")
    log_list_url: str = knob(
        "https://www.gstatic.com/ct/log_list/v3/log_list.json",
        "the v3 log list, read daily; logs of your own: a list at a private address, whose logs are at that address",
    )
    rate: float = knob(2.0, "requests per second to one log")
    every_minutes: int = knob(5, "minutes between two reads of a log's head")
    reading: str = knob(
        "names", "`names`: read what entries name, fetch and prove those that match; `data`: read and prove every entry"
    )
    operators: tuple[str, ...] = knob(
        ("Let's Encrypt", "Google", "Geomys"),
        "operators whose logs are followed, by part of their name; empty = every tiled log in the list",
    )
    logs: tuple[str, ...] = knob((), "substrings of log URLs to follow in place of `operators`")
    readers: int = knob(1, "readers that divide the logs among themselves, each log to one; 1 to 16")
    catch_up: int = knob(20_000, "entries read back from the head when a log is met for the first time")
    partial_patience: int = knob(600, "seconds that a partial tile may wait to become full before it is read as it is")
    certstream: str = knob(
        "", "ws:// or wss:// address of a certstream server that you run, heard beside the logs; empty = none"
    )
    crtsh_url: str = knob("https://crt.sh", "where `tracker lookback --crtsh` asks for first certificates")


@dataclass(frozen=True, slots=True)
class Pages:
    """Fetching pages tells the operator that somebody looks."""

    every_hours: int = knob(6, "shortest time in hours between two visits of a page; never less than 6")
    enabled: bool = knob(False, "whether front pages of candidates, predecessors and protected brands are fetched")
    user_agent: str = knob(
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "User-Agent for pages"
    )
    proxy: str = knob("", "http://HOST:PORT or socks5://HOST:PORT through which candidates are visited; empty = none")
    outlet_ids: tuple[str, ...] = knob(
        (), "accounts of imitated outlets as `service:id`: copied pages keep them, so they are reported apart"
    )
    certificates: bool = knob(True, "whether a TLS handshake reads the certificate of a name that resolves")


@dataclass(frozen=True, slots=True)
class Judging:
    """From evidence to verdicts."""

    derive_minutes: int = knob(15, "minutes between two derivations of the views while facts arrive")
    name_servers: str = knob("", "TOML file with name-server rules of your own, see docs/dns.md; empty = none")


@dataclass(frozen=True, slots=True)
class Publishing:
    """Reports and exports."""

    directory: str = knob("reports", "folder that the weekly report and data package are written to; empty = none")
    published: str = knob(
        "",
        "CSV of figures that others published, drawn beside ours, see docs/howto-weekly.md; empty = the bundled ones",
    )
    captures: tuple[str, ...] = knob(
        (), "addresses of captures or archives put into evidence files, `{name}` for the name; never opened"
    )


@dataclass(frozen=True, slots=True)
class Notifications:
    """Messages when a replacement becomes likely, a watched name dies or returns, or the watch goes blind."""

    urls: tuple[str, ...] = knob(
        (), "where messages go, as apprise URLs (mail, Slack, Matrix, webhook); empty = none", secret=True
    )
    muted: tuple[str, ...] = knob((), "kinds that are not sent: `replacement`, `death`, `return`, `blind`")
    every_minutes: int = knob(15, "minutes between two messages to one place: what happens meanwhile travels together")
    tlp: str = knob(
        "TLP:AMBER", "most restricted TLP whose names are sent; names under a stricter one are counted only"
    )


@dataclass(frozen=True, slots=True)
class Daemon:
    """The clockwork."""

    tick_seconds: int = knob(60, "seconds between two looks at what is due")
    listen: str = knob("", "HOST:PORT for /healthz and /metrics, `:PORT` on loopback; empty = no listener")
    log_format: str = knob("text", "`text` or `json` lines on stderr")
    canary: str = knob(
        "example.com", "a domain that exists for sure: seen daily beside one that cannot, to prove sight; empty = none"
    )


@dataclass(frozen=True, slots=True)
class Retention:
    """How long raw replies are kept. What they said, when and by whom stays in the log for good."""

    days: int = knob(730, "days that the body of a raw reply is kept; 0 = for ever")
    megabytes: int = knob(5000, "room for the bodies of raw replies, the oldest go first; 0 = no limit")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    database: Database = Database()
    identity: Identity = Identity()
    lists: Lists = Lists()
    sweeps: Sweeps = Sweeps()
    dns: Dns = Dns()
    registration: Registration = Registration()
    certificates: Certificates = Certificates()
    pages: Pages = Pages()
    judging: Judging = Judging()
    publishing: Publishing = Publishing()
    notifications: Notifications = Notifications()
    daemon: Daemon = Daemon()
    retention: Retention = Retention()


def probes(settings: Settings) -> tuple[str, ...]:
    """Ids of the probes that are switched on, in the order in which they look."""
    found = ["delegation", "addresses", "registration"]
    found += ["certificate"] if settings.pages.certificates else []
    found += ["page"] if settings.pages.enabled else []
    return tuple(found)
