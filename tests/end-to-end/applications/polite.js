// Works on and on until SIGTERM or SIGINT, then takes a moment to end in its own way.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    console.log(`bye ${signal}`);
    setTimeout(() => process.exit(5), 200);
  });
}
process.argv[2] = "1000000";
await import("./etl.js");
