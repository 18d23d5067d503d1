"""The names callers give to numbers; a number with another name than ours is never one of ours."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.spoken.en.phrases import Kind, Label, Meaning, Table

LABELS: Final[Table] = {
    Meaning(Kind.LABEL, Label.LOAN): (
        "loan", "loans", "loan number|id|no|num|account", "loan account number", "loan id number", "mortgage",
        "mortgage number|loan|account|id", "mortgage loan number|account", "mortgage account number", "home loan",
        "home loan number", "number of the|my loan|mortgage",
    ),
    Meaning(Kind.LABEL, Label.ACCOUNT): (
        "account", "account number|no|num|id", "acct", "acct number", "number on the|my account",
    ),
    Meaning(Kind.LABEL, Label.LAST_FOUR): (
        "last|final four|4", "last|final four|4 digits|numbers|numerals",
        "last|final four|4 ~digits|numbers of|on|for|in it|that|mine", "last|final four|4 is|are",
    ),
    Meaning(Kind.LABEL, Label.SSN): (
        "ssn", "s s n", "social", "soc", "social security", "social security number|no|card", "social number",
        "ss number", "social insurance number",  "ssn ending|ends in|with", "ssn ending|ends",
        "social ending|ends in|with", "social ending|ends", "social security ~number ending|ends in|with",
        "social security ~number ending|ends",
    ),
    Meaning(Kind.LABEL, Label.ENDING): ("ending", "ending in", "ends in", "ending with", "ends with"),
    Meaning(Kind.LABEL, Label.OTHER): (
        "phone", "phone number", "telephone", "telephone number", "cell", "cell phone", "cell number", "cellphone",
        "mobile", "mobile number", "fax", "fax number", "callback", "call back number", "extension", "ext", "routing",
        "routing number", "aba", "aba number", "bank account number", "checking account number",
        "savings account number", "checking number", "bank number", "card", "card number", "cards", "card ending",
        "debit card number", "debit number", "credit card number", "card ending in", "account ending ~in",
        "card on file", "visa", "mastercard", "amex", "discover",
        "american express", "cvv", "cvc", "security code", "expiration", "expiration date", "expiry", "expires",
        "exp", "expiring", "pin", "pin number", "pin code", "passcode", "password", "code", "verification code",
        "access code", "zip", "zip code", "postal code", "address", "street", "apartment", "apt", "suite", "unit",
        "house number", "date", "birthday", "birth", "birthdate", "date of birth", "dob", "born", "birth date",
        "year", "years", "year old", "day", "days", "month", "months", "week", "weeks", "hour", "hours", "minutes",
        "time", "oclock", "a m", "p m", "pm", "age", "old", "confirmation", "confirmation number|code", "reference",
        "reference number|code", "ref", "ref number", "case number", "ticket", "ticket number", "claim",
        "claim number", "policy", "policy number", "member", "member number|id", "membership", "customer number|id",
        "employee id|number", "agent id", "badge number", "tax id", "tax id number", "itin", "ein", "license",
        "license number", "drivers license", "driver's license", "passport", "passport number", "parcel",
        "parcel number", "invoice", "invoice number", "order", "order number", "check number", "form", "forms",
        "tracking", "score", "credit score", "rate", "interest rate", "apr", "january", "february", "march", "april",
        "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun",
        "jul", "aug", "sept", "sep", "oct", "nov", "dec", "spouse", "wife's", "husband's", "his", "her", "their",
        "wife", "husband", "mother's", "father's", "mom's", "dad's", "son's", "daughter's", "brother's", "sister's",
        "friend's", "partner's", "boyfriend's", "girlfriend's", "ex's",
        "first three|five|four|two|six|3|5|4|2|6 ~digits|numbers", "last three|five|two|six|3|5|2|6 ~digits|numbers",
        "middle two|2 ~digits|numbers", "middle", "co borrower's", "co borrower", "borrower's",
        "full social ~security ~number", "whole social ~security ~number", "entire social ~security ~number",
        "employer's", "tax", "taxes",
    ),
}  # fmt: skip
