"""A merchant's own till looks at vouchers, redeems and undoes; a member's code proves a purchase."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine import api_input
from odoo.addons.customer_club.models.integration.api_error import ClubApiError
from odoo.http import request

from .club_merchant_desk import CodePausedError, CodeRefusedError


class ClubApi(models.AbstractModel):
    _inherit = "club.api"

    # -- calls -----------------------------------------------------------------

    @api.model
    def check_voucher(self, code=None, merchant=None):
        """What a voucher's code stands for at this integration's merchant. Nothing is redeemed.

        :return: ``voucher`` (its number), ``merchant``, ``offer``, ``worth`` (in words), ``value`` (owed to the
            merchant), ``currency``, ``valid_until`` (the first moment at which it is over)
        """
        return self._answer("check_voucher", lambda api, by: api._check_voucher(by, code, merchant))

    @api.model
    def redeem_voucher(self, code=None, key=None, reference=None, merchant=None):
        """Redeem a voucher, once.

        :return: ``key``, and what :meth:`check_voucher` returns, ``reference``, ``redeemed_at``, ``undo_until``
        """
        return self._answer("redeem_voucher", lambda api, by: api._redeem_voucher(by, code, key, reference, merchant))

    @api.model
    def undo_voucher(self, undoes=None, key=None):
        """Undo the redemption that this user made under the key ``undoes``, while there is time.

        :return: ``key``, ``undoes``, ``voucher``, ``state``
        """
        return self._answer("undo_voucher", lambda api, by: api._undo_voucher(by, undoes, key))

    # -- vouchers --------------------------------------------------------------

    def _check_voucher(self, integration, code, merchant):
        merchant = self._get_own_merchant(integration, merchant)
        return self._prepare_voucher(self._find_by_code(merchant, code, "club.voucher"))

    def _redeem_voucher(self, integration, code, key, reference, merchant):
        key, reference = api_input.key(key), api_input.text(reference, "reference", 64)
        merchant = self._get_own_merchant(integration, merchant)
        found = self.env["club.code"]._digest(code)
        digest = api_input.digest({"merchant": merchant.id, "code": found, "reference": reference})
        first = self._first_result(key, "redeem_voucher", digest)
        if first:
            return first
        voucher = self._find_by_code(merchant, code, "club.voucher")
        if not voucher._redeem(self.env.user, self.env["club.api.request"]._prefix(key), reference):
            raise self._code_error(merchant._refuse_code())
        result = {
            "key": key,
            **self._prepare_voucher(voucher),
            "reference": voucher.reference or "",
            "redeemed_at": self._write_moment(voucher.redeemed_at),
            "undo_until": self._write_moment(voucher.undo_until),
            "replayed": False,
        }
        self._keep(integration, key, "redeem_voucher", digest, result, voucher.member_id, 0)
        return result

    def _undo_voucher(self, integration, undoes, key):
        undoes, key = api_input.key(undoes, "undoes"), api_input.key(key)
        digest = api_input.digest({"undoes": undoes})
        first = self._first_result(key, "undo_voucher", digest)
        if first:
            return first
        voucher = self.env["club.voucher"].search(
            [("use_key", "=", self.env["club.api.request"]._prefix(undoes))], limit=1
        )
        if not voucher:
            raise self._unknown_key(undoes)
        if voucher.merchant_id.integration_id != integration:
            raise ClubApiError("forbidden", self.env._("This integration no longer serves the merchant of this key."))
        if voucher.state == "reversed":
            raise ClubApiError("nothing_left", self.env._("This redemption was undone already."), left="0")
        voucher._undo(self.env.user)
        result = {
            "key": key,
            "undoes": undoes,
            "voucher": voucher.number,
            "merchant": voucher.merchant_id.code,
            "state": voucher.state,
            "replayed": False,
        }
        self._keep(integration, key, "undo_voucher", digest, result, voucher.member_id, 0)
        return result

    def _prepare_voucher(self, voucher):
        currency = voucher.currency_id
        return {
            "voucher": voucher.number,
            "merchant": voucher.merchant_id.code,
            "offer": voucher.offer_id.name,
            "worth": voucher.offer_id._get_worth(),
            "value": f"{voucher.value:.{currency.decimal_places}f}",
            "currency": currency.name,
            "valid_until": self._write_moment(voucher.valid_until),
        }

    def _write_moment(self, moment):
        return f"{fields.Datetime.to_string(moment).replace(' ', 'T')}Z" if moment else ""

    # -- codes -----------------------------------------------------------------

    def _get_own_merchant(self, integration, code):
        """A merchant whose till this is, by its code; it may be left out if there is only one."""
        code = api_input.code(code, "merchant") if code not in (None, False) else ""
        merchants = self.env["club.merchant"].search(
            [("integration_id", "=", integration.id), ("club_id", "in", integration.club_ids.ids)]
        )
        own = merchants.filtered(lambda merchant: code in ("", merchant.code))
        if not own:
            raise ClubApiError("forbidden", self.env._("This integration does not report for such a merchant."))
        if len(own) > 1:
            raise api_input.ApiInputError("merchant", "the code of one of the merchants of this integration")
        return own

    def _find_by_code(self, merchant, typed, model):
        """What a code stands for, if that is of ``model``; five wrong ones make a pause (abuse 13)."""
        guard = self.env["club.code.guard"]
        actors = [f"user,{self.env.uid}", guard._name_address(request.httprequest.remote_addr if request else "")]
        try:
            found = merchant._check_code(api_input.text(typed, "code", 100), self.env.user, actors)
        except (CodeRefusedError, CodePausedError) as error:
            raise self._code_error(error) from error
        if found._name != model:
            raise self._code_error(merchant._refuse_code())
        return found

    def _code_error(self, error):
        return ClubApiError("code_paused" if isinstance(error, CodePausedError) else "code_not_valid", str(error))

    # -- purchases -------------------------------------------------------------

    def _resolve_one(self, fact, members, codes, merchants):
        error = super()._resolve_one(fact, members, codes, merchants)
        merchant = fact.get("merchant_record")
        if merchant and (fact["token"] or merchant.token_required):
            token = self._find_by_code(merchant, fact["token"], "club.member.token")
            if token.member_id != fact["member"]:
                raise self._code_error(merchant._refuse_code())
            token._lock_rows()
            # One code is the proof of one purchase, in a list too.
            token.write({"used_at": fields.Datetime.now(), "used_by_id": self.env.uid, "merchant_id": merchant.id})
            fact["token_record"] = token
        return error

    def _record_purchases(self, integration, facts, answers):
        results = super()._record_purchases(integration, facts, answers)
        for fact in facts:
            token = fact.get("token_record")
            if not token:
                continue
            if id(fact) in results:
                token.purchase_id = self.env["club.merchant.purchase"].search(
                    [("merchant_id", "=", fact["merchant_record"].id), ("reference", "=", fact["reference"])], limit=1
                )
            else:  # refused: the member may use the code for what is right
                token.write({"used_at": False, "used_by_id": False, "merchant_id": False})
        return results
