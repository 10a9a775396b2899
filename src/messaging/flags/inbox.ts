import { randomBytes } from 'node:crypto';

/** A unique subject that cannot be guessed. @param prefix as in the dial options, without the final dot */
export function newInbox(prefix: string): string {
  return `${prefix}.${randomBytes(16).toString('base64url')}`;
}
