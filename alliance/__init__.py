"""The service with which police, security companies and volunteers patrol a district together."""
