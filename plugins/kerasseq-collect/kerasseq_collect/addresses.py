"""Which addresses are asked: http and https, none of this machine or of a private network."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["belongs", "host_named", "host_of", "is_private", "problem"]


def host_of(address: str) -> str:
    """The host, in small letters and as the network writes it (`xn--...`), without its port; empty where there is none.

    >>> host_of("https://Bücher.example.:8080/x")
    'xn--bcher-kva.example'
    """
    try:
        return _canonical((urlsplit(address).hostname or "").rstrip("."))
    except ValueError:
        return ""


def host_named(given: str) -> str:
    """A host that stands alone, as `host_of` says it; empty where it does not.

    >>> host_named("Example.org."), host_named("[::1]"), host_named("example.org:80")
    ('example.org', '::1', '')
    """
    host = given.casefold().rstrip(".").removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return _canonical(host) if re.fullmatch(r"[\w-]+(\.[\w-]+)*", host) else ""


def belongs(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is one of some, or a subdomain of one; `www.` in front makes no other host.

    >>> [belongs(host, ["www.a.org"]) for host in ("a.org", "www.a.org", "x.www.a.org", "x.a.org")]
    [True, True, True, False]
    """
    bare = host.removeprefix("www.")
    return any(bare == each.removeprefix("www.") or host.endswith(f".{each}") for each in hosts)


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


def _canonical(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
