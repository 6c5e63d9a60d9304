"""Data over the years: how indices stand, begin anew, are made over, and go."""
