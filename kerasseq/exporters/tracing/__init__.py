"""The operations of `keras.ops` that a layer is made of, which the exporters write down one by one."""
