import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Reads a code with the phone's camera where the browser can; typing works everywhere. */
export class ClubScan extends Interaction {
    static selector = ".o_club_scan";
    dynamicContent = {
        ".o_club_scan_start": {
            "t-on-click": this.scan,
            "t-att-class": () => ({ "d-none": !this.canScan || this.stream }),
        },
        ".o_club_scan_video": { "t-att-class": () => ({ "d-none": !this.stream }) },
        ".o_club_scan_failed": { "t-att-class": () => ({ "d-none": !this.failed }) },
    };

    setup() {
        this.canScan = "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
        this.stream = null;
        this.failed = false;
    }

    destroy() {
        this.stop();
    }

    async scan() {
        try {
            this.detector = new window.BarcodeDetector({ formats: ["qr_code"] });
            this.stream = await this.waitFor(
                navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
            );
            const video = this.el.querySelector(".o_club_scan_video");
            video.srcObject = this.stream;
            await this.waitFor(video.play());
            this.look();
        } catch {
            this.stop();
            this.failed = true;
            this.updateContent();
            this.el.querySelector("input[name=code]").focus();
        }
    }

    async look() {
        if (!this.stream) {
            return;
        }
        const found = await this.waitFor(this.detector.detect(this.el.querySelector(".o_club_scan_video")));
        if (found.length) {
            this.el.querySelector("input[name=code]").value = found[0].rawValue;
            this.stop();
            this.el.requestSubmit();
            return;
        }
        this.waitForTimeout(() => this.look(), 200);
    }

    stop() {
        for (const track of this.stream?.getTracks() ?? []) {
            track.stop();
        }
        this.stream = null;
    }
}

registry.category("public.interactions").add("customer_club.scan", ClubScan);
