/** @param {{ id: number, hangs: boolean }} task */
module.exports = ({ id, hangs }) => (hangs ? new Promise(() => {}) : 2 * id);
