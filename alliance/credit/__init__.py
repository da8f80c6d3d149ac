"""Rules, awards and the chained ledger."""
