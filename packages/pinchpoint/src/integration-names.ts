/** What is found by itself, by the names that the setting `include` has for it. */
export const INTEGRATIONS = ["streams", "http-server", "http", "worker-threads", "piscina", "timers"] as const;

export type IntegrationName = (typeof INTEGRATIONS)[number];

export function isIntegration(name: unknown): name is IntegrationName {
  return (INTEGRATIONS as readonly unknown[]).includes(name);
}
