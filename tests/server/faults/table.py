"""The name of the table of faults, which `make faults` and `make test` print."""

TABLE = "faults"
