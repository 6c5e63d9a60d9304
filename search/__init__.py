"""Everything Elasticsearch: schema, writing, query language, the page. Knows nothing of Celery or Redis."""
