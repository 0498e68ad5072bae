import { Component, markup } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * A report as its server wrote it (every text in it is escaped there). A press on a number opens what is behind it, a
 * press on a block's button its spreadsheet.
 */
export class ReportBody extends Component {
    static template = "customer_club.ReportBody";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get body() {
        return markup((this.props.record.data[this.props.name] || "").toString());
    }

    async onClick(ev) {
        const { drill, export: line } = ev.target.closest("[data-drill], [data-export]")?.dataset || {};
        if (!(drill || line) || !(await this.props.record.save())) {
            return;
        }
        const [method, arg] = drill ? ["action_drill", drill] : ["action_export", Number(line)];
        const action = await this.orm.call("club.report.page", method, [[this.props.record.resId], arg]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("club_report_body", {
    component: ReportBody,
    supportedTypes: ["html"],
});
