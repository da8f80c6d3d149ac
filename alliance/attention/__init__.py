"""What asks for attention: rules judged on the live state, and their occurrences, which are never deleted."""
