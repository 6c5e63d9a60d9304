"""The local stack: a real Elasticsearch node, a real Valkey server, workers and the page, on one machine's loopback."""
