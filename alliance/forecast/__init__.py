"""The next hours: who is likely to be there, which beats will go cold, and what the past taught about it."""
