"""From delivered files to typed tables: find, scan, understand the header, cast, count rejects."""
