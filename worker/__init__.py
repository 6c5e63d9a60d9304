"""Everything that moves: settings, Celery app, stages, ledger, politeness, command line, local stack."""
