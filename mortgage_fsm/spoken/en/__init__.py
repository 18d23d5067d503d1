"""English, as callers to a US mortgage servicer speak it."""

from __future__ import annotations

from typing import Final

from mortgage_fsm.spoken.en.aloud import aloud
from mortgage_fsm.spoken.en.hearing import digits, hear
from mortgage_fsm.spoken.en.masking import masked

VERSION: Final = "en-3"
"""Changes whenever a rule or a word list of this folder changes what is heard or masked."""

__all__ = ["VERSION", "aloud", "digits", "hear", "masked"]
