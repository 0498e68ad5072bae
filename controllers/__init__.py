from . import activity, card, feedback, join, merchant, portal, profile, referral, shop, signup, voucher
from . import occasions, surveys  # isort: skip
from . import contest  # isort: skip
from . import timeline  # isort: skip
from . import question  # isort: skip
from . import gift, pool, donation  # isort: skip
from . import merchant_account, organisation  # isort: skip
from . import draw  # isort: skip
from . import raffle  # isort: skip
from . import prize  # isort: skip
from . import wallet  # isort: skip
from . import books  # isort: skip
from . import campaign  # isort: skip
from . import banner, statement  # isort: skip
from . import report  # isort: skip
from . import simulation  # isort: skip
from . import push  # isort: skip
