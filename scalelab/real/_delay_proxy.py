"""A TCP proxy that adds a network's round trip: the program behind `DelayProxy`.

``python _delay_proxy.py HOST PORT RTT_S PARENT_PID`` prints its port. It ends
with its input, or with its parent.

Threads that sleep, for asyncio wakes up on its own grid of a millisecond.
"""

import contextlib
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable

LOCALHOST = "127.0.0.1"
CHUNK_BYTES = 65536

rtt_s = 0.0


def receive(source: socket.socket, arrived: queue.SimpleQueue) -> None:
    """Put what comes in, with its time, into a queue; nothing at the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            arrived.put((time.monotonic(), data))
    arrived.put((time.monotonic(), b""))


def deliver(arrived: queue.SimpleQueue, sink: socket.socket, handshake_s: float = 0.0) -> None:
    """Send on what is in the queue half a round trip after it came, the first piece later."""
    with contextlib.suppress(OSError):
        while True:
            came_s, data = arrived.get()
            sleep_until(came_s + handshake_s + rtt_s / 2)
            handshake_s = 0.0
            if not data:
                break
            sink.sendall(data)
    hang_up(sink, socket.SHUT_WR)


def hang_up(peer: socket.socket, how: int) -> None:
    """Say that no more will come; closing alone would not wake a thread that receives."""
    with contextlib.suppress(OSError):
        peer.shutdown(how)


def sleep_until(due_s: float) -> None:
    """Sleep until a time of the monotonic clock; not at all when it is past."""
    if (left_s := due_s - time.monotonic()) > 0:
        time.sleep(left_s)


def serve(client: socket.socket, target: tuple[str, int]) -> None:
    """Carry one connection until both sides have closed it.

    The kernel completes the client's handshake with us at once. Over a network
    it takes a round trip, and the server has it half a round trip later: this
    is when we call the server, and the client's first bytes wait for as long.
    """
    handshake_s = rtt_s
    called_s = time.monotonic()
    upwards: queue.SimpleQueue = queue.SimpleQueue()
    downwards: queue.SimpleQueue = queue.SimpleQueue()
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start(receive, client, upwards)
        sleep_until(called_s + 1.5 * handshake_s)
        try:
            server = socket.create_connection(target)
        except OSError:
            hang_up(client, socket.SHUT_RDWR)
            return
        with server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            start(receive, server, downwards)
            back = start(deliver, downwards, client)
            deliver(upwards, server, handshake_s)
            back.join()


def start(function: Callable[..., object], *args: object) -> threading.Thread:
    """Run a function in a thread of its own that does not hold up the end."""
    thread = threading.Thread(target=function, args=args, daemon=True)
    thread.start()
    return thread


def accept(listener: socket.socket, target: tuple[str, int]) -> None:
    """Take connections for ever."""
    while True:
        client, _ = listener.accept()
        start(serve, client, target)


def end_with(parent: int) -> None:
    """End this process when its parent has changed: a fork may hold our input open."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(0)


def main() -> None:
    """Listen until the standard input ends."""
    global rtt_s
    host, port, rtt, parent = sys.argv[1:]
    rtt_s = float(rtt)
    start(end_with, int(parent))
    with socket.create_server((LOCALHOST, 0), backlog=512) as listener:
        start(accept, listener, (host, int(port)))
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
    os._exit(0)  # without waiting for connections
