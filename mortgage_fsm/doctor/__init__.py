"""`python -m mortgage_fsm doctor`: what is configured, reachable and missing, one finding each. Shows no secret.

It looks and changes nothing: no schema is made, no model is asked, and no payment is sent unless `--contract` asks for it.
"""

from mortgage_fsm.doctor.asked import Asked, Case, read_case
from mortgage_fsm.doctor.examining import examine
from mortgage_fsm.doctor.findings import Finding, Verdict, as_json, as_lines

__all__ = ["Asked", "Case", "Finding", "Verdict", "as_json", "as_lines", "examine", "read_case"]
