"""Log-ins, sessions, tokens and scopes: from a request to an actor."""
