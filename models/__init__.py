from . import membership, earning, ledger, spending, extends, portal  # isort: skip
from . import activity, voice, occasion, community, referral, counter, integration  # isort: skip
from . import marketing, prize, draw, raffle, merchant, wallet, together  # isort: skip
from . import accounting  # isort: skip
from . import behaviour, campaign, banner, simulation, reporting  # isort: skip
from . import push  # isort: skip
