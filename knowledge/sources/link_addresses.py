"""One spelling for each address, and which links a robot had better not follow."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import regex

from providers.web.addresses import AddressRefused, WebAddress, parse_address

# Parameters that say where a visitor came from, or who it is: the page is the same without them.
_TRACKING = regex.compile(
    r"(?:utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|twclid|mc_[ce]id|_ga|_gl|igshid"
    r"|hsa_\w+|_hs(?:enc|mi)|oly_\w+|vero_\w+|phpsessid|jsessionid|aspsessionid\w*|sessionid|sid)",
    regex.I,
)
_SESSION_IN_PATH = regex.compile(r";(?:jsessionid|phpsessid)=[^/?]*", regex.I)
_ESCAPE = regex.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LINE_ENDS = str.maketrans("", "", "\t\r\n")
_UNSAFE = {ord(character): f"%{ord(character):02X}" for character in ' "<>`{}|^\\'}
_NOT_PAGES = regex.compile(
    r"jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|psd|heic|mp[34]|m4[av]|avi|mov|mkv|webm|og[gav]|wav"
    r"|flac|css|m?js|map|json|xml|rss|atom|woff2?|ttf|otf|eot|zip|t?gz|bz2|xz|7z|rar|tar|dmg|iso|exe"
    r"|msi|deb|rpm|apk|jar|bin|dll|so|wasm|ics|vcf|torrent",
    regex.I,
)


def tidy(address: WebAddress) -> str:
    """Return the one spelling of an address: no fragment, no tracking, no dots in its path."""
    path, mark, query = address.target.partition("?")
    path = _without_dots(_SESSION_IN_PATH.sub("", _even_escapes(path)))
    parts = [part for part in query.split("&") if part and not _tracks(part)]
    target = f"{path}?{_even_escapes('&'.join(parts))}" if mark and parts else path
    return WebAddress(address.scheme, address.host, address.port, target).url


def link_address(base: str, href: str) -> str | None:
    """Return the address that a link on a page leads to; None for what is no web address."""
    try:
        joined = urljoin(base, href.strip().translate(_LINE_ENDS))
        return tidy(parse_address(joined.translate(_UNSAFE)))
    except (ValueError, AddressRefused):
        return None


def may_be_page(url: str) -> bool:
    """Say whether an address may lead to something with text, judging by its ending."""
    name = urlsplit(url).path.rpartition("/")[2]
    return "." not in name or not _NOT_PAGES.fullmatch(name.rpartition(".")[2])


def _tracks(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter.partition("=")[0]) is not None


def _even_escapes(text: str) -> str:
    """Write escapes in capitals, and characters that need none as they are (RFC 3986, 6.2.2)."""

    def even(found: regex.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return _ESCAPE.sub(even, text)


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` in a path (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    if parts and parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
