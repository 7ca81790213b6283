"""The lab's web: what a visitor of a name gets at the virtual instant, over TLS with the certificate it was issued."""

import html
import ssl

from tracker.lab import draws
from tracker.lab.authority import by_server_name, candidates, infrastructure
from tracker.lab.http import Request, Response, Server, serve
from tracker.lab.issuing import latest, validity
from tracker.lab.world import Fault, Story, World
from tracker.ports import Clock

SEIZURE = (
    "This domain has been seized by the Federal Bureau of Investigation in accordance with a seizure warrant issued "
    "pursuant to 18 U.S.C. 981, 982 and 50 U.S.C. 1701-1705."
)
PARKING = (
    "This domain is parked free, courtesy of the lab registrar. Buy this domain. Related searches: news, insurance."
)
LEADS_TO = "to:"
"""A page that is a redirect: what follows is the name that visitors are sent to."""
_FALLBACK = "web.lab.example"


class LabWeb:
    """Plays the web servers of every name on two ports, plain and TLS. It has no infrastructure hosts of its own."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock
        self._authority = candidates(world.seed)
        self._servers: list[Server] = []

    async def start(self) -> tuple[int, int]:
        """Listen; the loopback ports for 80 and 443."""
        fallback = infrastructure(self._world.seed).server_context(_FALLBACK)
        context = by_server_name(fallback, self._context)
        self._servers = [await serve(self.answer), await serve(self.answer, context)]
        return self._servers[0].port, self._servers[1].port

    async def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            await server.close()

    def _context(self, host: str) -> ssl.SSLContext | None:
        """The newest certificate issued for the host; without one there is no handshake."""
        issued = latest(self._world, host, self._clock.now())
        if issued is None:
            return None
        first, last = validity(issued.at)
        return self._authority.server_context(
            host, names=issued.names, not_before=first, not_after=last, serial=issued.serial
        )

    def answer(self, request: Request) -> Response | None:
        """The page of the asked host; a name that serves nothing has a server that does not know it."""
        now = self._clock.now()
        name = request.host.removeprefix("www.")
        fault = self._world.fault("web", name, now)
        if fault is not None:
            return _trouble(fault)
        story = self._world.stories.get(name)
        state = None if story is None else story.at(now)
        if story is None or state is None or state.page is None:
            return Response(404, {"Content-Type": "text/html"}, b"<html><title>404</title>no such site</html>")
        if state.page.startswith(LEADS_TO):
            return Response(302, {"Location": f"https://{state.page.removeprefix(LEADS_TO)}/"})
        body = page(self._world.seed, story, state.page).encode()
        return Response(200, {"Content-Type": "text/html; charset=utf-8", "Server": "lab"}, body)


def page(seed: int, story: Story, kind: str) -> str:
    """A front page: `operation`, `clone` and `other` show the story's own text, `stranger` that of another owner, the
    rest what their kind shows."""
    if kind == "seizure":
        return _document("Domain Seized", SEIZURE)
    if kind == "parking":
        return _document(f"{story.name} is for sale", PARKING)
    own = draws.text(120, seed, "page", *((kind,) if kind == "stranger" else ()), story.name)
    words = own if kind == "stranger" else story.page_text or own
    account = draws.number(10_000, 99_999_999, seed, "account", story.account or words)
    return _document(words[:40].title(), words, f"<script>ga('create', 'UA-{account}-1', 'auto');</script>")


def _document(title: str, text: str, head: str = "") -> str:
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in text.split(". "))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{html.escape(title)}</title>{head}</head>'
        f"<body><h1>{html.escape(title)}</h1><main>{paragraphs}</main></body></html>"
    )


def _trouble(fault: Fault) -> Response | None:
    match fault.kind:
        case "silence":
            return None
        case "throttle":
            return Response(429)
        case "garbage":
            return Response(200, {"Content-Type": "application/octet-stream"}, bytes(range(256)))
        case _:
            return Response(503)
