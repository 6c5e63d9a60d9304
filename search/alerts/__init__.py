"""What rules found and who was told: episodes, alerts, deliveries."""
