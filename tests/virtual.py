"""Stories on virtual time: waiting costs nothing, and nobody is late because the machine is busy with something else.

For clients and servers of one event loop; another process or thread does not know what time it is here.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tracker.lab.loop import VirtualLoop

Told = TypeVar("Told")


def on_virtual_time(story: Coroutine[Any, Any, Told]) -> Told:
    """What the story comes to."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)
