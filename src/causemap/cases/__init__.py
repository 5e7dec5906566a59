"""Frozen cases: stored dossiers that replay without a network or a key."""
