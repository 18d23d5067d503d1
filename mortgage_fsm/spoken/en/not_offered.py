"""What callers ask for that is not done on this line; saying so needs hearing it."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.heard import Intent
from mortgage_fsm.spoken.en.phrases import Kind, Meaning, Table

NOT_OFFERED: Final[Table] = {
    Meaning(Kind.INTENT, Intent.NOT_OFFERED): (
        "credit card", "credit cards", "my credit", "a|my|the credit card", "credit", "visa credit card",
        "visa credit", "mastercard credit", "amex card", "american express card", "charge card", "pay off",
        "pay it|this|that|everything|mine off",
        "pay off my|the|our|this ~entire|whole|full|home loan|mortgage|house|balance",
        "pay my|the|our|this ~entire|whole|full|home loan|mortgage|house|balance off",
        "pay ~off the|my ~entire|whole|full|total balance",
        "pay ~off the|my entire|whole|full loan|mortgage|thing|principal", "payoff",
        "the|my payoff ~amount|quote|balance", "payoff amount|quote|letter",
        "the|my whole|entire|full|complete|total loan|mortgage|balance|principal|debt|thing",
        "whole|entire|full|complete|total loan|mortgage|balance", "everything i owe", "all i owe", "all of it",
        "everything", "the whole thing", "pay in full", "pay it in full", "paid in full",
        "remaining|outstanding|current balance", "the|my remaining|outstanding|current|principal|unpaid balance",
        "the rest of the|my loan|mortgage", "loan in full", "settle the|my loan|mortgage",
        "close out my|the loan|mortgage", "the balance in full", "extra", "an extra", "additional", "an additional",
        "extra principal", "principal", "the|my principal",
        "to|toward|towards|against|on ~the|my principal ~balance|only", "principal only", "extra payment",
        "an extra payment", "additional payment", "make|pay an|some extra|additional payment|principal",
        "principal reduction|payment|curtailment", "curtailment", "into escrow",
        "toward|towards|to my|the escrow ~account|shortage", "tomorrow", "the day after tomorrow",
        "day after tomorrow",
        "next week|month|year|payday|paycheck|friday|monday|tuesday|wednesday|thursday|saturday|sunday",
        "this monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend",
        "on|by|for|this|next|until|till ~the monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "the weekend", "weekend",
        "tonight at midnight", "later", "later this|on week|month|today", "end of the|this|next month|week",
        "the end of the|this|next month|week", "at the end of the|this|next month|week",
        "in a few|couple|of ~of days|weeks|minutes|hours", "in a week|month|day",
        "in two|three|four|five|six|ten|10|2|3|4|5|6 days|weeks", "when i get paid", "on payday", "payday",
        "on the first|second|third|fourth|fifth|sixth|tenth|fifteenth|twentieth|last ~of+the+month|of+next+month",
        "on the 1st|2nd|3rd|4th|5th|6th|7th|8th|9th|10th ~of+the+month|of+next+month",
        "on the 11th|12th|13th|14th|15th|16th|17th|18th|19th|20th ~of+the+month|of+next+month",
        "on the 21st|22nd|23rd|24th|25th|26th|27th|28th|29th|30th|31st ~of+the+month|of+next+month",
        "the first|1st|15th|fifteenth of the|next month", "for next month", "schedule it|this|that",
        "schedule it|this|that for", "postdate", "post date", "post dated", "future date", "a future date",
        "a later date", "at a later date", "another day", "a different day", "on another day|date",
        "a different date",
        "for my mother|father|mom|dad|son|daughter|brother|sister|friend|neighbor|parents|wife|husband",
        "someone else's loan|mortgage",
        "my mother's|father's|mom's|dad's|son's loan|mortgage",
        "my daughter's|brother's|sister's|friend's|neighbor's|parents loan|mortgage",
        "split the payment", "split it", "two payments", "half now", "in installments",
    ),
}  # fmt: skip
