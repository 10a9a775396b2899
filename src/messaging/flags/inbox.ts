import { randomBytes } from 'node:crypto';

/** A subject of one's own, which nobody guesses. @param prefix as in the dial options, without the closing dot */
export function newInbox(prefix: string): string {
  return `${prefix}.${randomBytes(16).toString('base64url')}`;
}
