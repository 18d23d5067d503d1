"""Keeps the money: loans, identity attempts, payment intents and what the gateway answered. The system of record."""
