"""A room whose agents die: each call in it is held by one process after another, on one ledger, as jobs hold them."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mortgage_fsm.audit.chain import canonical
from mortgage_fsm.audit.replaying import Replay
from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.ledger.demo import ensure_demo_loans
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.ledger.snapshots import Place
from mortgage_fsm.machine import Call, State
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenant
from mortgage_fsm.tenants_file import of_settings
from mortgage_fsm.voice.keeping import Keeper
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.voice.taking_over import place_of, take_over
from mortgage_fsm.wiring import Ledger, embedded_loans, open_ledger
from tests.stories.rehearsal import WAY, greeted, opened, settings_for, shipped_knowledge, until

LIMIT = timedelta(minutes=15)


@dataclass
class Held:
    """A call, as one process holds it."""

    phone: PhoneCall
    keeper: Keeper
    spoken: list[str] = field(default_factory=list)
    is_dead: bool = False

    @property
    def call(self) -> Call:
        return self.phone.orchestrator.call

    async def say(self, *lines: str) -> str:
        """Each line as one caller turn; what the agent said to the last one."""
        before = len(self.spoken)
        for line in lines:
            before = len(self.spoken)
            await asyncio.wait_for(self.phone.session.run(user_input=line), 20)
        return " ".join(self.spoken[before:])

    async def reach(self, state: State) -> None:
        await self.say(*WAY[state])
        assert self.call.state is state

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what is done after a sentence is spoken."""
        await until(holds, 20, lambda: f"in {self.call.state}")

    async def dies(self) -> None:
        """Gone as with kill -9: nothing is decided, recorded or said any more."""
        self.is_dead = True
        await self.keeper.end()
        await self.phone.session.aclose()

    async def hangs_up(self) -> None:
        self.is_dead = True
        await self.phone.close()


@dataclass
class Room:
    """Where the calls are, and the ledger that every process opens."""

    ledger: Ledger
    settings: Settings
    name: str = "a room"
    held: list[Held] = field(default_factory=list)

    def place(self, tenant: Tenant | None = None, *, room: str | None = None, caller: str = "caller") -> Place:
        holder = f"agent-{secrets.token_hex(6)}"
        own = tenant or of_settings(self.settings)
        return place_of(self.ledger, own, room=room or self.name, caller=caller, holder=holder)

    async def answered(self, tenant: Tenant | None = None, *, there: Sequence[str] = (), **at: str) -> Held:
        """Another process takes the call of the room, or begins one. `there`: holders still in the room."""
        place = self.place(tenant, **at)
        found = await take_over(self.ledger, place, there.__contains__, LIMIT, watched=0.3)
        keeper = Keeper(found.call if found else secrets.token_hex(16), self.ledger.snapshots, place)
        phone = PhoneCall(
            self.settings,
            self.ledger,
            shipped_knowledge(),
            tenant=tenant,
            model=None,
            audio=False,
            keeper=keeper,
            found=found,
        )
        held = Held(phone, keeper)
        self.held.append(held)
        await greeted(phone, held.spoken)
        return held

    async def payments(self) -> list[tuple[Any, Any]]:
        """US cents and status of every payment, newest first."""
        return [(each["amount_cents"], each["status"]) for each in await self.ledger.payments.listing()]

    async def log(self) -> dict[str, list[dict[str, Any]]]:
        """The records of each call: every chain is whole, and the machine, asked again, agrees with every decision."""
        calls: dict[str, list[dict[str, Any]]] = {}
        replay = Replay()
        async with self.ledger.database.reading() as connection:
            async for record in self.ledger.journal.records(connection):
                calls.setdefault(str(record["call"]), []).append(record)
        for records in calls.values():
            assert check_chain(records) is None
            for record in records:
                replay.take(canonical(record).encode())
            decided_at = [record["at_ms"] for record in records if "at_ms" in record]
            assert decided_at == sorted(decided_at), "one clock runs through the whole call"
        return calls


@asynccontextmanager
async def a_room(gateway: Any = None, *, url: str | None = None) -> AsyncIterator[Room]:
    """A room on a ledger of its own. Whoever is still alive in it at the end hangs up.

    Args:
        gateway: in place of the embedded one.
        url: of a server's database with the schema and nothing in it; None: a SQLite file.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder)) if url is None else Settings(_env_file=None, database_url=url)
        async with opened(Path(folder)) if url is None else _on_a_server(settings) as own:
            ledger = own
            if gateway is not None:
                own.reconciler._gateway = gateway
                ledger = replace(own, gateway=gateway)
            room = Room(ledger, settings)
            try:
                yield room
            finally:
                for each in room.held:
                    if not each.is_dead:
                        await each.hangs_up()


@asynccontextmanager
async def _on_a_server(settings: Settings) -> AsyncIterator[Ledger]:
    async with open_ledger(settings) as ledger:
        loans = embedded_loans(settings, ledger.database)
        await ensure_demo_loans(ledger.database, loans, datetime.now(UTC).date())  # a server's is given none by itself
        yield ledger


NewRoom = Callable[..., AbstractAsyncContextManager[Room]]


class SilentGateway:
    """Takes a payment or does not, and never answers whoever asks for it. Keeps a book of all it was asked to do."""

    absent_after = timedelta(minutes=1)

    def __init__(self, becomes: Accepted | Declined | None) -> None:
        self.becomes = becomes
        self.asked = asyncio.Event()
        self.sent: list[PaymentRequest] = []

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        self.sent.append(request)
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("it does not answer")

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return self.becomes if any(each.key == key for each in self.sent) else None


async def says_yes(held: Held, gateway: SilentGateway) -> asyncio.Future[str]:
    """The caller says yes and the payment is sent; what is said to that is not there before an answer is."""
    saying = asyncio.ensure_future(held.say("yes"))
    await asyncio.wait_for(gateway.asked.wait(), 20)
    return saying


async def dies_sending(held: Held, saying: asyncio.Future[str]) -> None:
    """The process is gone while an answer is waited for."""
    sending = held.phone.orchestrator._sending
    assert sending is not None
    saying.cancel()
    sending.cancel()
    await asyncio.gather(saying, sending, return_exceptions=True)
    await held.dies()
