"""How what rules found reaches people: channels, what is written there, attempt after attempt. See docs/alerts.md."""
