from . import earning, extends, ledger, membership
