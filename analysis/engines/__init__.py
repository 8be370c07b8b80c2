"""Running reasoning models: engines behind one interface, and what is built over them."""
