import { Component, onMounted, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CounterError, useCounterCall, useCounterDeed } from "./counter_call";
import { CounterEnrol } from "./counter_enrol";
import { CounterQuestion } from "./counter_question";
import { CounterSale } from "./counter_sale";

const CLUB = "customer_club.counter.club";
const NOBODY = { member: null, list: null, more: false, enrol: null, panel: "", question: null, saleId: null };
const QUIET = { error: "", message: "", earned: "", note: "" };

/** One field for whoever stands there; then who it is, one thing to say, and three things to do. */
export class Counter extends Component {
    static template = "customer_club.Counter";
    static components = { CounterEnrol, CounterQuestion, CounterSale };
    static props = ["*"];

    setup() {
        this.action = useService("action");
        this.call = useCounterCall();
        this.root = useRef("root");
        this.field = useRef("field");
        this.camera = isBarcodeScannerSupported();
        this.state = useState({
            setup: null,
            query: "",
            busy: false,
            unknown: false,
            frozen: false,
            last: false,
            name: "",
            ...NOBODY,
            ...QUIET,
        });
        this.deed = useCounterDeed(this.state);
        useHotkey("escape", () => this.clear(), { bypassEditableProtection: true });
        useExternalListener(window, "keydown", this.onKey);
        onWillStart(() => this.open(Number(browser.localStorage.getItem(CLUB)) || false));
        onMounted(() => this.focus());
    }

    async open(clubId) {
        const setup = await this.ask("open_counter", { club_id: clubId });
        if (setup) {
            Object.assign(this.state, { setup, last: setup.last || false });
        }
    }

    /** Ask for something that changes nothing; an error is shown, and null returned. */
    async ask(method, args) {
        Object.assign(this.state, { busy: true, error: "" });
        try {
            return await this.call(method, args);
        } catch (error) {
            if (!(error instanceof CounterError)) {
                throw error;
            }
            this.state.error = error.message;
            return null;
        } finally {
            this.state.busy = false;
        }
    }

    // -- the field ---------------------------------------------------------------------------------

    focus() {
        const el = this.field.el;
        if (el) {
            el.focus();
            el.select();
        }
    }

    onKey(ev) {
        if (document.querySelector(".modal") || ev.ctrlKey || ev.metaKey || ev.altKey) {
            return;
        }
        // A scanner types wherever the focus is: what it types belongs into the field.
        if (ev.key.length === 1 && ev.key !== " " && !ev.target.closest?.("input, textarea, select")) {
            this.focus();
        }
    }

    clear() {
        if (this.state.busy || this.state.frozen) {
            return;
        }
        Object.assign(this.state, { query: "", name: "", ...NOBODY, ...QUIET });
        this.focus();
    }

    async chooseClub(ev) {
        browser.localStorage.setItem(CLUB, ev.target.value);
        this.clear();
        await this.open(Number(ev.target.value));
        this.focus();
    }

    async find() {
        if (this.state.busy || this.state.frozen) {
            return;
        }
        Object.assign(this.state, { ...NOBODY, ...QUIET, name: "" });
        const found = await this.ask("find_member", { query: this.state.query, club_id: this.state.setup.club.id });
        if (found?.kind === "member") {
            this.show(found.member);
        } else if (found?.kind === "list") {
            Object.assign(this.state, { list: found.members, more: found.more });
        } else if (found?.kind === "new") {
            this.state.enrol = { phone: found.phone, contacts: found.contacts };
        } else if (found) {
            this.state.note = found.text;
        }
        if (found?.kind !== "new") {
            this.focus();
        }
    }

    async scan() {
        let code;
        try {
            code = await scanBarcode(this.env);
        } catch {
            this.state.error = _t("The camera cannot be used. Type the number instead.");
        }
        if (code) {
            this.state.query = code;
            await this.find();
        }
    }

    async choose(member) {
        const found = await this.ask("show_member", { member_id: member.id });
        if (found) {
            Object.assign(this.state, { ...NOBODY, ...QUIET });
            this.show(found);
            this.focus();
        }
    }

    show(member) {
        Object.assign(this.state, { member, question: member.question || null });
    }

    // -- whole sentences, for other languages order their words differently --------------------------

    get title() {
        const { clubs, club } = this.state.setup;
        return clubs.length > 1 ? _t("Counter") : _t("Counter: %(club)s", { club: club.name });
    }

    get worth() {
        const { worth, pending } = this.state.member;
        const words = [worth && _t("Worth %(money)s", { money: worth }), pending && _t("%(points)s pending", { points: pending })];
        return words.filter(Boolean).join(" · ");
    }

    get lastDone() {
        const { text, order, amount } = this.state.last;
        return [_t("Last: %(what)s", { what: text }), amount && order, amount].filter(Boolean).join(" · ");
    }

    // -- what is done ------------------------------------------------------------------------------

    /** Show what came of it: the member anew, what it earned, and what can be undone. */
    done(result) {
        Object.assign(this.state, { ...NOBODY, ...QUIET });
        this.show(result.member);
        if (result.question !== undefined) {
            this.state.question = result.question || result.member.question || null;
        }
        const state = { message: result.message, earned: result.earned || "" };
        state.note = [result.state, result.visit].filter(Boolean).join(" · ");
        Object.assign(this.state, state, { last: result.last || false, saleId: null, frozen: false });
        if (result.sale_id) {
            this.state.saleId = result.sale_id;
        }
        this.focus();
        this.root.el.scrollTop = 0;
    }

    async checkIn() {
        const result = await this.deed("check_in", { member_id: this.state.member.id });
        if (result) {
            this.done(result);
        }
    }

    async undo() {
        const { member } = this.state;
        const result = await this.ask("undo_last", { operation_id: this.state.last.id });
        if (result) {
            this.done(result);
        } else {
            this.state.member = member;
        }
    }

    openPanel(panel) {
        Object.assign(this.state, { ...QUIET, panel: this.state.panel === panel ? "" : panel, question: null });
    }

    answered(message, member) {
        Object.assign(this.state, { ...QUIET, message, member, question: null });
        this.focus();
    }

    async giveName() {
        const member = await this.ask("name_member", { member_id: this.state.member.id, name: this.state.name });
        if (member) {
            Object.assign(this.state, { name: "", member: { ...member, question: this.state.question } });
            this.state.message = _t("The name is saved.");
            this.focus();
        }
    }

    openFeedback() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Note Feedback"),
            res_model: "club.feedback",
            views: [[false, "form"]],
            target: "new",
            context: { default_member_id: this.state.member.id, default_club_id: this.state.setup.club.id },
        });
    }

    openMember() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "club.member",
            views: [[false, "form"]],
            res_id: this.state.member.id,
        });
    }
}

registry.category("actions").add("customer_club.counter", Counter);
