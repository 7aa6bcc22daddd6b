"""From typed tables to a published release."""
