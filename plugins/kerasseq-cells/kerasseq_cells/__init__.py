"""Recurrent cells for kerasseq beyond its own: peepholes, layer normalisation inside, convolution, states that do not
mix, gates that look at no state; and a block of self-attention to stand beside them."""
