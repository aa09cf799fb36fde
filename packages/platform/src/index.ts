export { type HttpOptions, type HttpRoute, instrumentHttp, type UndiciCopy } from "./http.ts";
export { type HttpServerOptions, instrumentHttpServers } from "./http-server.ts";
