"""What the desks call: the series registry, the as-of view of the data and the measures."""
