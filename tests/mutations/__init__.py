"""Settings made wrong on a running server, one by one: does a test notice? `make mutations`."""
