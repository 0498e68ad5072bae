from . import membership, earning, ledger, extends, portal  # isort: skip
