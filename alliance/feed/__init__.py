"""The WebSocket feed: messages, sessions, the hub, and the live state of a district."""
