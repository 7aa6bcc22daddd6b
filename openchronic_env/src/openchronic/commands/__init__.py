"""One module per verb of the command line: ``HELP``, ``configure(parser)``, ``run(args)``."""
