"""Models beside each other: trained one after another, measured on the same rows, told apart from chance."""
