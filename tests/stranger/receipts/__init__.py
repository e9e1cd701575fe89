"""A distribution that kerasseq has never heard of: lines of receipts, each word of which gets a mark."""
