"""Messages to mail, chat and webhooks through apprise, which knows some hundred kinds of places."""

import asyncio
import hashlib
import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

NAME = "domain-churn-tracker"
PATIENCE = 60.0
"""Seconds for one place to take a message."""
INSTALL = "messages need apprise: pip install 'domain-churn-tracker[notify]'"
logging.getLogger("apprise").propagate = False  # its lines quote addresses, and addresses are secrets


class MissingApprise(RuntimeError):
    """apprise is not installed; the message says what to install."""


class AppriseMessenger:
    """One place. `id` follows from its address and tells nothing of it; `kind` is the address's scheme."""

    def __init__(self, target: Any, url: str, number: int) -> None:
        self._target = target
        self._secrets = sorted(set(re.findall(r"[^\s/:@?&=,#]{6,}", url)), key=len, reverse=True)
        self.id = hashlib.sha256(url.encode()).hexdigest()[:12]
        self.kind = f"{url.partition('://')[0]} (address {number})"

    async def send(self, title: str, body: str) -> str:
        """Hand over one message; empty when it was taken, else why not. Never raises for what the network did."""
        with _overheard() as said:
            try:
                taken = await asyncio.wait_for(self._target.async_notify(title=title, body=body), PATIENCE)
            except TimeoutError:
                return f"took longer than {PATIENCE:.0f} s"
        return "" if taken else self._quiet(said.getvalue())

    def _quiet(self, text: str) -> str:
        """The last thing apprise said, without any part of the address."""
        lines = [line for line in text.splitlines() if line.strip()]
        last = lines[-1] if lines else "not taken"
        for secret in self._secrets:
            last = last.replace(secret, "…")
        return last


def messengers(urls: Sequence[str]) -> dict[str, AppriseMessenger]:
    """The places by id; raises MissingApprise, or ValueError for an address that apprise does not know.

    Nothing of an address is executed: neither plug-ins nor configuration files of apprise are loaded.
    """
    if not urls:
        return {}
    try:
        import apprise  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingApprise(INSTALL) from error
    found: dict[str, AppriseMessenger] = {}
    for number, url in enumerate(urls, start=1):
        target = apprise.Apprise(
            asset=apprise.AppriseAsset(app_id=NAME, app_desc=NAME, body_format="text", plugin_paths=[])
        )
        with _overheard():
            known = target.add(url)
        if not known:
            raise ValueError(
                f"notifications.urls: address {number} is no apprise URL (it is not shown: it is a secret)"
            )
        made = AppriseMessenger(target, url, number)
        found[made.id] = made
    return found


@contextmanager
def _overheard() -> Iterator[io.StringIO]:
    """What apprise says of its work: into memory, since it may quote addresses."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    log = logging.getLogger("apprise")
    log.addHandler(handler)
    try:
        yield said
    finally:
        log.removeHandler(handler)
