"""The faults that the service must outlive, each brought about for real and judged by the database."""
