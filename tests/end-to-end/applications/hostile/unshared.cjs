// No memory can be shared between threads: `SharedArrayBuffer` is missing, or gives none.
const { SharedArrayBuffer: shared } = globalThis;
if (process.env.UNSHARED === "missing") Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
else {
  globalThis.SharedArrayBuffer = new Proxy(shared, {
    construct: () => {
      throw new RangeError("Array buffer allocation failed");
    },
  });
}
