"""People, organisations, teams and units."""
