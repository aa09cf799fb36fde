export { instrumentNodeStreams, type NodeStreamOptions } from "./node-stream.ts";
