"""Numeral slots that code fills; no model client is written yet, every step runs without one."""
