"""Pure functions: what an event earns, which lots a spend consumes, which tier a member deserves.

Nothing here imports Odoo or touches a database; time and randomness are arguments.
"""
