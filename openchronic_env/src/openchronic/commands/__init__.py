"""One module per verb of the command line: ``PLACE_IN_HELP``, ``HELP``, ``configure(parser)``, ``run(args)``."""
