"""One article's way in: pure functions on frozen records, and one HTTP client.

Knows nothing of Celery, Redis or Elasticsearch.
"""
