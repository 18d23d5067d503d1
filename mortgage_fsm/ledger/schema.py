"""The ledger's tables. What must never happen twice is a constraint here, not an `if` elsewhere."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mortgage_fsm.ledger.times import UtcTime

metadata = MetaData()

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")

loans = Table(
    "loans",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("last_four_hash", String(64), nullable=False),  # HMAC-SHA256 over loan and last four, never the digits
    Column("amount_due", BigInteger, nullable=False),  # US cents, as every amount here
    Column("due_date", Date, nullable=False),
    Column("last_payment", BigInteger),
    Column("last_payment_date", Date),
    Column("payoff", BigInteger, nullable=False),
    Column("flag", String(20)),
    Column("autopay_active", Boolean, nullable=False),
    CheckConstraint("amount_due >= 0 AND payoff >= 0 AND last_payment >= 0", name="loan_amounts_are_not_negative"),
)

instruments = Table(
    "instruments",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("loan", String(20), ForeignKey("loans.number", ondelete="CASCADE"), nullable=False),
    Column("method", String(20), nullable=False),
    Column("token", String(128), nullable=False),  # the processor's name for the account; no account number
    Column("description", String(80), nullable=False),  # as it is read back: "checking account ending 6021"
    UniqueConstraint("loan", "token", name="one_instrument_per_token"),
)

identity_attempts = Table(
    "identity_attempts",
    metadata,
    Column("loan_ref", String(26), primary_key=True),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),  # 0 to limit - 1: no room for one more
    Column("at", UtcTime, nullable=False),
    Index("identity_attempts_by_time", "at"),
)

guesses = Table(
    "guesses",  # identity attempts that did not match, by whom and in which hour: against trying many loans
    metadata,
    Column("scope", String(40), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),  # since 1970
    Column("made", Integer, nullable=False),
    CheckConstraint("made >= 0", name="guesses_are_not_negative"),
    Index("guesses_by_hour", "hour"),
)

payments = Table(
    "payments",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("call", String(64), nullable=False),
    Column("confirmation_id", Integer, nullable=False),  # number of the read-back that the yes answered
    Column("loan", String(20), nullable=False),  # no foreign key: the loan may live in a servicer's own system
    Column("cents", BigInteger),
    Column("wish", String(20)),  # in place of cents, for autopay only: each month's own amount due
    Column("method", String(20), nullable=False),
    Column("instrument_token", String(128), nullable=False),
    Column("instrument", String(80), nullable=False),
    Column("status", String(24), nullable=False),
    Column("idempotency_key", String(64), nullable=False),
    Column("confirmation", String(64)),
    Column("digest", String(64), nullable=False),  # equal to the one in the audit record of the same yes
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("gateway", Text),  # through which it is sent: that another one does not know it says nothing
    UniqueConstraint("idempotency_key", name="one_payment_per_key"),
    UniqueConstraint("call", "confirmation_id", name="one_payment_per_confirmation"),
    UniqueConstraint("confirmation", name="one_payment_per_confirmation_number"),
    CheckConstraint(
        "status IN ('submitting', 'accepted', 'declined', 'unresolved', 'pending_authorisation')",
        name="payment_status_is_known",
    ),
    CheckConstraint("(status = 'pending_authorisation') = (method = 'autopay')", name="autopay_is_only_an_enrolment"),
    CheckConstraint(
        "(cents IS NOT NULL AND cents > 0 AND wish IS NULL)"
        " OR (cents IS NULL AND wish = 'amount_due' AND method = 'autopay')",
        name="payment_has_one_amount",
    ),
    CheckConstraint(
        "(confirmation IS NOT NULL) = (status IN ('accepted', 'pending_authorisation'))",
        name="confirmation_number_exactly_when_accepted",
    ),
)

_UNDER_WAY = text("status IN ('submitting', 'unresolved')")
Index(
    "one_payment_under_way_per_loan",
    payments.c.loan,
    unique=True,
    sqlite_where=_UNDER_WAY,
    postgresql_where=_UNDER_WAY,
)
Index("payments_by_loan", payments.c.loan, payments.c.created_at)

notices = Table(
    "notices",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("payment", RowNumber, ForeignKey("payments.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    UniqueConstraint("payment", "kind", name="one_notice_of_a_kind"),
)

gateway_entries = Table(
    "gateway_entries",  # the books of the embedded gateway; no other code reads them
    metadata,
    Column("key", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("confirmation", String(64), unique=True),
    Column("declined_code", String(40)),
    Column("at", UtcTime, nullable=False),
    CheckConstraint("(confirmation IS NULL) <> (declined_code IS NULL)", name="entry_is_accepted_or_declined"),
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

callbacks = Table(
    "callbacks",  # who asked for a person when nobody could be reached; no telephone number: the loan's own is on file
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("call", String(64), nullable=False),
    Column("loan_ref", String(26)),  # absent where the caller named no loan
    Column("reason", String(20), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    UniqueConstraint("call", "reason", name="one_callback_per_call_and_reason"),
)

call_snapshots = Table(
    "call_snapshots",  # calls that are going on, as their latest decision left them; a row is gone with its call
    metadata,
    Column("call", String(64), primary_key=True),
    Column("room_ref", String(26), nullable=False),  # keyed reference of room and caller, never their names
    Column(
        "terms", String(64), nullable=False
    ),  # tenant, its configuration, table and build: a call changes none of them
    Column("holder", String(64), nullable=False),  # the only one who may go on with it
    Column("state", String(20), nullable=False),
    Column("facts", JSON, nullable=False),  # all that the machine knows, loan number included; no last four
    Column("turn", Integer, nullable=False),  # number of the caller's latest turn
    Column("attempts", SmallInteger, nullable=False),  # identity attempts made in this call
    Column("ended", Boolean, nullable=False),  # hung up, and only an answer is waited for
    Column("opened_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),  # when its holder last gave a sign of life
    Index("call_snapshots_by_time", "seen_at"),
)

_GOES_ON = text("NOT ended")
Index(
    "one_call_per_room",
    call_snapshots.c.room_ref,
    unique=True,
    sqlite_where=_GOES_ON,
    postgresql_where=_GOES_ON,
)
