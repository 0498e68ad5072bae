# What a shop has when it updates: run by ./dev in a database with the previous version, with `env` at hand.
# It uses only names of design §4, which every version keeps.
env = env  # noqa: F821, PLW0127
club = env["club.club"].create(
    {
        "name": "Upgrade Club",
        "tz": "UTC",
        "earn_when": "confirmed",
        "hold_days": 0,
        "expiry_policy": "never",
    }
)
partners = env["res.partner"].create([{"name": "Upgrade Anna"}, {"name": "Upgrade Ben"}])
anna, ben = club._enrol(partners)
Entry = env["club.point.entry"]
earned, waiting = Entry._post(
    [
        {"member_id": anna.id, "kind": "earn", "points": 100, "key": "upgrade,1:earn"},
        {"member_id": anna.id, "kind": "earn", "points": 40, "key": "upgrade,2:earn", "pending": True},
    ]
)
spent = Entry._post([{"member_id": anna.id, "kind": "spend", "points": -30, "key": "upgrade,3:spend"}])
spent._reverse(key="upgrade,3:back", points=10)
anna._transfer(ben, 20, "upgrade,4:transfer")
Entry._post([{"member_id": ben.id, "kind": "spend", "points": -50, "key": "upgrade,5:spend", "happened": True}])
env["club.earn.rule"].create(
    {
        "club_id": club.id,
        "name": "Upgrade Rule",
        "formula": "per_amount",
        "points": 2,
        "per_amount": 10,
        "friday": True,
        "nth_mode": "every",
        "nth": 3,
        "limit_member": 500,
    }
)
fact = {"member_id": anna.id, "type": "custom", "key": "upgrade,6:custom", "amount": 30}
env["club.event"]._record([fact])._process()
# What is installed once, as versions before the previous one shipped it: only migrations/ mends it.
env.ref("customer_club.ir_cron_club_budget_refresh").interval_type = "days"
mail = env.ref("customer_club.mail_template_club_report")
mail.body_html = "<div>" + str(mail.body_html).partition(">")[2]
env["ir.config_parameter"].sudo().set_param(
    "customer_club.upgrade_seed",
    ",".join(f"{entry.key}={entry.points:g}/{entry.available:g}" for entry in Entry.search([], order="id")),
)
env.cr.commit()
