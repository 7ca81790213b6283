"""The socket underneath: trains of questions where the kernel takes them, single packets where it does not."""

import asyncio
import socket

import pytest

from tests.dnsworld import scripted
from tests.virtual import on_virtual_time
from tracker.clients.dnslane import Lane
from tracker.clients.dnstails import FROM_AUTHORITY, Tails
from tracker.decoders.dnswire import HEAD, NS_IN, name_wire
from tracker.lab.lag import LagServer

SO_NO_CHECK = 11
QUESTIONS = [name_wire(f"name{number:03}.so") + NS_IN for number in range(200)]


def asked(*, refuse: bool) -> tuple[set[bytes], bool]:
    """Which of 200 questions were denied, and whether the lane still sends trains.

    `refuse`: the kernel cuts no trains for a socket without checksums (EINVAL), as old kernels and some tunnels do.
    """

    async def run() -> tuple[set[bytes], bool]:
        server = LagServer("so", (), delay=0.0)
        endpoint = await server.start()
        done = asyncio.Event()
        lane = Lane(
            endpoint,
            [number.to_bytes(2, "big") for number in range(1000)],
            0,
            Tails(lambda question, reply: True),
            FROM_AUTHORITY,
            timeout=1.0,
            barren=0,
            replied=lambda question, packet: None,
            failed=lambda questions, reason: done.set(),
            freed=lambda amount: done.set() if len(lane.absent) == len(QUESTIONS) else None,
        )
        if refuse:
            lane._socket.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        lane.send(QUESTIONS, HEAD, 0)
        await asyncio.wait_for(done.wait(), 5)
        found = set(lane.absent)
        lane.close()
        await server.close()
        return found, lane._segments

    return on_virtual_time(run())


def test_trains_that_the_kernel_refuses_leave_as_single_packets() -> None:
    """Nothing is lost, and the lane does not try again."""
    found, trains = asked(refuse=True)
    assert found == set(QUESTIONS) and not trains


def test_trains_are_used_where_the_kernel_cuts_them() -> None:
    """The counterpart: without it the test above would prove nothing."""
    found, trains = asked(refuse=False)
    if not trains:
        pytest.skip("this kernel cuts no trains (UDP_SEGMENT)")
    assert found == set(QUESTIONS)


def test_ids_that_come_round_leave_waiting_questions_alone() -> None:
    """Ten ids, three questions that nobody answers, and many that are answered meanwhile: none is lost or mixed up."""

    def script(packet: bytes) -> list[bytes]:
        flags = b"\x84\x03\x00\x01\x00\x00\x00\x00\x00\x00"
        return [] if packet[13:19] == b"silent" else [packet[:2] + flags + packet[12:-11]]

    async def run() -> tuple[list[bytes], list[bytes]]:
        _, transport, endpoint = await scripted(script)
        failed: list[bytes] = []
        done = asyncio.Event()
        lane = Lane(
            endpoint,
            [number.to_bytes(2, "big") for number in range(10)],
            0,
            Tails(lambda question, reply: True),
            FROM_AUTHORITY,
            timeout=0.5,
            barren=0,
            replied=lambda question, packet: None,
            failed=lambda questions, reason: failed.extend(questions),
            freed=lambda amount: done.set(),
        )
        silent = [name_wire(f"silent{number}.so") + NS_IN for number in range(3)]
        lane.send(silent, HEAD, 0)
        for at in range(0, len(QUESTIONS), 4):
            done.clear()
            lane.send(QUESTIONS[at : at + 4], HEAD, 0)
            while len(lane.absent) < at + 4:
                await asyncio.wait_for(done.wait(), 5)
                done.clear()
        while len(failed) < 3:
            await asyncio.wait_for(done.wait(), 5)
            done.clear()
        lane.close()
        transport.close()
        return lane.absent, failed

    absent, failed = on_virtual_time(run())
    assert sorted(absent) == QUESTIONS
    assert [question[1:7] for question in failed] == [b"silent"] * 3
