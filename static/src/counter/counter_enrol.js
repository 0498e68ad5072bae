import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { useCounterDeed } from "./counter_call";

/** A telephone number of nobody: one button makes it a member. */
export class CounterEnrol extends Component {
    static template = "customer_club.CounterEnrol";
    static props = { club: Object, phone: String, contacts: Array, onDone: Function };

    setup() {
        this.state = useState({
            busy: false,
            error: "",
            unknown: false,
            name: "",
            marketing: false,
            contact: this.props.contacts.length === 1 ? this.props.contacts[0].id : null,
        });
        this.deed = useCounterDeed(this.state);
        this.openedAt = Date.now();
        useAutofocus();
    }

    get title() {
        return _t("%(phone)s is new here", { phone: this.props.phone });
    }

    get ready() {
        return !this.state.busy && (!this.props.contacts.length || this.state.contact);
    }

    async enrol() {
        // Some scanners end with two line feeds: consent is a press of its own.
        if (Date.now() - this.openedAt < 600) {
            return;
        }
        const result = await this.deed("enrol_member", {
            club_id: this.props.club.id,
            phone: this.props.phone,
            name: this.state.name,
            partner_id: this.state.contact || false,
            terms: Boolean(this.props.club.terms_url),
            marketing: this.state.marketing,
        });
        if (result) {
            this.props.onDone(result);
        }
    }
}
