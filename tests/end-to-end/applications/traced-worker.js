/** @param {{ number: number, url: string }} item */
export default async function double({ number, url }) {
  const response = await fetch(`${url}/double?secret=${number}`);
  return 2 * number + 0 * (await response.text()).length;
}
