"""Page-shaped read models: (store, filters) -> Arrow table or dataclass. One file a page."""
