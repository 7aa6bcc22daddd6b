"""The table of the faults: what `make faults` prints, and `make test` at its end."""

TABLE = "faults"
