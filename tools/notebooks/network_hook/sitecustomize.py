"""Loaded by every Python started with this folder on PYTHONPATH: refuses the network."""

import errno
import ipaddress
import sys

HOST_OF = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}


def refuse(event, arguments):
    """Raise for an address that is not this machine's; let local sockets and loopback pass."""
    if event not in HOST_OF:
        return
    address = arguments[HOST_OF[event]]
    host = address[0] if isinstance(address, tuple) else address
    # A local socket's address is a path; without a host, getaddrinfo means this machine.
    if event != "socket.getaddrinfo" and not isinstance(address, tuple):
        return
    if host in (None, "", b"", "localhost", b"localhost"):
        return
    try:
        local = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise OSError(errno.ENETUNREACH, f"the network is switched off here; asked for {host!r}")


sys.addaudithook(refuse)
