import { existsSync } from 'node:fs';
import { NatsxError } from '../../core/errors.js';

/** Where the worker's file may be, relative to this module in the bundle. */
const SCRIPT_PLACES = [
  './worker.js',
  '../bench/run/worker.js',
  '../../bench/run/worker.js',
  './bench/run/worker.js',
];

/** The file that a worker thread runs. The executables have another version of this module. */
export function workerScript(): URL {
  const places = SCRIPT_PLACES.map((place) => new URL(place, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new NatsxError('internal', 'the worker script of bench is missing');
  return found;
}
