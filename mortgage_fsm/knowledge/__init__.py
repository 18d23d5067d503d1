"""Answers: what callers ask about mortgages, from written topics with a source and a date."""
