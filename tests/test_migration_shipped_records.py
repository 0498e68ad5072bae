"""What is installed once and was mended since is mended in old databases, too, unless somebody changed it."""

import pathlib

from odoo.modules.module import load_script
from odoo.tests import tagged

from .common import ClubCase

SCRIPT = pathlib.Path(__file__).parent.parent / "migrations" / "19.0.1.0.1" / "post-shipped_records.py"


@tagged("post_install", "-at_install")
class TestWhatWasInstalledOnceIsMended(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = load_script(str(SCRIPT), "post-shipped_records")
        cls.cron = cls.env.ref("customer_club.ir_cron_club_budget_refresh").sudo()
        cls.mail = cls.env.ref("customer_club.mail_template_club_report").sudo()
        cls.shipped = str(cls.mail.body_html)
        cls.cron.interval_type = "days"
        cls.mail.body_html = cls.script.MAIL

    def migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.flush_all()
        self.env.invalidate_all()

    def test_what_nobody_changed_is_as_this_version_ships_it(self):
        self.migrate()
        self.assertEqual((self.cron.interval_number, self.cron.interval_type), (1, "hours"))
        self.assertEqual(str(self.mail.body_html).split(), self.shipped.split())

    def test_what_was_laid_out_before_gets_the_later_mends(self):
        self.mail.body_html = self.script.MAIL.replace(self.script.OLD_ROOT, self.script.ROOT, 1)
        self.migrate()
        self.assertEqual(str(self.mail.body_html).split(), self.shipped.split())

    def test_it_may_run_again(self):
        self.migrate()
        body = str(self.mail.body_html)
        self.migrate()
        self.assertEqual(str(self.mail.body_html), body)
        self.assertEqual(self.cron.interval_type, "hours")

    def test_whoever_chose_a_day_keeps_it(self):
        self.cron.with_user(self.env.ref("base.user_admin")).interval_number = 1
        self.migrate()
        self.assertEqual(self.cron.interval_type, "days")

    def test_another_interval_is_kept(self):
        self.cron.interval_number = 2
        self.migrate()
        self.assertEqual((self.cron.interval_number, self.cron.interval_type), (2, "days"))

    def test_a_mail_in_other_words_is_kept(self):
        self.mail.body_html = self.script.MAIL.replace("Good morning", "Dear")
        body = str(self.mail.body_html)
        self.migrate()
        self.assertEqual(str(self.mail.body_html), body)

    def test_translated_sentences_go_on_in_the_new_layout(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.mail.with_context(lang="fr_FR")
        french.body_html = self.script.MAIL.replace("open the report", "ouvrir le rapport")
        self.migrate()
        self.assertIn("ouvrir le rapport", str(french.body_html))
        self.assertTrue(str(french.body_html).startswith(self.script.ROOT))
        self.assertEqual(str(self.mail.body_html).split(), self.shipped.split())

    def test_a_translation_with_a_layout_of_its_own_is_kept(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.mail.with_context(lang="fr_FR")
        french.body_html = "<section><p>Bonjour</p></section>"
        self.migrate()
        self.assertEqual(str(french.body_html), "<section><p>Bonjour</p></section>")

    def test_what_somebody_deleted_stays_away(self):
        self.mail.unlink()
        self.cron.unlink()
        self.migrate()
        self.assertFalse(self.env.ref("customer_club.mail_template_club_report", raise_if_not_found=False))
        self.assertFalse(self.env.ref("customer_club.ir_cron_club_budget_refresh", raise_if_not_found=False))
