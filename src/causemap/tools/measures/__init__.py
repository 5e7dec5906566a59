"""Deterministic market measures: pure functions from price series to typed records."""
