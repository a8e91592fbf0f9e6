"""Pages come over real connections, within their limits."""

import gzip
import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from providers.errors import ProviderError
from providers.web.addresses import AddressRefused, AllowedHosts
from providers.web.base import PageTimeout, PageUnavailable, Validators, WebRequest, WebResponse
from providers.web.fetching import GuardedFetcher
from tests.knowledge.sources.site import Page, Site, endless, html, redirect

HOSTS = AllowedHosts.of(["127.0.0.1", "localhost"])


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/": html("Help", "How may we help?")}) as served:
        yield served


def fetcher_for(site: Site, **options: Any) -> GuardedFetcher:
    return GuardedFetcher(
        user_agent="supportbot (+https://chat.example.com)", trusted_hosts=[site.place], **options
    )


def fetch(site: Site, path: str = "/", hosts: AllowedHosts = HOSTS, **options: Any) -> WebResponse:
    fetcher = fetcher_for(site, **options)
    try:
        return fetcher.fetch(WebRequest(f"{site.url}{path}", hosts))
    finally:
        fetcher.close()


def test_a_page_comes_with_its_type_and_we_say_who_we_are(site: Site) -> None:
    response = fetch(site)
    assert (response.status, response.media_type, response.charset) == (200, "text/html", "utf-8")
    assert b"How may we help?" in response.content
    (_, headers) = site.asked[0]
    assert headers["User-Agent"] == "supportbot (+https://chat.example.com)"
    assert headers["Host"] == site.place
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_a_local_server_is_refused_unless_it_is_trusted(site: Site) -> None:
    fetcher = GuardedFetcher(user_agent="supportbot")
    with pytest.raises(AddressRefused, match="WEB_TRUSTED_HOSTS"):
        fetcher.fetch(WebRequest(f"{site.url}/", HOSTS))
    assert site.asked == []


def test_a_trusted_host_is_read_only_by_a_source_that_allows_it(site: Site) -> None:
    with pytest.raises(AddressRefused, match="allowed hosts"):
        fetch(site, hosts=AllowedHosts.of(["shop.example.com"]))
    assert site.asked == []


def test_redirects_are_followed_and_the_last_address_is_told(site: Site) -> None:
    site.pages |= {"/a": redirect("/b", 301), "/b": redirect(f"{site.url}/")}
    assert fetch(site, "/a").url == f"{site.url}/"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("http://169.254.169.254/latest/", "is a link-local address, which is not read"),
        ("http://localhost/", "WEB_TRUSTED_HOSTS"),
        ("//[::1]/", "is this machine"),
        ("http://shop.example.com/", "not among the hosts"),
        ("gopher://127.0.0.1/", "http:// or https://"),
        ("http://127.0.0.1/", "this machine"),
    ],
)
def test_a_redirect_to_a_private_address_is_refused(site: Site, target: str, told: str) -> None:
    site.pages["/a"] = redirect(target)
    with pytest.raises(AddressRefused, match=told):
        fetch(site, "/a")


def test_redirects_in_a_circle_end(site: Site) -> None:
    site.pages["/a"] = redirect("/a")
    with pytest.raises(PageUnavailable, match="redirects"):
        fetch(site, "/a")
    assert len(site.asked) == 4


def test_what_is_known_is_sent_along_and_an_unchanged_page_has_no_body(site: Site) -> None:
    site.pages["/"].with_etag = True
    etag = fetch(site).validators.etag
    fetcher = fetcher_for(site)
    known = {f"{site.url}/": Validators(etag)}
    answer = fetcher.fetch(WebRequest(f"{site.url}/", HOSTS, lambda url: known[url]))
    assert (answer.status, answer.content) == (304, b"")


def test_a_page_that_never_ends_is_cut_off(site: Site) -> None:
    site.pages["/endless"] = Page(stream=endless)
    started = time.monotonic()
    with pytest.raises(PageUnavailable, match="larger than 1 MB, or never ends"):
        fetch(site, "/endless", max_megabytes=1)
    assert time.monotonic() - started < 10


def test_the_beginning_of_a_long_file_can_be_had(site: Site) -> None:
    site.pages["/endless"] = Page(stream=endless)
    request = WebRequest(f"{site.url}/endless", HOSTS, max_bytes=5000, cut=True)
    response = fetcher_for(site).fetch(request)
    assert (len(response.content), response.was_cut) == (5000, True)


def test_a_server_that_drips_is_left_when_the_time_is_up(site: Site) -> None:
    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"."

    site.pages["/drip"] = Page(stream=drip)
    started = time.monotonic()
    with pytest.raises(PageTimeout):
        fetch(site, "/drip", total_seconds=0.6)
    assert 0.5 < time.monotonic() - started < 2


def test_headers_that_drip_are_left_too() -> None:
    with _raw_server([b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 1000], pause_seconds=0.05) as port:
        fetcher = GuardedFetcher(
            user_agent="supportbot", trusted_hosts=[f"127.0.0.1:{port}"], total_seconds=0.6
        )
        started = time.monotonic()
        with pytest.raises(PageTimeout):
            fetcher.fetch(WebRequest(f"http://127.0.0.1:{port}/", HOSTS))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "reply",
    [b"", b"\x16\x03\x01 not HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"],
)
def test_a_broken_reply_is_said_to_be_one(reply: bytes) -> None:
    with _raw_server([reply]) as port:
        fetcher = GuardedFetcher(user_agent="supportbot", trusted_hosts=[f"127.0.0.1:{port}"])
        with pytest.raises(PageUnavailable, match="broke off"):
            fetcher.fetch(WebRequest(f"http://127.0.0.1:{port}/", HOSTS))


def test_nobody_listening_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fetcher = GuardedFetcher(user_agent="supportbot", trusted_hosts=[f"127.0.0.1:{port}"])
    with pytest.raises(PageUnavailable, match="cannot be reached"):
        fetcher.fetch(WebRequest(f"http://127.0.0.1:{port}/", HOSTS))


def test_packed_pages_are_unpacked(site: Site) -> None:
    body = gzip.compress(b"first ") + gzip.compress(b"second")
    site.pages["/gz"] = Page(body, headers={"Content-Encoding": "gzip"})
    site.pages["/z"] = Page(zlib.compress(b"text"), headers={"Content-Encoding": "deflate"})
    assert fetch(site, "/gz").content == b"first second"
    assert fetch(site, "/z").content == b"text"


def test_a_packed_bomb_is_not_unpacked_beyond_the_limit(site: Site) -> None:
    bomb = gzip.compress(bytes(30 * 1024 * 1024))
    site.pages["/bomb"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="larger than 1 MB"):
        fetch(site, "/bomb", max_megabytes=1)


def test_other_packings_and_damaged_ones_are_refused(site: Site) -> None:
    site.pages["/br"] = Page(b"x", headers={"Content-Encoding": "br"})
    site.pages["/bad"] = Page(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="packed as 'br'"):
        fetch(site, "/br")
    with pytest.raises(PageUnavailable, match="damaged"):
        fetch(site, "/bad")


def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path, "shop.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Site({"/": html("Help", "How may we help?")}, context) as site:
        port = site.place.partition(":")[2]
        fetcher = GuardedFetcher(
            user_agent="supportbot",
            trusted_hosts=[f"shop.example.com:{port}", f"other.example.com:{port}"],
            resolve=lambda name, port, timeout_seconds: ["127.0.0.1"],
        )
        hosts = AllowedHosts.of(["*.example.com"])
        answer = fetcher.fetch(WebRequest(f"https://shop.example.com:{port}/", hosts))
        assert answer.status == 200
        assert site.asked[0][1]["Host"] == f"shop.example.com:{port}"
        with pytest.raises(PageUnavailable, match="certificate of other.example.com"):
            fetcher.fetch(WebRequest(f"https://other.example.com:{port}/", hosts))
        fetcher.close()


def _certificate(folder: Path, name: str) -> Path:
    """Write a certificate that signs itself, with its key, for a name; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


def test_proxies_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert fetch(site).status == 200
    assert os.environ["HTTP_PROXY"]


def test_a_name_whose_look_up_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(20) and [])
    fetcher = GuardedFetcher(user_agent="supportbot", total_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(PageTimeout, match="looked up"):
        fetcher.fetch(WebRequest("http://a.example/", AllowedHosts.of(["a.example"])))
    release.set()
    assert time.monotonic() - started < 2


def test_a_name_that_does_not_exist_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(ProviderError, match="not known"):
        GuardedFetcher(user_agent="supportbot").fetch(
            WebRequest("http://a.example/", AllowedHosts.of(["a.example"]))
        )


class _raw_server:  # noqa: N801 - used like a function
    """Sends the same pieces to everybody who connects."""

    def __init__(self, pieces: list[bytes], pause_seconds: float = 0.0) -> None:
        self._pieces = pieces
        self._pause = pause_seconds
        self._socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
            with connection:
                connection.recv(4096)
                for piece in self._pieces:
                    connection.sendall(piece)
                    time.sleep(self._pause)
        except OSError:
            return
