"""The four desks, the graph that runs them, the synthesiser and the verifier."""
