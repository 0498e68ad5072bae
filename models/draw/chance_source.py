"""Where the randomness of draws comes from: the operating system's.

A seam for tests, which replace the function in the module; nothing that comes in with a request can reach it.
"""

import secrets


def random_below(count):
    """A whole number from 0 to below ``count``, each equally likely and not to be foreseen."""
    return secrets.randbelow(count)
