import { strayByte, strayCharacter, textOfBytes } from '../printable.js';

/** Half of a surrogate pair without the other one. */
const STRAY = /\p{Surrogate}/u;

/**
 * A subject as it arrived. Servers take any bytes; those that are not UTF-8 stay in it, and {@link subjectBytes} finds
 * them.
 */
export function subjectText(bytes: Uint8Array): string {
  return textOfBytes(bytes, (text) => text, strayCharacter);
}

/** As {@link subjectText} for `bytes[start, end)`; the hot path. */
export function subjectTextIn(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\ufffd') ? subjectText(bytes.subarray(start, end)) : text;
}

/** The bytes of a subject as they were. */
export function subjectBytes(subject: string): Buffer {
  if (!STRAY.test(subject)) return Buffer.from(subject, 'utf8');
  const pieces: Buffer[] = [];
  for (const character of subject) {
    const byte = strayByte(character.codePointAt(0) ?? 0);
    pieces.push(byte === undefined ? Buffer.from(character, 'utf8') : Buffer.of(byte));
  }
  return Buffer.concat(pieces);
}

/** Whether all of a subject is text. */
export function isTextSubject(subject: string): boolean {
  return !STRAY.test(subject);
}

/** A subject that a person can read: `\ufffd` in place of each byte that is not UTF-8. */
export function readableSubject(subject: string): string {
  return STRAY.test(subject) ? subject.replace(/\p{Surrogate}/gu, '\ufffd') : subject;
}
