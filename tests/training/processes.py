"""Starts functions in processes of their own, which are told as torchrun would which they are."""

import multiprocessing
import os
import socket
from collections.abc import Callable
from typing import Any

PROCESSES = multiprocessing.get_context("forkserver")
# What PyTorch imports with the first optimiser too, so that a process starts in no time.
PROCESSES.set_forkserver_preload(["torch", "torch._dynamo"])


def start(count: int, function: Callable[..., None], *arguments: Any) -> list[int | None]:
    """Calls the function in so many processes that train together; gives their exit codes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(server.getsockname()[1])}
    started = []
    for rank in range(count):
        place = {"RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank)}
        told: Any = ({**address, **place}, function, *arguments)
        started.append(PROCESSES.Process(target=_told, args=told, daemon=True))
        started[-1].start()
    for process in started:
        process.join(timeout=120)
    return [process.exitcode for process in started]


def _told(environment: dict[str, str], function: Callable[..., None], *arguments: Any) -> None:
    os.environ.update(environment)
    import torch

    torch.set_num_threads(1)
    function(*arguments)
