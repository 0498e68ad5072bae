from . import membership, earning, ledger, spending, extends, portal  # isort: skip
