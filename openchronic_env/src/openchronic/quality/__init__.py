"""What must hold of a release: checks as rows of a CSV, measured at every publish and on demand."""
