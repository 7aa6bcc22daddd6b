"""What a build makes of delivered tables: models by subject, and the graph that they are."""
