"""One DNS question over TCP: for replies that did not fit a datagram."""

import asyncio
from struct import pack, unpack

from tracker.decoders.dnswire import Malformed


async def ask_over_tcp(endpoint: tuple[str, int], message: bytes, timeout: float) -> bytes:
    """The reply with the id of `message`; raises Malformed, or OSError: a time-out, a connection cut short."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(*endpoint)
            try:
                writer.write(pack(">H", len(message)) + message)
                await writer.drain()
                (length,) = unpack(">H", await reader.readexactly(2))
                reply = await reader.readexactly(length)
            finally:
                writer.close()
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the server hung up in mid-reply") from error
    if reply[:2] != message[:2]:
        raise Malformed("a reply to another question")
    return reply
