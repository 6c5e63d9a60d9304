"""Kibana over Kawat's indices: data views, searches and dashboards, generated from the same schema as the indices.

Nothing here is drawn by hand in Kibana: `kawat kibana export` writes the objects, `kawat kibana install` imports them,
and `link.kibana_link` opens a search of the page in Discover.
"""
