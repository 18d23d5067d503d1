CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE loans (
  number VARCHAR(20) NOT NULL,
  last_four_hash VARCHAR(64) NOT NULL,
  amount_due BIGINT NOT NULL,
  due_date DATE NOT NULL,
  last_payment BIGINT,
  last_payment_date DATE,
  payoff BIGINT NOT NULL,
  flag VARCHAR(20),
  autopay_active BOOLEAN NOT NULL,
  PRIMARY KEY (number),
  CONSTRAINT loan_amounts_are_not_negative CHECK (amount_due >= 0 AND payoff >= 0 AND last_payment >= 0)
);

CREATE TABLE instruments (
  id INTEGER NOT NULL,
  loan VARCHAR(20) NOT NULL,
  method VARCHAR(20) NOT NULL,
  token VARCHAR(128) NOT NULL,
  description VARCHAR(80) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT one_instrument_per_token UNIQUE (loan, token),
  FOREIGN KEY(loan) REFERENCES loans (number) ON DELETE CASCADE
);

CREATE TABLE identity_attempts (
  loan_ref VARCHAR(26) NOT NULL,
  slot SMALLINT NOT NULL,
  at DATETIME NOT NULL,
  PRIMARY KEY (loan_ref, slot)
);

CREATE INDEX identity_attempts_by_time ON identity_attempts (at);

CREATE TABLE payments (
  id INTEGER NOT NULL,
  call VARCHAR(64) NOT NULL,
  confirmation_id INTEGER NOT NULL,
  loan VARCHAR(20) NOT NULL,
  cents BIGINT,
  wish VARCHAR(20),
  method VARCHAR(20) NOT NULL,
  instrument_token VARCHAR(128) NOT NULL,
  instrument VARCHAR(80) NOT NULL,
  status VARCHAR(24) NOT NULL,
  idempotency_key VARCHAR(64) NOT NULL,
  confirmation VARCHAR(64),
  digest VARCHAR(64) NOT NULL,
  created_at DATETIME NOT NULL,
  settled_at DATETIME, gateway TEXT,
  PRIMARY KEY (id),
  CONSTRAINT one_payment_per_key UNIQUE (idempotency_key),
  CONSTRAINT one_payment_per_confirmation UNIQUE (call, confirmation_id),
  CONSTRAINT one_payment_per_confirmation_number UNIQUE (confirmation),
  CONSTRAINT payment_status_is_known CHECK (status IN ('submitting', 'accepted', 'declined', 'unresolved', 'pending_authorisation')),
  CONSTRAINT autopay_is_only_an_enrolment CHECK ((status = 'pending_authorisation') = (method = 'autopay')),
  CONSTRAINT payment_has_one_amount CHECK ((cents IS NOT NULL AND cents > 0 AND wish IS NULL) OR (cents IS NULL AND wish = 'amount_due' AND method = 'autopay')),
  CONSTRAINT confirmation_number_exactly_when_accepted CHECK ((confirmation IS NOT NULL) = (status IN ('accepted', 'pending_authorisation')))
);

CREATE UNIQUE INDEX one_payment_under_way_per_loan ON payments (loan) WHERE status IN ('submitting', 'unresolved');

CREATE INDEX payments_by_loan ON payments (loan, created_at);

CREATE TABLE notices (
  id INTEGER NOT NULL,
  payment INTEGER NOT NULL,
  kind VARCHAR(40) NOT NULL,
  queued_at DATETIME NOT NULL,
  sent_at DATETIME,
  PRIMARY KEY (id),
  CONSTRAINT one_notice_of_a_kind UNIQUE (payment, kind),
  FOREIGN KEY(payment) REFERENCES payments (id)
);

CREATE TABLE gateway_entries (
  "key" VARCHAR(64) NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  cents BIGINT NOT NULL,
  confirmation VARCHAR(64),
  declined_code VARCHAR(40),
  at DATETIME NOT NULL,
  PRIMARY KEY ("key"),
  CONSTRAINT entry_is_accepted_or_declined CHECK ((confirmation IS NULL) <> (declined_code IS NULL)),
  UNIQUE (confirmation)
);

CREATE TABLE meta (
  name VARCHAR(40) NOT NULL,
  value VARCHAR(200) NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE audit_records (
  id INTEGER NOT NULL,
  call VARCHAR(64) NOT NULL,
  seq INTEGER NOT NULL,
  type VARCHAR(20) NOT NULL,
  ts VARCHAR(24) NOT NULL,
  loan_ref VARCHAR(26),
  hash VARCHAR(64) NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT one_record_per_number UNIQUE (call, seq)
);

CREATE INDEX audit_records_by_loan ON audit_records (loan_ref);

CREATE TABLE callbacks (
  id INTEGER NOT NULL,
  call VARCHAR(64) NOT NULL,
  loan_ref VARCHAR(26),
  reason VARCHAR(20) NOT NULL,
  asked_at DATETIME NOT NULL,
  done_at DATETIME,
  PRIMARY KEY (id),
  CONSTRAINT one_callback_per_call_and_reason UNIQUE (call, reason)
);

CREATE TABLE guesses (
  scope VARCHAR(40) NOT NULL,
  hour INTEGER NOT NULL,
  made INTEGER NOT NULL,
  PRIMARY KEY (scope, hour),
  CONSTRAINT guesses_are_not_negative CHECK (made >= 0)
);

CREATE INDEX guesses_by_hour ON guesses (hour);

CREATE TABLE call_snapshots (
  call VARCHAR(64) NOT NULL,
  room_ref VARCHAR(26) NOT NULL,
  terms VARCHAR(64) NOT NULL,
  holder VARCHAR(64) NOT NULL,
  state VARCHAR(20) NOT NULL,
  facts JSON NOT NULL,
  turn INTEGER NOT NULL,
  attempts SMALLINT NOT NULL,
  ended BOOLEAN NOT NULL,
  opened_at DATETIME NOT NULL,
  seen_at DATETIME NOT NULL,
  PRIMARY KEY (call)
);

CREATE INDEX call_snapshots_by_time ON call_snapshots (seen_at);

CREATE UNIQUE INDEX one_call_per_room ON call_snapshots (room_ref) WHERE NOT ended;

INSERT INTO alembic_version (version_num) VALUES ('0006');
