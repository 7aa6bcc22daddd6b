"""What is true of invented patients by the law that made them is found again in a release, as an analyst would look for it."""
