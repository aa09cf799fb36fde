// The file of a pool's thread, which imports Piscina as many do: for its `move`.
import "piscina";

export { default } from "./loaded-files.js";
