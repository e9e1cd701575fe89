"""How an answer is written, token by token, by any model that says what may come next; numpy alone."""
