"""How a caller says what the money is taken from; only words that name one of our three ways and nothing else."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.heard import Method
from mortgage_fsm.spoken.en.phrases import Kind, Meaning, Table

METHODS: Final[Table] = {
    Meaning(Kind.METHOD, Method.BANK_TRANSFER): (
        "bank", "bank account|transfer|draft|debit|payment|withdrawal", "checking", "checking account", "checkings",
        "checkings account", "chequing ~account", "bank checking ~account", "checking account at the|my bank", "ach",
        "a c h", "ach transfer|payment|debit|draft", "a c h transfer|payment|debit", "e check", "echeck",
        "electronic check", "electronic bank transfer", "electronic transfer", "wire from my bank", "direct debit",
        "direct bank debit", "direct debit from my ~bank|checking account",
        "debit ~from my|the bank|checking ~account", "debit ~from my|the bank checking account",
        "bank account on file", "checking account on file", "direct from my bank ~account",
        "transfer from my bank ~account", "transfer from my checking ~account", "account at my|the bank",
    ),
    Meaning(Kind.METHOD, Method.DEBIT_CARD): (
        "debit", "debit card", "debit cards", "debit card on file", "card debit", "debit visa|mastercard",
        "visa|mastercard debit ~card", "bank debit card", "atm debit card", "the debit card ending",
    ),
    Meaning(Kind.METHOD, Method.AUTOPAY): (
        "autopay", "auto pay", "auto payment|payments", "autopayment", "autopayments",
        "automatic pay|payment|payments", "automatic monthly payment|payments", "automated payment|payments",
        "recurring payment|payments", "recurring monthly payment|payments", "automatically every|each month",
        "automatically each and every month", "automatic every|each month", "auto debit every|each month",
        "set it up automatically", "set it up automatically every|each month", "set it up automatic every|each month",
        "set up|up: autopay", "automatic monthly", "automatically monthly", "enroll|enrol ~me in autopay",
        "enroll|enrol ~me in auto|automatic pay|payments", "sign me up for autopay",
        "sign me up for auto|automatic pay|payments", "sign up for autopay",
        "sign up for auto|automatic pay|payments", "set up auto pay", "set up automatic|recurring payments",
        "set me up on|for|with autopay", "set me up on|for|with auto|automatic pay|payments",
    ),
    Meaning(Kind.DOUBT): (
        "savings", "savings account", "saving account", "bank card", "atm card", "atm", "cash", "check", "checks",
        "cheque", "money order", "paypal", "venmo", "zelle", "apple pay", "google pay", "cash app", "wire",
        "wire transfer", "wires", "western union", "moneygram", "gift card", "prepaid", "prepaid card", "food bank",
        "bank statement", "bank statements", "bank branch", "business account", "joint account", "money market",
        "broke", "bank of america", "piggy bank", "crypto wallet", "both", "any method", "either one", "turn off",
        "turn on", "cancel autopay", "cancel my autopay", "cancel auto pay", "stop autopay", "stop auto pay",
        "remove autopay",
    ),
}  # fmt: skip
