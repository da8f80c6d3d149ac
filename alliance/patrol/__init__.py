"""Attendance, duty spans, fixes, visits and SOS."""
