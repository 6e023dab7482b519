"""Nothing in a test may reach another machine, not even by mistake."""

import ipaddress
import socket


def check_host(host):
    """Let loopback pass. Raises: PermissionError: any other address or name."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        inside = ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise PermissionError(f"a test wanted to reach {name}; only loopback is open")


def close_all_but_loopback(patch):
    """Guard what asyncio and every library end up in: connecting, sending datagrams, looking up names."""

    def guarded(method):
        def wrapper(sock, *args):
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                check_host(args[-1][0])
            return method(sock, *args)

        return wrapper

    def look_up(host, *args, **kwargs):
        check_host(host)
        return open_look_up(host, *args, **kwargs)

    open_look_up = socket.getaddrinfo
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", look_up)
