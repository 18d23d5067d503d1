"""The proof of a table: every invariant, on every call that can be reached and at the gate of many that cannot.

`prove()` walks the table that runs; `prove(other)` any other one. A broken invariant is named with the shortest way to it.
"""

from mortgage_fsm.machine.proof.report import Proof, Proved, as_json, as_lines, prove

__all__ = ["Proof", "Proved", "as_json", "as_lines", "prove"]
