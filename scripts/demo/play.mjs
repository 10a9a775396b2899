/** How a chapter is played: its steps are data, each command is shown before its real output. */

/**
 * @typedef {object} Chapter
 * @property {string} title
 * @property {readonly Step[]} steps
 *
 * @typedef {Say | Run | Start | Finish | Server} Step
 *
 * @typedef {object} Say
 * @property {string} say a sentence or two for the reader
 *
 * @typedef {object} Run A command that is run to its end.
 * @property {string} run as a user would paste it
 * @property {number} [exit] the exit code that it must have; 0 by default
 * @property {boolean} [retry] run it again until it succeeds, for facts that take a moment; only the last run is shown
 *
 * @typedef {object} Start A command that keeps running, in a terminal of its own.
 * @property {string} start as a user would paste it
 * @property {string} as name of that terminal
 * @property {RegExp} [ready] goes on once its output has this; `subscribed to` or `listening on` by default
 *
 * @typedef {object} Finish The end of a command that was started: its output is shown then.
 * @property {string} finish name of its terminal
 * @property {NodeJS.Signals} [signal] sent to it first; without one it must end by itself
 * @property {RegExp} [when] the signal waits until its output has this
 * @property {number} [exit] the exit code that it must have; 0 by default
 *
 * @typedef {object} Server
 * @property {'crash' | 'restart'} server what happens to the server
 */

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {Chapter} chapter
 * @param {string} number such as `2/5`
 * @throws {Error} naming the command that did not do what it should
 */
export async function playChapter(stage, chapter, number) {
  stage.heading(`${number}  ${chapter.title}`);
  for (const step of chapter.steps) await playStep(stage, step);
}

/**
 * @param {import('./stage.mjs').Stage} stage
 * @param {Step} step
 */
async function playStep(stage, step) {
  if ('say' in step) stage.say(step.say);
  else if ('run' in step) await stage.run(step.run, step);
  else if ('start' in step) await stage.start(step.start, step);
  else if ('finish' in step) await stage.finish(step.finish, step);
  else await stage.server(step.server);
}
