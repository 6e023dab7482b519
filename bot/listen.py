"""Addresses to listen on: "host:port", and whether anybody but this machine can reach one."""

from __future__ import annotations

import ipaddress


def read_address(address: str) -> tuple[str, int]:
    """Split "host:port" or "[::1]:port". Raises: ValueError: it is neither."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"not an address of the form host:port: {address!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
