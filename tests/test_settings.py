"""Settings: every mistake is refused with its line, the environment wins, what is written reads back."""

from dataclasses import fields, replace
from pathlib import Path
from textwrap import dedent

import pytest

from tracker.configuring import SettingsError, as_toml, find, load
from tracker.settings import Database, Dns, Lists, Notifications, Pages, Settings, probes


def read(folder: Path, text: str, **environment: str) -> Settings:
    """Settings from a file with this text."""
    file = folder / "tracker.toml"
    file.write_text(dedent(text), encoding="utf-8")
    return load(file, environment)


def refusal(folder: Path, text: str, **environment: str) -> str:
    """The message with which a file is refused, without the folder."""
    with pytest.raises(SettingsError) as failure:
        read(folder, text, **environment)
    return str(failure.value).removeprefix(f"{folder}/")


def test_without_a_file_all_is_default() -> None:
    """No file and no variable: the program runs on its defaults."""
    assert load(None, {}) == Settings()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    """Texts, numbers, truths and lists; a whole number does for a fraction."""
    found = read(
        tmp_path,
        """
        [lists]
        watchlists = ["mine.toml"]
        controls = 1
        [pages]
        enabled = true
        """,
    )
    assert found == Settings(lists=Lists(watchlists=("mine.toml",), controls=1.0), pages=Pages(enabled=True))
    assert isinstance(found.lists.controls, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lists]\n[sweps]\nedits = 1\n", "tracker.toml:2: unknown section [sweps]; there are database,"),
        ("[lists]\n\npol_minutes = 5\n", "tracker.toml:3: unknown setting lists.pol_minutes; there are watchlists,"),
        ("[lists]\npoll_minutes = '5'\n", "tracker.toml:2: lists.poll_minutes wants a whole number, not '5'"),
        ("[lists]\npoll_minutes = 5.5\n", "tracker.toml:2: lists.poll_minutes wants a whole number, not 5.5"),
        ("[lists]\npoll_minutes = true\n", "tracker.toml:2: lists.poll_minutes wants a whole number, not True"),
        ("[lists]\nwatchlists = 'mine.toml'\n", "tracker.toml:2: lists.watchlists wants a list of texts"),
        ("[lists]\nwatchlists = [1]\n", "tracker.toml:2: lists.watchlists wants a list of texts"),
        ("[pages]\nenabled = 1\n", "tracker.toml:2: pages.enabled wants true or false, not 1"),
        ("[dns]\nrate = -1\n", "tracker.toml:2: dns.rate cannot be negative"),
        ("[dns]\nrate = nan\n", "tracker.toml:2: dns.rate cannot be negative"),
        ("dns = 5\n", "tracker.toml:1: dns is a section"),
        ("[dns\n", "tracker.toml: Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """Unknown section, unknown key, wrong type, wrong sign, no TOML at all."""
    assert refusal(tmp_path, text).startswith(message)


def test_the_line_is_that_of_the_right_section(tmp_path: Path) -> None:
    """Several sections have a `rate`; the wrong one is shown, not the first."""
    text = "[dns]\nrate = 5.0\n\n[registration]\ntimeout = 9.0\nrate = 'fast'\n"
    assert refusal(tmp_path, text).startswith("tracker.toml:6: registration.rate wants a number")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A wrong `--config` must not run on defaults."""
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "none.toml", {})


def test_the_environment_wins(tmp_path: Path) -> None:
    """Containers are configured by variables; each kind of value can be given as text."""
    found = read(
        tmp_path,
        "[dns]\nrate = 5.0\n[pages]\nenabled = true\n",
        TRACKER_DNS_RATE="7",
        TRACKER_DNS_TRIES="2",
        TRACKER_DNS_ROOTS="198.41.0.4, 192.33.4.12,",
        TRACKER_PAGES_ENABLED="no",
        TRACKER_IDENTITY_CONTACT="desk@example.org",
        SOMETHING_ELSE="ignored",
    )
    assert found.dns == Dns(rate=7.0, tries=2, roots=("198.41.0.4", "192.33.4.12"))
    assert not found.pages.enabled
    assert found.identity.contact == "desk@example.org"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("TRACKER_DNS_TRIES", "many", "a whole number"),
        ("TRACKER_DNS_RATE", "fast", "a number"),
        ("TRACKER_PAGES_ENABLED", "maybe", "true or false"),
    ],
)
def test_a_variable_of_the_wrong_kind_is_named(tmp_path: Path, name: str, value: str, wanted: str) -> None:
    """The message says which variable, since there is no line."""
    assert refusal(tmp_path, "", **{name: value}) == f"{name} wants {wanted}, not {value!r}"


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    """`tracker init` writes every knob at its default, with a comment each; other values survive as well."""
    assert read(tmp_path, as_toml(Settings())) == Settings()
    odd = replace(Settings(), lists=Lists(watchlists=('a "quoted" \\ file', "bundled:x"), controls=0.125))
    assert read(tmp_path, as_toml(odd)) == odd
    text = as_toml(Settings())
    for section in fields(Settings):
        for knob in fields(type(section.default)):
            shown = f"# {knob.name}: never here" if knob.metadata["secret"] else f"{knob.name} = "
            assert f"# {knob.metadata['doc']}\n{shown}" in text


SLACK = "slack://token-a/token-b/token-c/#desk"
"""An address that lets whoever has it post."""


def test_secrets_come_by_variable_or_by_file(tmp_path: Path) -> None:
    """As containers hand them over: a variable, or one that names a file with one address a line."""
    (tmp_path / "urls").write_text(f"{SLACK}\nmailto://mail.example?to=a@example.org,b@example.org\n")
    (tmp_path / "password").write_text("p@ss/word\n")
    found = load(
        None,
        {
            "TRACKER_NOTIFICATIONS_URLS_FILE": str(tmp_path / "urls"),
            "TRACKER_DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
            "TRACKER_DATABASE_URL": "postgresql://tracker@db/tracker",
        },
    )
    assert found.notifications.urls == (SLACK, "mailto://mail.example?to=a@example.org,b@example.org")
    assert found.database.address == "postgresql://tracker:p%40ss%2Fword@db/tracker"
    assert load(None, {"TRACKER_NOTIFICATIONS_URLS": SLACK}).notifications.urls == (SLACK,)


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        (f"[notifications]\nurls = ['{SLACK}']\n", "TRACKER_NOTIFICATIONS_URLS"),
        ("[database]\npassword = 'hunter2'\n", "TRACKER_DATABASE_PASSWORD"),
        ("[database]\nurl = 'postgresql://tracker:hunter2@db/tracker'\n", "TRACKER_DATABASE_PASSWORD"),
        ("[database]\nurl = 'postgresql://db/tracker?user=x&password=hunter2'\n", "TRACKER_DATABASE_PASSWORD"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str, variable: str) -> None:
    """Settings files are shown around; the message names the variable and quotes nothing of the secret."""
    said = refusal(tmp_path, text)
    assert said.startswith("tracker.toml:2: ") and f"set {variable} or {variable}_FILE" in said
    assert "hunter2" not in said and "token" not in said


def test_a_list_is_not_called_by_an_address_with_a_password(tmp_path: Path) -> None:
    """Its address is its name: in the log, in reports, in what others are given."""
    address = "https://desk:hunter2@lists.example/list.toml"
    said = refusal(tmp_path, f"[lists]\nwatchlists = ['bundled:brands', '{address}']\n")
    assert said.startswith("tracker.toml:2: lists.watchlists: an address with a password in it")
    with pytest.raises(SettingsError, match="TRACKER_LISTS_NEW_NAMES: an address with a password") as by_variable:
        load(None, {"TRACKER_LISTS_NEW_NAMES": address})
    assert "hunter2" not in said + str(by_variable.value)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"TRACKER_DATABASE_PASSWORD_FILE": "/nowhere/secret"},
            "TRACKER_DATABASE_PASSWORD_FILE: /nowhere/secret: No such",
        ),
        ({"TRACKER_DATABASE_PASSWORD": "x", "TRACKER_DATABASE_PASSWORD_FILE": "y"}, "are both set: leave one out"),
    ],
)
def test_a_secret_that_cannot_be_had_stops_the_start(variables: dict[str, str], message: str) -> None:
    """A daemon that starts without its secret would fail later and less clearly."""
    with pytest.raises(SettingsError, match=message):
        load(None, variables)


def test_people_are_never_shown_a_secret() -> None:
    """Neither where the database is named, nor where settings are printed."""
    given = Database(url="postgresql://tracker:hunter2@db:5432/tracker")
    assert (given.shown, given.address) == ("postgresql://tracker@db:5432/tracker", given.url)
    assert Database(url="tracker.db", password="hunter2").address == "tracker.db"
    settings = Settings(database=Database(password="hunter2"), notifications=Notifications(urls=(SLACK,)))
    assert "hunter2" not in f"{settings}{as_toml(settings)}" and "token" not in f"{settings}{as_toml(settings)}"


def test_probes_follow_the_settings() -> None:
    """Pages are off by default because fetching them tells the operator that somebody looks."""
    assert probes(Settings()) == ("delegation", "addresses", "registration", "certificate")
    loud = Settings(pages=Pages(enabled=True, certificates=False))
    assert probes(loud) == ("delegation", "addresses", "registration", "page")


def test_the_given_file_is_read_before_the_one_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--config` wins; else `tracker.toml` of this folder if there is one."""
    monkeypatch.chdir(tmp_path)
    assert find(None) is None
    (tmp_path / "tracker.toml").touch()
    assert find(None) == Path("tracker.toml")
    assert find(Path("other.toml")) == Path("other.toml")
