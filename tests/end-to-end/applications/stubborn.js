// Works on and on, and does not listen to SIGTERM.
process.on("SIGTERM", () => console.log("no"));
process.argv[2] = "1000000";
await import("./etl.js");
