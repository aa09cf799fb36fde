import diagnostics from "node:diagnostics_channel";
import { type Attachment, attachOnce, type Integration, type Recorder } from "@pinchpoint/probe";
import { CallNames, type HttpRoute } from "./call-name.ts";
import type { Listeners } from "./followed.ts";
import { followNodeHttp } from "./node-http-calls.ts";
import { OpenCalls } from "./open-calls.ts";
import { followUndici } from "./undici-calls.ts";
import type { UndiciCopy } from "./undici-queues.ts";

export type { HttpRoute } from "./call-name.ts";
export type { UndiciCopy } from "./undici-queues.ts";

export interface HttpOptions {
  /** Calls that are named `host route` instead of `host`, by the first route that matches; default: none. */
  readonly routes?: readonly HttpRoute[];
  /**
   * Installed copies of undici, as `import * as undici from "undici"` gives them; default: none. Without it a copy is
   * followed all the same, but what waits in its pools only from its first connection on, and in a pool that was given
   * interceptors by `compose` before that never: such a call is charged to the stage that opened the connection.
   */
  readonly undici?: readonly UndiciCopy[];
}

/**
 * Charges outgoing HTTP to the stage whose code makes it: `fetch`, undici in any number of copies, node:http and
 * node:https. The resource is the host (`api.example.com`, `127.0.0.1:8080`), of kind `service` and unknown capacity.
 *
 * A call waits until it has its connection, and uses from then on. With undici that is when the request is written, so
 * that connecting is waiting; with node:http it is when the agent has a socket for it, so that connecting is use. It ends
 * with the last byte of the answer's body, or with its error, once. An answer whose body nobody reads holds its
 * connection, and so the call goes on, until the application or its garbage collector drops it, or the connection closes;
 * short bodies arrive unread. The stage's worker is back at its work when its hand-over ends, in any case. Each try of a
 * client that tries again, and each hop of a redirect, is a call. Code of no stage is left alone.
 *
 * Calls under way when it is detached are followed to their end.
 *
 * @throws PinchpointError where a route is none
 */
export function instrumentHttp(recorder: Recorder, options: HttpOptions = {}): Attachment {
  return attachOnce(httpCalls(new CallNames(options.routes ?? []), options.undici ?? []), diagnostics, recorder);
}

function httpCalls(names: CallNames, copies: readonly UndiciCopy[]): Integration<typeof diagnostics> {
  return {
    name: "http",
    attach: (channels, recorder) => {
      const calls = new OpenCalls(recorder);
      const followed = [followNodeHttp(calls, names), followUndici(calls, names, copies)];
      const each = (listeners: Listeners, act: (channel: string, listener: (message: unknown) => void) => void) => {
        for (const [channel, listener] of Object.entries(listeners)) act(channel, listener);
      };
      for (const { begins, goesOn } of followed) {
        each(begins, channels.subscribe);
        each(goesOn, channels.subscribe);
      }
      let isAttached = true;
      // Behind whoever else tells a request of a trace, so that it is seen that they did.
      recorder.traces.whenKept(() => {
        if (!isAttached) return;
        for (const { begins } of followed) {
          each(begins, channels.unsubscribe);
          each(begins, channels.subscribe);
        }
      });
      return {
        detach: () => {
          isAttached = false;
          for (const { begins, restore } of followed) {
            each(begins, channels.unsubscribe);
            restore();
          }
          calls.afterLast(() => {
            for (const { goesOn } of followed) each(goesOn, channels.unsubscribe);
          });
        },
      };
    },
  };
}
