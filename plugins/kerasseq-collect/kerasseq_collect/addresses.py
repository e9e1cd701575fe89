"""Which addresses are asked: http and https, none of this machine or of a private network."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["host_of", "is_private", "problem"]


def host_of(address: str) -> str:
    """The host, in small letters, without its port; empty where there is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def problem(address: str) -> str:
    """What is wrong with an address to begin at; empty where nothing is."""
    scheme = address.partition(":")[0].lower() if ":" in address else ""
    if scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    try:
        port = urlsplit(address).port
    except ValueError as cause:
        return f"must be an address: {cause}"
    if port == 0 or not host_of(address):
        return "must name a host"
    if "@" in urlsplit(address).netloc:
        return "must hold no password: it would stand in the table"
    return ""


def is_private(host: str) -> bool:
    """Whether a number of the internet protocol is of this machine, of a private network, or no single public host's.

    Names are not known here; what they lead to is asked when a connection is made.
    """
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    number = getattr(number, "ipv4_mapped", None) or number
    return not number.is_global or number.is_multicast
