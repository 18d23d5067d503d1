"""One question to a servicer's system over HTTPS: asked once, answered in JSON within its time, or not answered.

Each question has a connection of its own: one kept from before may have gone stale, and a payment sent into it would
be unresolved. There are no retries and no redirects, and no proxy is taken from the environment.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from pydantic import SecretStr

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.ledger.breaker import Breaker

LONGEST_ANSWER: Final = 65_536
"""Bytes. None of our questions has an answer nearly as long."""

CONNECT_SECONDS: Final = 3.0

_FAILING: Final = frozenset({408, 425, 429, *range(500, 600)})
"""Statuses that say how the service does, not what became of the question."""


class NotSentError(UnavailableError):
    """The service could not be asked: not a byte of the question has left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    """The HTTP status: 2xx or 4xx."""
    body: Mapping[str, Any] = field(repr=False)
    """The JSON object it sent."""


class HttpService:
    """A service at an address.

    Args:
        address: https://host/path; http:// to this machine only, which the settings see to.
        token: sent as a bearer token; None: none is sent.
        seconds: how long one answer may take, all in all.

    Raises:
        ConfigurationError: the address or the token could not be sent.
    """

    def __init__(
        self, address: str, *, token: SecretStr | None = None, seconds: float = 10.0, breaker: Breaker | None = None
    ) -> None:
        self._address = address.rstrip("/")
        self._token = token
        _check(self._address, token)
        self._seconds = seconds
        self._breaker = breaker or Breaker()
        self._trust: ssl.SSLContext | None = None

    async def ask(
        self, verb: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once.

        Raises:
            NotSentError: no connection came about, or the service is being given a rest.
            UnavailableError: the question may have arrived, and what was answered, if anything, cannot be used.
        """
        if not self._breaker.allows():
            raise NotSentError("The service is being given a rest.")
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._exchange(verb, path, body, headers or {})
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self._breaker.failed()
            raise NotSentError("The service cannot be reached.") from None
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            self._breaker.failed()
            raise UnavailableError(f"The service does not answer ({type(error).__name__}).") from None
        except BaseException:  # given up by whoever asked, or unreadable
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    async def _exchange(
        self, verb: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._trust is None:  # reads the certificates of this machine (or of SSL_CERT_FILE)
            self._trust = await asyncio.to_thread(ssl.create_default_context)
        times = httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        async with (
            httpx.AsyncClient(verify=self._trust, timeout=times, trust_env=False, headers=self._headers()) as client,
            client.stream(verb, self._address + path, json=body, headers=dict(headers)) as response,
        ):
            if response.status_code in _FAILING or not (response.is_success or response.is_client_error):
                raise UnavailableError(f"The service answers with status {response.status_code}.")
            text = bytearray()
            async for part in response.aiter_raw():
                text += part
                if len(text) > LONGEST_ANSWER:
                    raise UnavailableError("The service's answer is too long.")
        return Answer(response.status_code, _object(bytes(text)))

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return headers


def _check(address: str, token: SecretStr | None) -> None:
    secret = token.get_secret_value() if token else "none"
    if not secret.isascii() or not secret.isprintable() or not secret.strip():
        raise ConfigurationError("A token is ASCII text in one line, and not empty.")
    try:
        httpx.URL(address)
    except httpx.InvalidURL:
        raise ConfigurationError("The address of a service is no URL.") from None


def _object(text: bytes) -> dict[str, Any]:
    try:
        read = json.loads(text, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UnavailableError("The service's answer is not a JSON object.")
    return read


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses an object that says one thing twice: whoever reads the other one of the two reads another answer."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
