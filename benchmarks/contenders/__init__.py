"""The bots that are measured; each is a process of its own: `--api URL --folder FOLDER …`."""
