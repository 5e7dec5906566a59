"""From evidence to log-odds, probabilities, contributions and the cause map; pure functions."""
