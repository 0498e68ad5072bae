from . import membership, earning, ledger, extends  # isort: skip
