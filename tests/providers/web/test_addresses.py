"""An address that may be fetched can be read in one way only, and leads to the public web."""

from ipaddress import ip_address

import pytest

from providers.web.addresses import (
    AddressRefused,
    AllowedHosts,
    TrustedHosts,
    ip_refusal,
    parse_address,
    require_public,
    require_public_ip,
)

NOBODY = TrustedHosts()


def allowed(text: str) -> str:
    address = parse_address(text)
    require_public(address, NOBODY)
    return address.url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://shop.example.com", "http://shop.example.com/"),
        ("HTTPS://Shop.Example.COM:443/a?b=c#d", "https://shop.example.com/a?b=c"),
        ("https://shop.example.com./a", "https://shop.example.com/a"),
        ("http://shop.example.com:/", "http://shop.example.com/"),
        ("http://shop.example.com:443/", "http://shop.example.com:443/"),
        ("https://bücher.example/ä ö".replace(" ", "%20"), "https://xn--bcher-kva.example/%C3%A4%20%C3%B6"),
        ("https://[2001:4860:4860::8888]/", "https://[2001:4860:4860::8888]/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://a_b.example.com/?q", "https://a_b.example.com/?q"),
    ],
)  # fmt: skip
def test_an_ordinary_address_has_one_spelling(text: str, url: str) -> None:
    assert allowed(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "shop.example.com", "/help", "//shop.example.com/", "ftp://shop.example.com/",
        "file:///etc/passwd", "javascript:alert(1)", "http:shop.example.com", "http:/a.example/",
        "http:///a.example/", "http://", "http://:80/", "http://user@a.example/",
        "http://user:word@a.example/", "http://a.example%2f@b.example/", "http://a.example\\@b.example/",
        "http://a.example/\tb", "http://a.example/\n", "http:// a.example/", "http://a%2eexample/",
        "http://a..example/", "http://a.example../", "http://-a.example/", "http://a.example:0x50/",
        "http://a.example:-1/", "http://a.example:123456/", "http://[::1%25lo]/", "http://[::1%lo]/",
        "http://[[::1]]/", "http://[v1.a]/", "http://[a.example]/", "http://[1.2.3.4]/",
        "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://2130706433/",
        "http://1.2.3/", "http://1.2.3.4.5/", "http://1.2.3.256/", "http://1.2.3.04/", "http://0/",
        "http://a.1/", "http://１.1.1.1/", "http://1。1。1。1/", "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/", "http://a.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_two_parsers_could_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example:8080/", "http://a.example:22/", "http://localhost/", "http://LOCALHOST/",
        "http://local\u00adhost/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://a.localhost/", "http://printer/",
        "http://printer.local/", "http://metadata.google.internal/", "http://router.home.arpa/",
    ],
)  # fmt: skip
def test_other_ports_and_names_of_ones_own_network_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="WEB_TRUSTED_HOSTS"):
        require_public(parse_address(text), NOBODY)


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:2::1", "2001:20::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "4000::1",
        "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_only_plain_public_addresses_are_connected_to(text: str) -> None:
    assert ip_refusal(ip_address(text))
    with pytest.raises(AddressRefused):
        require_public_ip(text, "a.example", trusted=False)


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "169.253.255.255", "172.15.255.255", "172.32.0.1", "2001:4860:4860::8888",
     "2600::1", "2a00:1450:4001::1"],
)  # fmt: skip
def test_their_neighbours_are_public(text: str) -> None:
    assert require_public_ip(text, "a.example", trusted=False) == text


def test_a_trusted_host_may_be_private_and_have_its_port() -> None:
    trusted = TrustedHosts.of(["Wiki.Example.com", "localhost:8123", "[fd00::5]:8080"])
    for text in ("http://wiki.example.com/", "http://localhost:8123/", "http://[fd00::5]:8080/"):
        require_public(parse_address(text), trusted)
    for text in ("http://wiki.example.com:8123/", "http://localhost/", "http://b.example:8123/"):
        with pytest.raises(AddressRefused):
            require_public(parse_address(text), TrustedHosts.of(["localhost:8123"]))
    assert require_public_ip("192.168.1.5", "wiki.example.com", trusted=True) == "192.168.1.5"


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "::"]
)
def test_even_a_trusted_host_never_leads_to_a_clouds_credentials(text: str) -> None:
    with pytest.raises(AddressRefused):
        require_public_ip(text, "wiki.example.com", trusted=True)


def test_hosts_are_allowed_by_name_and_by_the_name_above() -> None:
    hosts = AllowedHosts.of(["Shop.example.com", "*.docs.example.com", " https://a.example/x ", ""])
    for host in ("shop.example.com", "en.docs.example.com", "a.b.docs.example.com", "a.example"):
        assert hosts.cover(host), host
    for host in ("example.com", "docs.example.com", "xdocs.example.com", "evil-shop.example.com"):
        assert not hosts.cover(host), host
    assert not AllowedHosts.of([]).cover("shop.example.com")


@pytest.mark.parametrize("text", ["a b", "shop.example.com:8080", "user@shop", "*.*.example"])
def test_a_pattern_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        AllowedHosts.of([text])
