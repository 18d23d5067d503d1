"""Ten thousand guesses by processes that are killed at random: each loan is compared three times a day, and no more."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import mortgage_fsm
from mortgage_fsm.ledger.database import Database

GUESSES = 10_000
LOANS = 100
AT_ONCE = 3

GUESSER = """
import asyncio, os, random, sys
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.identity import AttemptPolicy, IdentityCheck

url, folder, loans, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

class Directory:
    def __init__(self):
        self.file = os.open(folder + "/compared", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async def identity_matches(self, loan, last_four):
        os.write(self.file, (loan + "\\n").encode())  # before the comparison: a crash hides none
        await asyncio.sleep(0)
        return False

async def main():
    chance = random.Random(seed)
    database = Database(url)
    policy = AttemptPolicy(match_frees_its_attempt=True, per_caller=10**6, in_all=10**6)
    check = IdentityCheck(database, Directory(), lambda loan: loan, policy=policy)
    made = os.open(folder + "/made", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async def guess():
        os.write(made, b".")
        loan = str(10_000_000 + chance.randrange(loans))
        await check.attempt(loan, f"{chance.randrange(10_000):04d}")
    while True:
        await asyncio.gather(*(guess() for _ in range(16)), return_exceptions=True)

asyncio.run(main())
"""


@pytest.mark.slow
def test_ten_thousand_guesses_over_processes_and_crashes_compare_three_for_each_loan(
    database: Database, url: str, tmp_path: Path
) -> None:
    root = Path(mortgage_fsm.__file__).parent.parent
    made, compared = tmp_path / "made", tmp_path / "compared"
    made.touch()
    chance, seed, killed = random.Random(6), 0, 0
    running: list[subprocess.Popen[bytes]] = []
    try:
        while made.stat().st_size < GUESSES:
            while len(running) < AT_ONCE:
                seed += 1
                arguments = [url, str(tmp_path), str(LOANS), str(seed)]
                running.append(subprocess.Popen([sys.executable, "-c", GUESSER, *arguments], cwd=root))
            time.sleep(chance.uniform(3.0, 6.0))
            victim = running.pop(chance.randrange(AT_ONCE))
            assert victim.poll() is None
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            killed += 1
    finally:
        for each in running:
            each.kill()
            each.wait()
    times = Counter(compared.read_text().split())
    print(f"{made.stat().st_size} guesses, {killed} processes killed, {sum(times.values())} compared")
    assert killed > 3
    assert len(times) == LOANS
    assert max(times.values()) <= 3
