import { existsSync } from 'node:fs';

/** What a worker thread starts with. */
export interface WorkerScript {
  readonly file: URL;
  /** Arguments that the thread needs; an executable has one file for everything, and finds the room by them. */
  readonly argv: readonly string[];
}

/**
 * The `worker.js` of a room, in the bundle; undefined for sources that were not bundled. The executables have another
 * version of this module (`scripts/package/executable.mjs`).
 *
 * @param room `bench`
 */
export function workerScript(room: string): WorkerScript | undefined {
  const file = [
    `./${room}/run/worker.js`,
    `../${room}/run/worker.js`,
    `../../${room}/run/worker.js`,
  ]
    .map((place) => new URL(place, import.meta.url))
    .find((place) => existsSync(place));
  return file === undefined ? undefined : { file, argv: [] };
}
