"""Where the page is found."""

import fcntl
import ipaddress
import socket
import struct
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from digitcam.outputs.web import WebConfig

RESPONDER = Path("/run/avahi-daemon/pid")  # of the machine's name in .local
SIOCGIFADDR = 0x8915  # <linux/sockios.h>
INTERFACE = struct.Struct("16s 16x 8x")  # ifreq: a name, then a sockaddr_in, its address from byte 20 on
ADDRESS = slice(20, 24)


def list_addresses(config: WebConfig) -> list[str]:
    """List the URLs that open the page, the one that stays the same first.

    That is the machine's name in .local, where something answers to it; then the IPv4 address in each network that it
    is in. A page that listens on one address has that alone.
    """
    if ":" in config.host and not _is_any(config.host):
        return [f"http://[{config.host}]:{config.port}"]
    return [f"http://{host}:{config.port}" for host in (_hosts() if _is_any(config.host) else [config.host])]


def _hosts() -> list[str]:
    name = socket.gethostname().partition(".")[0]
    own = [f"{name}.local"] if RESPONDER.exists() else []
    return [*own, *_ipv4()] or [name]


def _ipv4() -> list[str]:
    """Give the address of each network interface that is up and has one, loopback aside."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, interface in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asked, SIOCGIFADDR, INTERFACE.pack(interface.encode()))
            except OSError:
                continue  # it has none
            address = IPv4Address(answer[ADDRESS])
            if not address.is_loopback:
                found.append(str(address))
    return found


def _is_any(host: str) -> bool:
    """Tell whether it stands for every address of this machine."""
    address = find_ip_address(host)
    return address is not None and address.is_unspecified


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address or a name."""
    address = find_ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # as a socket of both kinds calls a client
    return address.is_loopback if address else host.lower() == "localhost"


def find_ip_address(text: str) -> IPv4Address | IPv6Address | None:
    """Give the address that a text is; None where it is a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
