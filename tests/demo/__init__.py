"""The made-up district."""
