"""Every error that this package raises on purpose. None carries a caller's data.

MortgageFsmError
├── ConfigurationError       a setting, a file or a plug-in that cannot be used as it is (exit code 2)
├── UnavailableError         something outside that should answer does not (exit code 1)
│   └── NotSentError         ledger/http_service: not a byte of the question has left
├── ImportFileError          a loans file with rows that cannot be taken (exit code 1)
├── ConflictError            ledger/database: a constraint refused a row, another transaction was first
├── ConfirmationUsedError    ledger/intents: this confirmation has had its payment
├── PaymentUnderWayError     ledger/intents: another payment on this loan is not settled
├── TooManyGuessesError      ledger/guesses: a limit on guesses over several loans is reached
├── SettledError             ledger/intents: the payment is settled otherwise
├── KeyReusedError           ledger/gateway: an idempotency key stands for another payment
├── TheirError               ledger/their_code: a servicer's own code raised something
├── RecordError              audit/record: a record that is not of the schema
├── ForkedError              audit/store: another process wrote to this call's chain
└── WriteRefusedError        voice/desk: the ledger refuses what was decided
"""

from __future__ import annotations

from collections.abc import Sequence


class MortgageFsmError(Exception):
    """Root of the tree."""


class ConfigurationError(MortgageFsmError):
    """One or more settings are wrong. `problems` holds one sentence each; all are reported at once."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class UnavailableError(MortgageFsmError):
    """Something outside this process (database, LiveKit server, vendor) does not answer."""


class ImportFileError(MortgageFsmError):
    """A file to import has bad rows; nothing was imported. `problems` names each row by its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
