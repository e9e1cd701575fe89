"""Linear models of the n-grams of a text: beside the network, and as what it has to beat."""
