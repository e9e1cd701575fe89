"""What finished models say of texts, and a small model that learns it."""
