"""Every named system: records of ours in its shape, imported as a file and read from the store."""
