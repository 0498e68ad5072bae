import { _t } from "@web/core/l10n/translation";
import { ConnectionAbortedError, ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

/** Milliseconds after which nobody at a counter waits any longer for an answer. */
export const PATIENCE = 20000;

/** Errors that are sentences for people: Odoo's own for users, and the club's. */
const PLAIN = ["odoo.exceptions.", "odoo.addons.customer_club."];

/** What went wrong, in words. `unknown`: the request may have been done all the same, so it must be asked again. */
export class CounterError extends Error {
    constructor(message, unknown = false) {
        super(message);
        this.unknown = unknown;
    }
}

/** A name for one press of a button: the server does what comes with it once, however often it comes. */
export function drawToken() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Call a method of the counter's model.
 *
 * @returns {(method: string, args: object) => Promise<any>} throws a CounterError, never anything else, except when the
 *     session is over: then Odoo asks to sign in again.
 */
export function useCounterCall() {
    const orm = useService("orm");
    return async (method, args) => {
        let timer;
        const late = new Promise((resolve, reject) => {
            timer = setTimeout(() => reject(new ConnectionLostError()), PATIENCE);
        });
        try {
            return await Promise.race([orm.silent.call("club.counter", method, [], args), late]);
        } catch (error) {
            if (error instanceof ConnectionLostError || error instanceof ConnectionAbortedError) {
                throw new CounterError(_t("No answer from the server. Your entries are still here: try again."), true);
            }
            if (!(error instanceof RPCError) || error.exceptionName === "odoo.http.SessionExpiredException") {
                throw error;
            }
            if (PLAIN.some((start) => (error.exceptionName || "").startsWith(start))) {
                throw new CounterError(error.data.message);
            }
            throw new CounterError(
                _t("Something went wrong on the server and nothing was recorded. Your entries are still here.")
            );
        } finally {
            clearTimeout(timer);
        }
    };
}

/**
 * Do one thing that must happen once: the token stays the same until the server has answered.
 *
 * @param {object} state reactive; gets `busy`, `error`, `unknown`
 */
export function useCounterDeed(state) {
    const call = useCounterCall();
    let token = drawToken();
    let wanted = "";
    return async (method, args) => {
        if (state.busy) {
            return null;
        }
        const wanting = JSON.stringify([method, args]);
        if (wanting !== wanted) {
            wanted = wanting;
            token = drawToken();
        }
        Object.assign(state, { busy: true, error: "", unknown: false });
        try {
            const result = await call(method, { ...args, token });
            token = drawToken();
            return result;
        } catch (error) {
            if (!(error instanceof CounterError)) {
                throw error;
            }
            Object.assign(state, { error: error.message, unknown: error.unknown });
            if (!error.unknown) {
                token = drawToken();
            }
            return null;
        } finally {
            state.busy = false;
        }
    };
}
