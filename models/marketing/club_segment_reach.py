"""How far an expert's conditions reach: what they may look at, and only in the club's company."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

#: What conditions may look at: the member and what is its own; rooms that load later add theirs. Conditions are asked
#: on behalf of members, so they must not reach what their author could not read.
MODELS = frozenset(
    {
        "club.campaign",
        "club.campaign.target",
        "club.club",
        "club.consent",
        "club.event",
        "club.member",
        "club.occasion",
        "club.point.entry",
        "club.point.lot",
        "club.tier",
        "club.tier.history",
        "product.category",
        "product.product",
        "product.template",
        "res.country",
        "res.country.state",
        "res.lang",
        "res.partner",
        "res.partner.category",
        "sale.order",
        "sale.order.line",
    }
)
#: Of these, what belongs to no company, whoever works with it.
SHARED = frozenset({"product.category", "res.country", "res.country.state", "res.lang", "res.partner.category"})
#: Negative operator → positive one. A negation is always one of the whole step: nobody of this company is so.
POSITIVE = {"!=": "=", "not in": "in", "not any": "any"} | {
    f"not {like}": like for like in ("like", "ilike", "=like", "=ilike")
}


class ClubSegment(models.Model):
    """A saved segment is asked for every reader alike, above record rules; so its typed conditions are rewritten first.

    Every step to other records becomes ``any`` with the condition of the club's company, at any depth and under any
    negation: an order of another company, of a contact that both companies share, is not there. "Has no orders" then
    means none in this company. What cannot be bounded that way is refused in words: computed fields that are searched
    by code of their own, hierarchies of records that belong to companies, and records of no company.
    """

    _inherit = "club.segment"

    @api.model
    def _get_reachable_models(self):
        """Names of the models that conditions may look at; an addon adds its own."""
        return MODELS

    @api.model
    def _get_company_bound(self, model, company):
        """Which records of a model are the company's or everybody's; an addon says it of its models without company.

        :rtype: Domain
        :raises UserError: nothing says whose the records are.
        """
        if model in SHARED:
            return Domain.TRUE
        names = self.env[model]._fields
        if "company_id" in names:
            return Domain(self.env[model]._check_company_domain(company))
        if "club_id" in names:
            return Domain("club_id", "any!", Domain("company_id", "=", company.id))
        raise UserError(
            self.env._(
                "Conditions of a segment cannot look at %(model)s, which belongs to no company. Use what the members "
                "themselves have.",
                model=self._name_model(model),
            )
        )

    def _bind(self, model, conditions):
        """Typed conditions on a model, bounded to the club's company.

        :rtype: Domain
        :raises UserError: they reach what they must not, with its name; :raises ValueError: they cannot be read.
        """
        return Domain(conditions).map_conditions(lambda condition: self._bind_condition(model, condition))

    def _bind_condition(self, model, condition):
        name, _dot, rest = condition.field_expr.partition(".")
        operator, value = condition.operator, condition.value
        field = self.env[model]._fields.get(name)
        if field is None:
            raise ValueError(f"{model} has no field {name}")
        comodel = field.comodel_name
        if comodel and comodel not in self._get_reachable_models():
            raise UserError(
                self.env._(
                    "Conditions of a segment cannot look at %(model)s. Use what the members themselves have.",
                    model=self._name_model(comodel),
                )
            )
        self._check_field(model, field)
        if field.related and not field.store:
            return self._bind_related(model, field, rest, operator, value)
        if not field.relational:
            self._check_hierarchy(model, name, operator)
            return condition
        self._check_sees_all(comodel)
        if rest:
            return self._step(name, comodel, self._bind_condition(comodel, Domain(rest, operator, value)))
        positive = POSITIVE.get(operator)
        found = self._bind_relation(name, comodel, positive or operator, value)
        return ~found if positive else found

    def _step(self, name, comodel, wanted, operator="any"):
        """Members who have such a record of the club's company."""
        return Domain(name, operator, wanted & self._get_company_bound(comodel, self.sudo().club_id.company_id))

    def _bind_relation(self, name, comodel, operator, value):
        """A positive condition on records themselves: by number or name, set or empty, by what is true of them."""
        if operator == "any":
            return self._step(name, comodel, self._bind(comodel, value))
        if operator.endswith("like"):
            return self._step(name, comodel, Domain("display_name", operator, value))
        if operator in ("child_of", "parent_of"):
            self._check_hierarchy(comodel, "id", operator)
            return self._step(name, comodel, Domain("id", operator, value))
        values = [value] if operator == "=" else value
        if operator not in ("=", "in") or not isinstance(values, (list, tuple)) or any(one is True for one in values):
            raise ValueError(f"{name} {operator} {value!r}")
        ids = [one for one in values if one and not isinstance(one, str)]
        names = [one for one in values if one and isinstance(one, str)]
        found = Domain.OR(
            self._step(name, comodel, Domain(key, "in", asked))
            for key, asked in (("id", ids), ("display_name", names))
            if asked
        )
        if not all(values):
            found |= ~self._step(name, comodel, Domain.TRUE)
        return found

    def _bind_related(self, model, field, rest, operator, value):
        """A field that shows one of another record, as the way there. The way is the addon's, so it may pass by records
        that their own conditions may not name.
        """
        *way, last = field.related.split(".")
        steps = []
        for name in way:
            comodel = self.env[model]._fields[name].comodel_name
            steps.append((name, comodel))
            model = comodel
        found = self._bind_condition(model, Domain(f"{last}.{rest}" if rest else last, operator, value))
        for name, comodel in reversed(steps):
            found = self._step(name, comodel, found, "any!")
        return found

    # -- refusals ------------------------------------------------------------

    def _name_model(self, model):
        return self.env["ir.model"]._get(model).name or model

    def _check_field(self, model, field):
        """Fields of groups that the typing manager is not in, and those that code of their own searches."""
        by_code = field.search or field.compute and not field.store
        searched = by_code and not field.related and field.name != "display_name"
        if searched or not self.env[model]._has_field_access(field, "read"):
            raise UserError(
                self.env._(
                    "Conditions of a segment cannot ask for “%(field)s” of %(model)s: %(reason)s. Ask for another "
                    "field, or use a condition of the first page.",
                    field=field._description_string(self.env) or field.name,
                    model=self._name_model(model),
                    reason=self.env._("it is computed when it is read")
                    if searched
                    else self.env._("you may not read it"),
                )
            )

    def _check_hierarchy(self, model, name, operator):
        """The way up or down a tree could lead through another company."""
        if operator in ("child_of", "parent_of") and (name != "id" or model not in SHARED):
            raise UserError(
                self.env._(
                    "Conditions of a segment cannot ask for all below or above one of %(model)s. Ask for the one above "
                    "itself, e.g. “Related Company is …”.",
                    model=self._name_model(model),
                )
            )

    def _check_sees_all(self, model):
        """Who sees their own records only must not count those of others."""
        Rule = self.env["ir.rule"]
        grouped = Rule._get_rules(model).sudo().filtered("groups")
        if not grouped:
            return
        context = Rule._eval_context()
        shown = Domain.OR(
            Domain(safe_eval(rule.domain_force, context)) if rule.domain_force else Domain.TRUE for rule in grouped
        )
        if not shown.optimize(self.env[model]).is_true():
            raise UserError(
                self.env._(
                    "You see a part of %(model)s only, so you cannot make conditions on them. Ask somebody who sees "
                    "them all.",
                    model=self._name_model(model),
                )
            )
