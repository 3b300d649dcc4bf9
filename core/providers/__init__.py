"""Where audio features and genres come from: one protocol, one file each; `core.providers.fetch` asks them in turn."""
