"""What earlier versions installed for good and this one ships otherwise is brought up to date where it is as it was.

Records of data files that are installed once (``noupdate``) are the shop's from then on: an update leaves them alone,
so that what was mended in them reaches old databases only from here. What anybody changed stays.
"""

from odoo import SUPERUSER_ID, api

#: The report's mail as it was shipped first.
MAIL = """<div>
    <p>Good morning, <t t-out="object.user_id.name">Anna</t>. Here is “<t t-out="object.report_id.name">The Month</t>”\
 for <bdi t-out="object.period">1 May 2026 – 31 May 2026</bdi>.</p>
    <t t-out="object.summary"/>
    <p>The whole report is attached, to print and as a spreadsheet. To open the records behind a number:\
 <a t-att-href="object.link">open the report</a>.</p>
</div>"""
OLD_ROOT = "<div>"
ROOT = (
    '<div t-att-dir="object.direction or \'ltr\'" style="max-width: 640px; font-family: sans-serif; font-size: 14px">'
)
#: What was mended in it since: whatever a name or a range of days is written in, it lies in its own direction.
MENDS = {
    '<t t-out="object.user_id.name">Anna</t>': '<bdi t-out="object.user_id.name">Anna</bdi>',
    '<t t-out="object.report_id.name">The Month</t>': '<bdi t-out="object.report_id.name">The Month</bdi>',
    '<bdi t-out="object.period">': '<bdi t-att-dir="object.direction or \'ltr\'" t-out="object.period">',
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    count_budgets_every_hour(env)
    lay_out_report_mail(env)


def count_budgets_every_hour(env):
    """It was every day once. Who set it to that themselves keeps it."""
    cron = env.ref("customer_club.ir_cron_club_budget_refresh", raise_if_not_found=False)
    shipped = cron and (cron.interval_number, cron.interval_type) == (1, "days") and cron.write_uid.id == SUPERUSER_ID
    if shipped:
        cron.interval_type = "hours"


def lay_out_report_mail(env):
    """A translation keeps its words, whosever they are, and gets the same root and the same mends."""
    template = env.ref("customer_club.mail_template_club_report", raise_if_not_found=False)
    shipped = (MAIL, MAIL.replace(OLD_ROOT, ROOT, 1))
    if not template or str(template.body_html).split() not in [body.split() for body in shipped]:
        return
    for lang in (None, *(code for code, _name in env["res.lang"].get_installed())):
        translated = template.with_context(lang=lang)
        body = before = str(translated.body_html)
        if body.startswith(OLD_ROOT):
            body = body.replace(OLD_ROOT, ROOT, 1)
        for old, new in MENDS.items():
            body = body.replace(old, new)
        if body != before:
            translated.body_html = body
