"""The port is taken before anything else is done, and a refusal names the setting."""

import socket

import pytest

from supportbot.web_server import CannotListen, address_of, listen


def test_a_taken_port_names_port_and_a_free_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"Port {port} .* taken .*Set PORT"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_names_host() -> None:
    with pytest.raises(CannotListen, match="HOST"):
        listen("no-such-host.invalid", 8000)
    with pytest.raises(CannotListen, match="HOST"):
        listen("192.0.2.1", 0)


def test_a_free_port_is_held() -> None:
    with listen("127.0.0.1", 0) as held, pytest.raises(CannotListen):
        listen("127.0.0.1", held.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("chat.example.com", "http://chat.example.com:8000"),
    ],
)
def test_the_printed_address_opens_in_a_browser_on_this_machine(host: str, address: str) -> None:
    assert address_of(host, 8000) == address
