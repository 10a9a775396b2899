export interface PrintableOptions {
  /** Leave line feeds and tabs as they are; otherwise they are shown as `\n` and `\t`. */
  readonly keepLines?: boolean;
}

// C0, DEL, C1, bidirectional controls, line and paragraph separators, and invisible characters (the joiners that
// scripts and emoji need are left alone).
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;
const PLAIN = /^[ -~]*$/;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` with everything a terminal could obey, or that a reader could not see, written as a visible escape. */
export function printableText(text: string, options: PrintableOptions = {}): string {
  // Most text is plain, and a test for that costs a tenth of a search in Unicode mode.
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (character) =>
    options.keepLines === true && (character === '\n' || character === '\t')
      ? character
      : visibleEscape(character),
  );
}

/** Bytes as safe text: valid UTF-8 as {@link printableText}, each byte that is not part of it as `\xNN`. */
export function printableBytes(bytes: Uint8Array, options: PrintableOptions = {}): string {
  return textOfBytes(bytes, (text) => printableText(text, options), hexEscape);
}

/** Bytes as text: what is valid UTF-8, and each byte that is not, are given their form on their own. */
export function textOfBytes(
  bytes: Uint8Array,
  ofText: (text: string) => string,
  ofByte: (byte: number) => string,
): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return ofText(text);
  let shown = '';
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (start < at) shown += ofText(lenientUtf8(bytes.subarray(start, at)));
    shown += ofByte(bytes[at] ?? 0);
    at += 1;
    start = at;
  }
  return shown + ofText(lenientUtf8(bytes.subarray(start)));
}

/** A byte that is not UTF-8, kept in a text as half of a surrogate pair, which no text has. */
export function strayCharacter(byte: number): string {
  return String.fromCharCode(STRAY + byte);
}

/** The way back; undefined for any other character. */
export function strayByte(code: number): number | undefined {
  return code >= STRAY + 0x80 && code <= STRAY + 0xff ? code - STRAY : undefined;
}

const STRAY = 0xdc00;

/** `text` in double quotes, safe for a terminal, for use inside a sentence. */
export function quoted(text: string): string {
  return `"${printableText(text)}"`;
}

/** The text of valid UTF-8 (a byte order mark is kept), `undefined` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const text = lenientUtf8(bytes);
  // Only a replacement character needs a closer look: encoding again shows whether it was sent or substituted, at a
  // tenth of the cost of a strict decoder's exception.
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return text;
  return undefined;
}

function lenientUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function visibleEscape(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.charCodeAt(0);
  const byte = strayByte(code);
  if (byte !== undefined) return hexEscape(byte);
  return code < 0x80 ? hexEscape(code) : `\\u${code.toString(16).padStart(4, '0')}`;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Length of the well-formed UTF-8 sequence that starts at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length < 2) return length;
  if (at + length > bytes.length) return 0;
  return decodeUtf8(bytes.subarray(at, at + length)) === undefined ? 0 : length;
}

/** A name quoted for a shell where it needs it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.:/=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
