import { openLab } from './lab.mjs';
import { spreadOf } from './spread.mjs';

/**
 * @typedef {import('./readings.mjs').Side} Side
 * @typedef {import('./spread.mjs').Spread} Spread
 *
 * @typedef {Side} Part `{n}` (messages), `{round}` and `{file}` in its commands are filled in
 *
 * @typedef {object} Comparison
 * @property {string} name
 * @property {Part} natsx
 * @property {Part} [peer] the other program; without it natsx is measured alone
 * @property {import('./readings.mjs').Reading} reading
 * @property {string} goal of the ratio, or of natsx alone
 * @property {number} [rounds] 5 when it is left out
 *
 * @typedef {object} Settings
 * @property {string | undefined} peerPath the path of `nats`; without it natsx is measured alone
 * @property {number | undefined} rounds
 * @property {number} scale of the numbers of messages
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {string} unit
 * @property {string} goal
 * @property {Spread} natsx
 * @property {Spread} [peer]
 * @property {Spread} [ratio] natsx to peer, of the two runs of each round
 */

/**
 * Runs both sides of a comparison in turn on one server, and changes from round to round who is first.
 *
 * @param {Comparison} comparison @param {Settings} settings @returns {Promise<Result>}
 */
export async function compare({ name, natsx, peer, reading, goal, rounds = 5 }, settings) {
  const missing = settings.peerPath === undefined && peer?.run.startsWith('nats ') === true;
  const other = missing ? undefined : peer;
  const lab = await openLab({ jetstream: reading.jetstream === true, peer: settings.peerPath });
  const measured = async (/** @type {Part} */ part, /** @type {number} */ round) => {
    const side = filled(part, {
      n: scaled(part.n, settings.scale),
      round,
      file: lab.path('recording'),
    });
    for (const command of side.before ?? []) await lab.run(command);
    const figure = await reading.read(lab, side);
    for (const command of side.after ?? []) await lab.run(command);
    return figure;
  };
  /** @type {number[]} */
  const own = [];
  /** @type {number[]} */
  const others = [];
  const pair = [
    { part: natsx, figures: own },
    ...(other === undefined ? [] : [{ part: other, figures: others }]),
  ];
  try {
    await reading.prepare?.(lab, scaled(natsx.n, settings.scale));
    if (reading.warmUp) for (const { part } of pair) await measured(part, 0);
    for (let round = 1; round <= (settings.rounds ?? rounds); round++) {
      for (const { part, figures } of pair) figures.push(await measured(part, round));
      pair.reverse();
    }
  } finally {
    await lab.close();
  }
  const result = { name, unit: reading.unit, goal, natsx: spreadOf(own) };
  if (other === undefined) return result;
  const ratios = own.map((figure, round) => figure / (others[round] ?? Number.NaN));
  return { ...result, peer: spreadOf(others), ratio: spreadOf(ratios) };
}

/** @param {number} n @param {number} scale */
export function scaled(n, scale) {
  return n === 1 ? 1 : Math.max(1_000, Math.round(n * scale));
}

/** @param {Part} part @param {{ n: number, round: number, file: string }} values @returns {Part} */
function filled(part, values) {
  const fill = (/** @type {string} */ command) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replaceAll(`{${name}}`, `${value}`),
      command,
    );
  return {
    ...part,
    n: values.n,
    run: fill(part.run),
    before: part.before?.map(fill) ?? [],
    ...(part.beside && { beside: { ...part.beside, run: fill(part.beside.run) } }),
  };
}
