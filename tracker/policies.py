"""Composition: the policy that the settings ask for. Verdicts under other name-server rules carry another version."""

from pathlib import Path

from tracker.analysis.nameservers import extended
from tracker.analysis.policy import POLICY, Policy
from tracker.settings import Settings


def policy_of(settings: Settings) -> Policy:
    """The shipped policy, with the user's name-server rules before the bundled ones; raises ValueError."""
    path = settings.judging.name_servers
    if not path:
        return POLICY
    try:
        servers = extended(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"judging.name_servers: {path}: {error.strerror}") from error
    except KeyError as error:
        raise ValueError(f"judging.name_servers: {path}: a row without {error}") from error
    except ValueError as error:
        raise ValueError(f"judging.name_servers: {path}: {error}") from error
    return Policy(rules_version=f"{POLICY.rules_version}+{servers.version.partition('+')[2]}", servers=servers)
