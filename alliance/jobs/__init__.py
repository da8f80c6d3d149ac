"""The timed jobs: one list, run by the one node that holds the lease, each run kept and shown."""
