import diagnostics from "node:diagnostics_channel";
import { type AnyRecorder, type Attachment, attachOnce, type Integration } from "@pinchpoint/probe/attach";

const CHANNELS = ["http.server.request.start", "http2.server.stream.created"] as const;

/** Told of a request before the server emits it: so no class of servers is looked for, or loaded, before it serves. */
export type ServerChannel = (typeof CHANNELS)[number];

/** What makes stages of servers. */
export interface ServerRequests {
  /** @param message - of the channel */
  readonly began: (channel: ServerChannel, message: unknown) => void;
  readonly detach: () => void;
}

/**
 * Hears of the requests that come in. What makes a stage of them is asked for at the first one, so that a thread which
 * serves nothing does not load it.
 *
 * @param requests - the same each time; null where there can be none, and then the application is as bare
 */
export function watchServers<By extends AnyRecorder>(recorder: By, requests: () => ServerRequests | null): Attachment {
  return attachOnce(servers(requests), diagnostics, recorder);
}

const servers = (requests: () => ServerRequests | null): Integration<typeof diagnostics, AnyRecorder> => ({
  name: "http-server",
  attach: (channels, recorder) => {
    let told: ServerRequests | null = null;
    const listeners = CHANNELS.map((channel) => {
      const onStart = (message: unknown): void => {
        try {
          told ??= requests();
          told?.began(channel, message);
        } catch {
          recorder.lose("not-patched");
        }
      };
      return [channel, onStart] as const;
    });
    for (const [channel, onStart] of listeners) channels.subscribe(channel, onStart);
    return {
      detach: () => {
        for (const [channel, onStart] of listeners) channels.unsubscribe(channel, onStart);
        told?.detach();
      },
    };
  },
});
