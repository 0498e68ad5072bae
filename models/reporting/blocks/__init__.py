# Blocks of reports, one file each; what they share comes first.
from . import club_report_block  # isort: skip
from . import options  # isort: skip

# Blocks that others inherit.
from . import product_tier, retention, stages, top_members, weekday_hour  # isort: skip
from . import (
    activity,
    advice,
    budget,
    campaigns,
    cost,
    earning_by_way,
    growth,
    holdout,
    ladder,
    liability,
    points_flow,
    product_segment,
    referral,
    repeat_purchase,
    rfm,
    retention_joined,
    satisfaction,
    segments,
    sleeping_members,
    spending_by_channel,
    tier_movements,
    weekday_segment,
)
from . import overview
