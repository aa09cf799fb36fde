/** Found by other copies of Pinchpoint too. */
const MARK = Symbol.for("pinchpoint.unrecorded/v1");

/** Something of Pinchpoint's own, such as the server of its metrics page: what it does is not the application's. */
export function markUnrecorded(own: object): void {
  Object.defineProperty(own, MARK, { value: true });
}

export function isUnrecorded(something: object): boolean {
  return Reflect.get(something, MARK) === true;
}
