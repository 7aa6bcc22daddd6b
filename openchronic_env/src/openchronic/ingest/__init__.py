"""Turns delivered files into typed tables: finds and scans them, reads headers, casts values, counts rejects."""
