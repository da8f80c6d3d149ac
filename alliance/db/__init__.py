"""PostgreSQL: reached by its address or run from a wheel, migrated, and read into typed rows."""
