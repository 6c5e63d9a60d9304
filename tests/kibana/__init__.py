"""What Kibana does with our objects, for tests: KQL as its own library reads it, Lens' columns as aggregations."""
