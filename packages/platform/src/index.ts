export { type HttpOptions, type HttpRoute, instrumentHttp, type UndiciCopy } from "./http.ts";
