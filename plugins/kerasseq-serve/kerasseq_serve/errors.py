"""What the service raises on purpose.

    ServeError     the service cannot start; the command line prints it and ends with its exit code
    └── ModelError the model file cannot be served
    Refused        one request is refused; the client gets the status and the message
    Gone           the client went away before its answer

A message reads *where: rule, got value; what to do*: lower case, no full stop.
"""

from __future__ import annotations

__all__ = ["Gone", "ModelError", "Refused", "ServeError"]


class ServeError(Exception):
    """The service cannot start.

    Args:
        message: One line.
        exit_code: 2 where the command line is wrong, 1 where the model file is or the system refuses.
    """

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class ModelError(ServeError):
    """The model file is missing, damaged, of another format, or needs what is not here.

    Args:
        message: One line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=1)


class Refused(Exception):
    """A request is refused.

    Args:
        status: The HTTP status, 400 to 599.
        message: One line for the client; it never holds a part of a text.
        retry_after: Seconds until another attempt makes sense; 0 where it never does.
    """

    def __init__(self, status: int, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


class Gone(Exception):
    """The client closed the connection; nobody reads an answer."""
