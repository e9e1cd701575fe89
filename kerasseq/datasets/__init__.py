"""Where rows come from: tables, the bundled sets, named sets."""
