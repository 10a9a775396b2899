import { usageError } from './errors.js';
import { quoted } from './printable.js';

/** Checks the name of a queue group: not empty, and no white space, which is the protocol's separator. @throws usage */
export function parseQueueGroup(name: string): string {
  rejectEmpty(name, 'queue group');
  rejectCharacters(name, 'queue group', CONTROL_OR_SPACE);
  return name;
}

/** Checks the name of a stream as the server does. @throws usage */
export function parseStreamName(name: string): string {
  return parseJetStreamName(name, 'stream name');
}

/** Checks the name of a consumer as the server does. @throws usage */
export function parseConsumerName(name: string): string {
  return parseJetStreamName(name, 'consumer name');
}

const CONTROL_OR_SPACE = /[\u0000-\u0020\u007f]|\p{Surrogate}/u;
// Names become tokens of API subjects and file names on the server.
const NOT_IN_JETSTREAM_NAMES = /[\u0000-\u0020\u007f.*>/\\]|\p{Surrogate}/u;
const LONGEST_NAME = 255;

function parseJetStreamName(name: string, what: string): string {
  rejectEmpty(name, what);
  rejectCharacters(name, what, NOT_IN_JETSTREAM_NAMES);
  if (name.length > LONGEST_NAME) {
    throw usageError(`the ${what} has ${name.length} characters, the server takes ${LONGEST_NAME}`);
  }
  return name;
}

function rejectEmpty(name: string, what: string): void {
  if (name === '') throw usageError(`the ${what} is empty`);
}

function rejectCharacters(name: string, what: string, forbidden: RegExp): void {
  const found = forbidden.exec(name);
  if (found === null) return;
  throw usageError(
    `invalid ${what} ${quoted(name)}: ${quoted(found[0])} at position ${found.index + 1}`,
    'use letters, digits, dashes and underscores',
  );
}
