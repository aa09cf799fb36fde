/** @param {number} id */
module.exports = (id) => 2 * id;
