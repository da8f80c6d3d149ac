"""The solver: whom to send where and when, within hard rules, with a bound on what is possible."""
