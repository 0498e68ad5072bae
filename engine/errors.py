"""Named exceptions of the engine. Models turn them into errors for people."""


class EngineError(ValueError):
    """Base of every error that the engine raises."""
