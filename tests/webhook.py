"""A webhook on loopback that keeps what was posted to it, and answers as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Webhook:
    """What arrived, in order; `status` is what is answered next, after `before_answering` was called."""

    url: str = ""
    status: int = 200
    before_answering: Callable[[], object] = lambda: None
    posted: list[dict[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All messages, one after another."""
        return "\n".join(post["message"] for post in self.posted)


@contextmanager
def webhook(secret: str = "a-secret-path") -> Iterator[Webhook]:
    """Listen until the block ends; `url` is an address for apprise, with a secret in it as real ones have."""
    kept = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            post = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if kept.status == 200:
                kept.posted.append(post)
            kept.before_answering()
            with suppress(ConnectionError):
                self.send_response(kept.status)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    kept.url = f"json://127.0.0.1:{server.server_port}/{secret}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
