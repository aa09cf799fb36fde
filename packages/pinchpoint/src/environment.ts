/** Variables that say how a process records. */
export const ENVIRONMENT = {
  disabled: "PINCHPOINT_DISABLED",
  sdkDisabled: "OTEL_SDK_DISABLED",
  handOver: "PINCHPOINT_HANDOVER",
  port: "PINCHPOINT_PORT",
  httpRoutes: "PINCHPOINT_HTTP_ROUTES",
  traces: "PINCHPOINT_TRACES",
  timed: "PINCHPOINT_TIMED",
  include: "PINCHPOINT_INCLUDE",
  page: "PINCHPOINT_PAGE",
  config: "PINCHPOINT_CONFIG",
} as const;
