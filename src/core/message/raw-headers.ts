import type { HeadersStatus, MessageHeaders } from './message.js';

/** One line of a headers block; without a name when it has no colon. */
export interface HeaderLine {
  readonly name: Uint8Array | undefined;
  readonly value: Uint8Array;
}

/**
 * Headers whose block would change if it were written again from names and values: it has a status, values that are
 * not UTF-8, blanks or lines of its own. The map is a reading of it; the block is what goes on, byte for byte.
 */
export class RawHeaders extends Map<string, readonly string[]> implements MessageHeaders {
  /** Version line included. It belongs to this object. */
  readonly block: Uint8Array;
  readonly status: HeadersStatus | undefined;

  constructor(block: Uint8Array, status: HeadersStatus | undefined) {
    super();
    this.block = block;
    this.status = status;
  }

  /** The lines after the version line, without their ends and without the blanks around values. */
  lines(): readonly HeaderLine[] {
    const lines: HeaderLine[] = [];
    for (const line of blockLines(this.block).slice(1)) {
      const text = withoutEnd(line);
      if (text === '') continue;
      const colon = text.indexOf(':');
      lines.push({
        name: colon < 0 ? undefined : bytesOf(text.slice(0, colon)),
        value: bytesOf(trimBlanks(text.slice(colon + 1))),
      });
    }
    return lines;
  }
}

/** The status of a message in place of an answer, such as 503 when there are no responders. */
export function statusOf(headers: MessageHeaders | undefined): HeadersStatus | undefined {
  return headers instanceof RawHeaders ? headers.status : undefined;
}

/** A block as lines with their ends, a character for each byte. */
export function blockLines(block: Uint8Array): readonly string[] {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('latin1');
  return text.split(/(?<=\n)/);
}

/** The way back from {@link blockLines}. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Without the line end. */
export function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}

/** Only blanks and tabs: other white space may belong to the value. */
export function trimBlanks(text: string): string {
  if (!isBlank(text.charCodeAt(0)) && !isBlank(text.charCodeAt(text.length - 1))) return text;
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
