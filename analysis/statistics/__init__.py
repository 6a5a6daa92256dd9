"""One research question in each module: prepared data in, results out."""
