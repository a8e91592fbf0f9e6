"""An endpoint is local on this machine and on hosts the operator named, and nowhere else."""

import pytest

from providers.llm.locality import is_local

TRUSTED = ["gpu.example.internal", "10.0.0.5", "[fd00::5]", " LLM.Example. "]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/v1",
        "http://127.8.9.10/v1",
        "http://localhost:11434/v1",
        "http://LOCALHOST./v1",
        "http://[::1]:8080/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "https://gpu.example.internal/v1",
        "http://GPU.example.internal.:9000/v1",
        "http://10.0.0.5:8000/v1",
        "http://[fd00:0:0::5]/v1",
        "https://llm.example/v1",
    ],
)
def test_it_is_local(address: str) -> None:
    assert is_local(address, TRUSTED)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://api.openai.com/v1",
        "http://10.0.0.6:8000/v1",
        "http://192.168.1.2/v1",
        "http://[fd00::6]/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost@api.example.com/v1",
        "http://api.example.com/localhost",
        "http://gpu.example.internal@api.example.com/v1",
        "http://api.example.com#@localhost/",
        "http://api.example.com\\@localhost/v1",
        "http://localhost\\@api.example.com/v1",
        "http://localhost:80@api.example.com/v1",
        "http://localhost\t.example.com/v1",
        "http://①27.0.0.1/v1",
        "http://sub.gpu.example.internal/v1",
        "http://0.0.0.0:8000/v1",
        # Ways to write an address that only some parsers take for this machine's.
        "http://127.1/v1",
        "http://2130706433/v1",
        "http://0x7f000001/v1",
        "http://[::ffff:10.0.0.6]/v1",
        "not an address",
        "http://",
        "http://[::1",
    ],
)
def test_it_is_not(address: str) -> None:
    assert not is_local(address, TRUSTED)


def test_without_trusted_hosts_a_private_address_is_outside() -> None:
    assert not is_local("http://10.0.0.5:8000/v1")
