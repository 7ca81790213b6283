"""One story for the linking tests: six own brands and two outlets are seized, five brands return, strangers do not."""

from collections.abc import Mapping, Sequence

from tests.analysis.histories import Story, at
from tracker.model.watching import Cohort

ACTION = "seizure-1"
DAY = "2024-03-10"
OWN = ("redfinch.press", "quillmoss.us", "tarnhelm.info", "ovenbird.media", "larkspurs.net", "dimgrove.com")
IMITATED = ("globe.ltd", "herald.top")
BACK = {
    "redfinch.so": "2024-03-11T09:10",
    "quillmoss.cc": "2024-03-11T13:40",
    "tarnhelm.pw": "2024-03-11T16:05",
    "ovenbird.to": "2024-03-11T20:30",
    "larkspurs.org": "2024-03-12T05:15",
}
NO_REGISTRATION = ("to",)
SUFFIXES = (
    "press",
    "us",
    "info",
    "media",
    "net",
    "com",
    "ltd",
    "top",
    "so",
    "cc",
    "pw",
    "to",
    "org",
    "online",
    "xyz",
    "de",
    "fr",
)
STRANGERS = tuple(
    f"{label}.{suffix}"
    for label, suffixes in (
        ("globe", ("com", "net", "org", "de", "fr", "online", "us", "info")),
        ("herald", ("com", "net", "org", "de", "us", "info", "xyz")),
        ("redfinch", ("com",)),
        ("quillmoss", ("net",)),
        ("dimgrove", ("de",)),
    )
    for suffix in suffixes
)
SIBLING = "tarnhelm.online"
COPYCAT = "ovenbird.xyz"
CHANCER = "globe.xyz"
HOSTERS = ("harbour.example", "meadow.example", "quarry.example", "summit.example", "willow.example")


def key(name: str) -> str:
    """The watch of a predecessor."""
    return f"predecessor:{name}"


def watch_of(name: str) -> str:
    """The key of the watch whose label the name carries."""
    return next(key(own) for own in (*OWN, *IMITATED) if own.partition(".")[0] == name.partition(".")[0])


def registered(
    tale: Story, name: str, born: str, seen: Sequence[str], registrar: str, host: str, watch: str = ""
) -> None:
    """A name registered at `born` and then found: sighting, delegation, registration data where there are any."""
    tale.sight(watch or watch_of(name), name, seen[0])
    tale.look(name, "delegation", seen, ns=(f"ns1.{host}", f"ns2.{host}"))
    if name.rpartition(".")[2] not in NO_REGISTRATION:
        tale.look(name, "registration", seen, registered_at=f"{at(born).isoformat()}", registrar=registrar, via="rdap")


def sweeps(tale: Story, days: Sequence[str], births: dict[str, str]) -> None:
    """Ask all labels under all suffixes on each of the instants; names born before are there."""
    labels = [name.partition(".")[0] for name in (*OWN, *IMITATED)]
    for day in days:
        there = [name for name, born in births.items() if at(born) <= at(day)]
        tale.sweep(day, labels, SUFFIXES, present=(*OWN, *IMITATED, *there))


def story(
    as_of: str = "2024-04-20",
    back: Mapping[str, str] = BACK,
    lair: str = "lair.example",
    refuge: str = "",
    copycat_host: str = "quarry.example",
) -> Story:
    """The whole tale. `back`: the replacements and their births; `lair`: who hosted the seized names, and hosts the
    replacements unless they moved to a `refuge`; `copycat_host`: where the stranger with a watched label is."""
    tale = Story(as_of=at(as_of))
    for name in OWN:
        tale.predecessor(name, "2024-03-01")
    for name in IMITATED:
        tale.predecessor(name, "2024-03-01", Cohort.IMITATED)
    tale.action(ACTION, DAY)
    tale.taken(ACTION, *OWN, *IMITATED)
    for name in OWN:
        tale.look(name, "delegation", ("2024-03-01", "2024-03-09"), ns=(f"ns1.{lair}", f"ns2.{lair}"))
        tale.look(name, "delegation", ("2024-03-11", "2024-04-01"), ns=("ns1.fbi.seized.gov", "ns2.fbi.seized.gov"))
    for name in IMITATED:
        tale.look(name, "delegation", ("2024-03-01", "2024-03-09"), ns=("ns1.den.example",))
    births: dict[str, str] = {}
    for place, name in enumerate(STRANGERS):
        born = f"20{10 + place % 12}-05-0{1 + place % 8}"
        registered(tale, name, born, ("2024-03-01", "2024-04-01"), f"Seller {place % 6} Ltd", HOSTERS[place % 5])
        births[name] = born
    registered(tale, SIBLING, "2023-12-01", ("2024-03-01", "2024-04-01"), "Harbour Names Inc.", lair)
    births[SIBLING] = "2023-12-01"
    for name, born in back.items():
        found = at(born).replace(minute=0).strftime("%Y-%m-%dT%H:45")
        registered(tale, name, born, (found, "2024-04-01"), "Bargain Names, LLC", refuge or lair)
        tale.logged(watch_of(name), name, found)
        births[name] = born
    registered(tale, COPYCAT, "2024-03-12T11:00", ("2024-03-12T12:45", "2024-04-01"), "Seller 1 Ltd", copycat_host)
    registered(tale, CHANCER, "2024-03-11T15:00", ("2024-03-11T18:45", "2024-04-01"), "Seller 2 Ltd", "willow.example")
    births |= {COPYCAT: "2024-03-12T11:00", CHANCER: "2024-03-11T15:00"}
    days = [f"2024-03-{day:02d}" for day in range(1, 11)]
    hours = [f"2024-03-{day}T{hour:02d}:30" for day in (11, 12) for hour in range(0, 24, 1)]
    sweeps(tale, [*days, *hours, *(f"2024-03-{day}" for day in range(13, 31))], births)
    return tale
