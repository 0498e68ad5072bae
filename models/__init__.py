from . import membership, earning, ledger, spending, extends, portal  # isort: skip
from . import activity, voice, occasion, community, referral, counter, integration  # isort: skip
