"""The page, the card and the pictures of a run."""
