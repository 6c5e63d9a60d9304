"""The query language: read to a tree, compiled to one Elasticsearch query. The door is `search/query.py`."""
