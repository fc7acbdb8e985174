"""What either end must do: a suite of cases for a receiver, one for a sender, and a recording of FHI's own client."""
