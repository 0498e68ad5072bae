import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CounterError, useCounterCall } from "./counter_call";

/** The one question that is due: an answer is one press, two where it needs a day. */
export class CounterQuestion extends Component {
    static template = "customer_club.CounterQuestion";
    static props = {
        question: Object,
        memberId: Number,
        operationId: Number,
        jalali: Boolean,
        onDone: Function,
    };

    setup() {
        this.call = useCounterCall();
        this.state = useState({ busy: false, error: "", text: "", date: "", choice: null });
    }

    get today() {
        return this.props.jalali ? "" : luxon.DateTime.now().toISODate();
    }

    choose(choice) {
        if (choice.dated && this.state.choice?.id !== choice.id) {
            Object.assign(this.state, { choice, date: this.today, error: "" });
        } else {
            this.give({ choice_id: choice.id, date: choice.dated ? this.state.date : "" });
        }
    }

    giveTyped() {
        const { kind } = this.props.question;
        if (kind === "choice") {
            return this.give({ choice_id: this.state.choice.id, date: this.state.date });
        }
        return this.give(kind === "date" ? { date: this.state.date } : { text: this.state.text });
    }

    async give(given) {
        if (this.state.busy) {
            return;
        }
        Object.assign(this.state, { busy: true, error: "" });
        try {
            const result = await this.call("answer_question", {
                member_id: this.props.memberId,
                question_id: this.props.question.id,
                given,
                operation_id: this.props.operationId || false,
            });
            this.props.onDone(result.message || _t("We will not ask that for a while."), result.member);
        } catch (error) {
            if (!(error instanceof CounterError)) {
                throw error;
            }
            this.state.error = error.message;
        } finally {
            this.state.busy = false;
        }
    }
}
