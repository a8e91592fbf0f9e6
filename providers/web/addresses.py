"""Which web addresses may be fetched: one strict reading, and no way into private networks.

Pure. What cannot be read in exactly one way is refused, so that no other parser can see another
host in it. Of IP addresses only plain public unicast is left: the special-purpose registries of
IANA (IPv4 and IPv6 Special-Purpose Address Registry), multicast, reserved space, every form that
embeds another address, and the addresses at which clouds answer their own machines are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import quote

import idna

from providers.errors import ProviderRefused

IPAddress = IPv4Address | IPv6Address
MAX_ADDRESS_CHARACTERS = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
PUBLIC_PORTS = frozenset(DEFAULT_PORTS.values())
MAX_NAME_CHARACTERS = 253
CHECK_SPELLING = "Check its spelling."
UNUSUAL = "{} is an unusual spelling of an IP address. Write the name of the host."
_SHAPE = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.I)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@%]+)(?::([0-9]{0,5}))?", re.I)
_ODD_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"`{}|^\u2028\u2029]|\s")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DOTTED_QUAD = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}")
# What inet_aton takes for (a part of) a number: such names are spellings of an IPv4 address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OWN_NAMES = re.compile(r"(?:.*\.)?(?:localhost|local|internal|localdomain)|.*\.home\.arpa")
# Characters that stand in a path or query as they are; "%" since it is encoded already.
_SAFE = "%/:=&?~+!$,;'@()*[]-._"


class AddressRefused(ProviderRefused):
    """This address is not fetched. The text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that was read. `name` is what is looked up: a name, or an IP without brackets."""

    scheme: str
    name: str
    port: int
    target: str

    @property
    def host(self) -> str:
        """Return the host as it is compared and named in requests, without a dot at its end."""
        return self.name.removesuffix(".")

    @property
    def authority(self) -> str:
        """Return the host, and the port when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address in its one spelling."""
        return f"{self.scheme}://{self.authority}{self.target}"


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts that one source may read: names, and `*.name` for everything below a name."""

    patterns: frozenset[str]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> AllowedHosts:
        """Take patterns as people write them. Raises AddressRefused."""
        return cls(frozenset(_pattern(text) for text in patterns if text.strip()))

    def cover(self, host: str) -> bool:
        """Say whether a host is among them."""
        if host in self.patterns or "*" in self.patterns:
            return True
        parts = host.split(".")
        return any(f"*.{'.'.join(parts[n:])}" in self.patterns for n in range(1, len(parts)))


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """Hosts that the installation's owner names: they may be private and have another port."""

    places: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> TrustedHosts:
        """Read `host`, `host:port` and `[ipv6]:port`. Raises AddressRefused."""
        return cls(frozenset(map(_place, entries)))

    def cover(self, host: str, port: int) -> bool:
        """Say whether a host is trusted at a port; named without one, at 80 and 443."""
        return (host, port) in self.places or ((host, None) in self.places and port in PUBLIC_PORTS)


def parse_address(text: str) -> WebAddress:
    """Read an address that can be read in one way only. Raises AddressRefused.

    Refused are other schemes, users and passwords, encoded hosts, zone ids, IPv4 addresses that
    are not four decimal numbers, blanks, backslashes and control characters.
    """
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise AddressRefused(
            f"The address is longer than {MAX_ADDRESS_CHARACTERS} characters. Leave out what "
            "follows the question mark."
        )
    if _ODD_CHARACTERS.search(text):
        raise AddressRefused(
            "The address holds blanks, backslashes or other characters that addresses do not "
            "have. Copy it from the browser's address bar."
        )
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise AddressRefused(
            "Only addresses that begin with http:// or https:// are read. Copy it from the "
            "browser's address bar."
        )
    scheme, authority, target = shape[1].lower(), shape[2], shape[3]
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise AddressRefused(
            "The part between // and the next / has to be a plain host, without a user, a "
            "password or encoded characters. Write it like https://www.example.com/help/."
        )
    port = int(parts[2]) if parts[2] else DEFAULT_PORTS[scheme]
    name = _host(parts[1])
    return WebAddress(scheme, name, port, _target(target))


def require_public(address: WebAddress, trusted: TrustedHosts) -> None:
    """Check what needs no look-up: port, names of one's own network, IP addresses.

    Raises AddressRefused.
    """
    if trusted.cover(address.host, address.port):
        return
    if address.port not in PUBLIC_PORTS:
        raise AddressRefused(
            f"Port {address.port} is not read, only 80 and 443. If this server is your own, name "
            f"{address.authority} in WEB_TRUSTED_HOSTS."
        )
    if _literal(address.host) is not None:
        require_public_ip(address.host, address.host, trusted=False)
    elif "." not in address.host or _OWN_NAMES.fullmatch(address.host):
        raise AddressRefused(
            f"{address.host} is a name inside a network, not on the web. If it is your own, name "
            "it in WEB_TRUSTED_HOSTS."
        )


def require_public_ip(text: str, host: str, *, trusted: bool) -> str:
    """Return an IP address as it may be connected to. Raises AddressRefused.

    `trusted` lets private networks through, and never what is special in another way.
    """
    try:
        address = ip_address(text)
    except ValueError:
        raise AddressRefused(
            f"{host} has no usable IP address. Ask whoever runs that site to repair it."
        ) from None
    if trusted and _is_private(address):
        return str(address)
    reason = ip_refusal(address)
    if not reason:
        return str(address)
    more = (
        f"If {host} is your own, name it in WEB_TRUSTED_HOSTS."
        if _is_private(address) and not trusted
        else "Choose an address on the public web."
    )
    is_what = f"is {reason}" if host == text else f"leads to {text}, {reason}"
    raise AddressRefused(f"{host} {is_what}, which is not read. {more}")


def ip_refusal(address: IPAddress) -> str:
    """Return what kind of non-public address this is; empty for a public one."""
    for network, kind in _SPECIAL:
        if address.version == network.version and address in network:
            return kind
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "no public unicast address"
    return "" if address.is_global else "no public address"


def _is_private(address: IPAddress) -> bool:
    if address in _CLOUDS_OWN:
        return False
    return any(address.version == n.version and address in n for n in _PRIVATE)


def _host(text: str) -> str:
    """Return a host in lower-case ASCII, with the dot at its end if it has one."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise AddressRefused(f"{text} is no host name. {CHECK_SPELLING}") from None
        if _spells_number(name):
            # Only digits of other scripts become digits on the way.
            raise AddressRefused(UNUSUAL.format(text))
    labels = name.removesuffix(".").split(".")
    if len(name) > MAX_NAME_CHARACTERS or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused(f"{text} is no host name. {CHECK_SPELLING}")
    if _spells_number(name):
        if not _DOTTED_QUAD.fullmatch(name):
            raise AddressRefused(UNUSUAL.format(text))
        _as_ip(name)
    return name


def _spells_number(name: str) -> bool:
    return _NUMBER.fullmatch(name.removesuffix(".").rpartition(".")[2]) is not None


def _ipv6(text: str) -> str:
    address = _as_ip(text)
    if not isinstance(address, IPv6Address):
        raise AddressRefused(f"[{text}] is no IPv6 address. {CHECK_SPELLING}")
    return str(address)


def _as_ip(text: str) -> IPAddress:
    try:
        return ip_address(text)
    except ValueError:
        raise AddressRefused(f"{text} is no IP address. {CHECK_SPELLING}") from None


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _target(text: str) -> str:
    """Return path and query as they are sent: ASCII, beginning with a slash."""
    encoded = quote(text, safe=_SAFE)
    return encoded if encoded.startswith("/") else f"/{encoded}"


def _pattern(text: str) -> str:
    """Return a host pattern in its one spelling; a pasted address gives its host."""
    wanted = text.strip().lower()
    if wanted == "*":
        return wanted
    if "://" in wanted:
        return parse_address(wanted).host
    wildcard = "*." if wanted.startswith("*.") else ""
    bare = wanted.removeprefix(wildcard).strip("/")
    if ":" in bare and not bare.startswith("["):
        raise AddressRefused(f"{text.strip()} is no host. Write only its name, without a port.")
    return wildcard + _host(bare).removesuffix(".")


def _place(text: str) -> tuple[str, int | None]:
    parts = _AUTHORITY.fullmatch(text.strip().lower())
    if parts is None:
        raise AddressRefused(
            f"{text} is no host or host:port. Write for example wiki.example.com or 10.1.2.3:8080."
        )
    return _host(parts[1]).removesuffix("."), int(parts[2]) if parts[2] else None


def _networks(kinds: dict[str, str]) -> tuple[tuple[IPv4Network | IPv6Network, str], ...]:
    return tuple(
        (ip_network(text), kind) for kind, texts in kinds.items() for text in texts.split()
    )


_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL = _networks(
    {
        "this network": "0.0.0.0/8",
        "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
        "a shared address of a provider": "100.64.0.0/10",
        "this machine": "127.0.0.0/8 ::1/128",
        "a link-local address": "169.254.0.0/16 fe80::/10",
        "an address for protocols": "192.0.0.0/24 2001::/23",
        "an address for examples": (
            "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"
        ),
        "a relay into other networks": "192.88.99.0/24",
        "an address for measurements": "198.18.0.0/15",
        "a multicast address": "224.0.0.0/4 ff00::/8",
        "a reserved address": "240.0.0.0/4",
        "a cloud's own service": "168.63.129.16/32",
        "no address": "::/128",
        "an address that embeds another": (
            "::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16"
        ),
        "a site-local address": "fec0::/10",
        "an address that leads nowhere": "100::/64",
        "a segment identifier": "5f00::/16",
    }
)
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
        "fc00::/7", "::1/128",
    )
)  # fmt: skip
# Inside private ranges, and yet the door to a machine's credentials: AWS, Alibaba.
_CLOUDS_OWN = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200")))
