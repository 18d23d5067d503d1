"""Asking over HTTPS: only whom we trust, once, and nothing of it in an error."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.ledger.http_service import HttpService, NotSentError
from tests.ledger.processor import TOKEN, LoanSystem, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for `localhost`, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
    return file


@pytest.fixture
def loans() -> LoanSystem:
    return LoanSystem()


@pytest.fixture
async def address(certificate: Path, loans: LoanSystem) -> AsyncIterator[str]:
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate)
    async with serving(loans=loans, trust=trust) as where:
        yield where


async def ask(address: str, token: str | None = TOKEN) -> int:
    service = HttpService(address, token=SecretStr(token) if token else None, seconds=5)
    return (await service.ask("POST", "/loans/find", {"loan": "10004471"})).status


async def test_a_service_whose_certificate_is_trusted_is_asked(
    address: str, loans: LoanSystem, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert await ask(address) == 200
    assert loans.asked == [{"loan": "10004471"}]


async def test_a_service_that_is_not_trusted_is_told_nothing(address: str, loans: LoanSystem) -> None:
    with pytest.raises(NotSentError):
        await ask(address)
    assert loans.asked == []


async def test_a_certificate_for_another_name_is_not_trusted(
    address: str, loans: LoanSystem, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(NotSentError):
        await ask(address.replace("localhost", "127.0.0.1"))
    assert loans.asked == []


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    async with serving(loans=LoanSystem()) as address:
        assert await ask(address) == 200


async def test_no_error_says_what_was_asked_or_with_what_token() -> None:
    async with serving(loans=LoanSystem()) as address:
        service = HttpService(address, token=SecretStr("canary-token"), seconds=5)
        answer = await service.ask("POST", "/loans/find", {"loan": "10004471"})
        assert answer.status == 401
        with pytest.raises(UnavailableError) as caught:
            await service.ask("POST", "/nowhere", {"loan": "10004471"}, {"X-Odd": "10004471\r\n"})
    said = repr(caught.value) + repr(answer) + repr(service)
    assert not any(private in said for private in ("canary", "10004471"))


async def test_without_a_token_none_is_sent() -> None:
    async with serving(loans=LoanSystem()) as address:
        assert await ask(address, None) == 401


@pytest.mark.parametrize(
    ("address", "token"),
    [("https://h/\x00", "t"), ("https://h:x/", "t"), ("https://h", "é"), ("https://h", "a\nb"), ("https://h", " ")],
)
def test_what_could_not_be_sent_is_refused_at_the_start_and_not_quoted(address: str, token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpService(address, token=SecretStr(token))
    assert str(caught.value) in {
        "The address of a service is no URL.",
        "A token is ASCII text in one line, and not empty.",
    }
