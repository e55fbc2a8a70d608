"""What goes wrong in reading, in words for whoever named the file."""


class ReadError(Exception):
    """An input that could not be read: where, why and what to do, in one line."""

    def __init__(self, name: str, reason: str, advice: str) -> None:
        self.name = name
        super().__init__(f"{name}: {reason}; {advice}")
