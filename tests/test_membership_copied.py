"""Copies say that they are, whoever reads them."""

from datetime import date, datetime

from odoo.addons.customer_club.models.banner.club_banner import TITLE_LENGTH
from odoo.addons.customer_club.models.prize.club_prize import NAME_LENGTH
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged

DAYS = {"date_from": date(2026, 5, 1), "date_to": date(2026, 5, 31)}
#: What one of each kind needs besides its name and its club.
NEEDED = {
    "club.campaign": {"body": "Come and see.", **DAYS},
    "club.contest": DAYS,
    "club.earn.rule": {"event_type": "visit", "points": 1},
    "club.follow.up": {"event_type": "visit"},
    "club.prize": {"points": 10},
    "club.raffle": {
        "opens_at": datetime(2026, 5, 1),
        "closes_at": datetime(2026, 5, 9),
        "draws_at": datetime(2026, 5, 10),
    },
}


@tagged("post_install", "-at_install")
class TestCopiesSayThatTheyAre(ClubCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fa_IR")

    def make(self, model):
        """A record with a name in both languages, if that can be translated."""
        values = {model._rec_name: "Rose", **NEEDED.get(model._name, {})}
        if model._name == "club.follow.up":
            values.update(activity_type_id=self.env.ref("mail.mail_activity_data_todo").id, user_id=self.env.uid)
        if "club_id" in model._fields:
            values["club_id"] = self.club.id
        record = model.create(values)
        if model._fields[model._rec_name].translate:
            record.with_context(lang="fa_IR")[model._rec_name] = "رز"
        return record

    def test_in_every_language_and_not_where_they_were_given_a_name(self):
        kinds = [model for name, model in self.env.items() if issubclass(type(model), self.env.registry["club.copied"])]
        kinds = [model for model in kinds if not model._abstract]
        self.assertGreaterEqual(len(kinds), 10)
        for model in kinds:
            with self.subTest(model=model._name):
                name, translated = model._rec_name, bool(model._fields[model._rec_name].translate)
                record = self.make(model)
                for lang in ("en_US", "fa_IR"):
                    copy = record.with_context(lang=lang).copy()
                    self.env.flush_all()
                    self.env.invalidate_all()
                    found = [copy.with_context(lang=code)[name] for code in ("en_US", "fa_IR")]
                    self.assertEqual(found, ["Rose (copy)", "رز (copy)" if translated else "Rose (copy)"])
                given = record.copy({name: "Tulip"})
                self.assertEqual(given[name], "Tulip")

    def test_a_long_name_is_cut_and_not_that_it_is_a_copy(self):
        for model, name, most in (("club.prize", "name", NAME_LENGTH), ("club.banner", "title", TITLE_LENGTH)):
            for length in (most, most - 3, most - len(" (copy)")):
                with self.subTest(model=model, length=length):
                    copy = self.make(self.env[model]).copy({name: "R" * length}).copy()
                    self.assertEqual(copy[name], "R" * (most - len(" (copy)")) + " (copy)")
