import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** Where the members stand: recency by frequency. A cell opens its members, or becomes a segment. */
export class Rfm extends Component {
    static template = "customer_club.Rfm";
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ grid: null, busy: false });
        onWillStart(() => this.load(false));
    }

    async load(clubId) {
        this.state.grid = await this.orm.call("club.rfm", "read_grid", [clubId]);
    }

    get empty() {
        return this.state.grid.rows.every((row) => row.cells.every((cell) => !cell.count));
    }

    heat(cell) {
        return cell.count ? `background-color: rgba(31, 78, 95, ${(0.08 + 0.8 * cell.heat).toFixed(2)})` : "";
    }

    open(cell) {
        return this.follow("open_cell", cell);
    }

    make(cell) {
        return this.follow("make_segment", cell);
    }

    async follow(method, cell) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const args = [this.state.grid.club, cell.recency || false, cell.frequency || false, cell.group || false];
            await this.action.doAction(await this.orm.call("club.rfm", method, args));
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("customer_club.rfm", Rfm);
