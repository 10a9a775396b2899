import { type Content, type HeaderKind, type Run, type Shape, type Size } from './dimensions.js';

/** What the matrix' server is configured with: more than 1 MiB, so that both are tried. */
export const MAX_PAYLOAD = 1_310_720;

/** A message as it goes in, and what has to come out. */
export interface Sent {
  readonly shape: Shape;
  readonly payload: Buffer;
  /** The block of headers; undefined: none. */
  readonly block: Buffer | undefined;
}

const KIB = 1024;
const SIZES: Readonly<Record<Exclude<Size, 'max' | 'past'>, number>> = {
  '0': 0,
  '1': 1,
  '4K-1': 4 * KIB - 1,
  '4K': 4 * KIB,
  '4K+1': 4 * KIB + 1,
  '64K-1': 64 * KIB - 1,
  '64K': 64 * KIB,
  '64K+1': 64 * KIB + 1,
  '1M': KIB * KIB,
};

/** All messages of a run, in their order. */
export function messagesOf({ shapes, times, seed, source }: Run): readonly Sent[] {
  const sent: Sent[] = [];
  for (let round = 0; round < times; round++) {
    for (const [place, shape] of shapes.entries()) {
      const random = randomBytes(seed + round * 1009 + place * 31 + 1);
      // Flags of a command line are the same for all of its messages.
      const drawn = source === 'lines' ? randomBytes(seed) : random;
      const block = blockOf(shape.headers, drawn);
      const length = sizeOf(shape.size, block?.length ?? 0);
      sent.push({ shape, block, payload: payloadOf(shape.content, length, random) });
    }
  }
  return sent;
}

function sizeOf(size: Size, headersLength: number): number {
  if (size === 'max') return MAX_PAYLOAD - headersLength;
  if (size === 'past') return MAX_PAYLOAD - headersLength + 1;
  return SIZES[size];
}

type Random = (below: number) => number;

/** Mulberry32: small, and the same everywhere. */
function randomBytes(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Each content fills any length; the beginning differs from message to message. */
function payloadOf(content: Content, length: number, random: Random): Buffer {
  switch (content) {
    case 'text':
      return filled(length, [`${random(1e9)} über 水 😀 \t words `], 'x');
    case 'random':
      return Buffer.from(Uint8Array.from({ length }, () => random(256)));
    case 'nul':
      return filled(length, ['\0', `${random(1e9)}`, '\0\0'], '\0');
    case 'crlf':
      return filled(length, [`\r\nMSG a 1 ${random(9)}\r\n`, '\n\n', '\r', '\r\nPING\r\n'], '\n');
    case 'not-utf8':
      return cut([Buffer.from(`${random(1e9)}`), NOT_UTF8], length);
    case 'surrogates':
      return sometimesJson(length, random, SURROGATES);
    case 'deep-json':
      return deepJson(length, random);
    case 'json-like':
      return sometimesJson(length, random, JSON_LIKE);
  }
}

/** A byte that never is, a lone continuation, an encoded surrogate, a cut character, an overlong one. */
const NOT_UTF8 = Buffer.from([
  0xff, 0x80, 0xed, 0xa0, 0x80, 0xe6, 0xb0, 0x41, 0xc0, 0xaf, 0xef, 0xbb, 0xbf,
]);

const SURROGATES = [
  String.raw`{"a":"\ud800"}`,
  String.raw`["\udc00\ud800","\uD83D\uDE00"]`,
  String.raw`{"\ud800":1}`,
];

const JSON_LIKE = [
  '12345678901234567890',
  '1e400',
  '-0',
  '1.0',
  '{"a":1,"a":2}',
  '{"2":0,"1":0}',
  '{"__proto__":{"x":1}}',
  '{"a": 1}',
  '[1,2,3]',
  '{"n":9007199254740993}',
  '"a string"',
  'null',
  'true',
  '{"subject":"other","payload":"x"}',
  '{"natsx_note":"gap"}',
  '{"natsx_recording":1}',
  '\ufeff{}',
];

/** The whole text where it fits, JSON that is made longer with a string, or a beginning of it. */
function sometimesJson(length: number, random: Random, texts: readonly string[]): Buffer {
  const text = texts[random(texts.length)] ?? '';
  const around = Buffer.byteLength(`["",${text}]`);
  if (length >= around && random(4) > 0) {
    return Buffer.from(`["${'y'.repeat(length - around)}",${text}]`);
  }
  return filled(length, [text], ' ');
}

/** As many levels as fit, with a text inside. */
function deepJson(length: number, random: Random): Buffer {
  const inside = random(2) === 0 ? '' : '"水"';
  const levels = Math.max(0, Math.floor((length - Buffer.byteLength(inside)) / 2));
  const json = Buffer.from(`${'['.repeat(levels)}${inside}${']'.repeat(levels)}`);
  const whole = json.length > length ? Buffer.alloc(0) : json;
  return Buffer.concat([whole, Buffer.alloc(length - whole.length, ' ')]);
}

function filled(length: number, texts: readonly string[], padding: string): Buffer {
  const unit = Buffer.from(texts.join(''));
  const whole = Math.floor(length / unit.length);
  const units = Array.from({ length: whole }, () => unit);
  // Text must not be cut inside a character.
  return Buffer.concat([...units, Buffer.from(padding.repeat(length - whole * unit.length))]);
}

function cut(parts: readonly Buffer[], length: number): Buffer {
  const all = Buffer.concat(parts);
  return Buffer.alloc(length, all);
}

const VERSION = 'NATS/1.0';

function blockOf(kind: HeaderKind, random: Random): Buffer | undefined {
  const number = random(1e6);
  switch (kind) {
    case 'none':
      return undefined;
    case 'many':
      return block(VERSION, manyHeaders(number));
    case 'odd':
      return block(VERSION, ODD_HEADERS);
    case 'large':
      return block(VERSION, [
        ['Trace', `t${number}`],
        ['Large', `${number} ${'v'.repeat(60_000)}`],
      ]);
    case 'not-utf8':
      return Buffer.concat([
        Buffer.from(`${VERSION}\r\nTrace: t${number}\r\nLatin: caf`),
        Buffer.from([0xe9]),
        Buffer.from('\r\nBytes: '),
        Buffer.from([0xff, 0xfe, 0x80]),
        Buffer.from('\r\nBytes: second\r\n\r\n'),
      ]);
    case 'status':
      return block(
        `${VERSION} ${STATUSES[number % STATUSES.length]}`,
        number % 2 === 0 ? [] : [['Trace', `t${number}`]],
      );
  }
}

type HeaderLines = readonly (readonly [name: string, value: string])[];

function manyHeaders(number: number): HeaderLines {
  return Array.from({ length: 60 }, (_, place) => [
    `X-Header-${place % 40}`,
    `value ${place} of ${number}`,
  ]);
}

const ODD_HEADERS: HeaderLines = [
  ['lower', 'a'],
  ['Lower', 'A'],
  ['LOWER', ''],
  ['__proto__', 'not a prototype'],
  ['constructor', 'c'],
  ['2', 'two'],
  ['1', 'one'],
  ["!#$%&'*+.^_`|~", 'signs'],
  ['"quoted"', '"value"'],
  ['{brace}', '{value}'],
  ['Colons', 'a:b: c'],
  ['Unicode', 'über 水 😀'],
  ['Tab', 'a\tb'],
  ['Escapes', String.raw`\u0041 \n \\`],
  ['Json', '{"a":[1]}'],
  ['Long', 'v'.repeat(5000)],
  ['Twice', '1'],
  ['Between', 'x'],
  ['Twice', '2'],
];

const STATUSES = ['503', '404 No Messages', '408 Request Timeout', '100 Idle Heartbeat', '200'];

function block(first: string, lines: HeaderLines): Buffer {
  return Buffer.from(
    `${first}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
}

/** A block as it is read: what stands after the version, and the values of each name, a character for each byte. */
export interface ReadBlock {
  readonly status: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export function readBlock(bytes: Buffer | undefined): ReadBlock {
  const values = new Map<string, string[]>();
  const [first = '', ...lines] = (bytes ?? Buffer.from(`${VERSION}\r\n`))
    .toString('latin1')
    .split('\r\n');
  for (const line of lines) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    values.set(name, [
      ...(values.get(name) ?? []),
      line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''),
    ]);
  }
  return { status: first.slice(VERSION.length).trim(), values };
}
