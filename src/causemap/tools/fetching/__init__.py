"""The parts of the one fetcher: addresses, connections, pacing, decoding, cache, robots."""
