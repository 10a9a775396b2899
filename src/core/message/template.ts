import { closestNames } from '../closest-names.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';
import { kitchenTime, rfc3339Local } from '../values/local-time.js';

/** What a template may not take for itself: time, chance and identity. */
export interface TemplateEnvironment {
  /** Nanoseconds since the epoch. */
  readonly epochNs: () => bigint;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
  /** A new unique identifier. */
  readonly newId: () => string;
}

/** What differs from message to message. */
export interface TemplateValues {
  /** The number of the message, as `{{Count}}` shows it. */
  readonly count: number;
  /** The request's payload; only where the template was compiled with `allowRequest`. */
  readonly request?: Uint8Array;
}

export interface TemplateOptions {
  readonly environment: TemplateEnvironment;
  /** Whether there is a request to answer, so that `{{Request}}` means something. */
  readonly allowRequest?: boolean;
}

/** A compiled template; rendering never fails. */
export interface Template {
  /** Whether the text has no functions and is the same each time. */
  readonly isConstant: boolean;
  readonly render: (values: TemplateValues) => string;
  /** As `render`, and a request that is not text is inserted byte for byte. */
  readonly renderBytes: (values: TemplateValues) => Uint8Array;
}

type Piece = string | ((values: TemplateValues) => string | Uint8Array);
type BuildPiece = (environment: TemplateEnvironment, args: readonly string[]) => Piece;

const NAMES = [
  'Count',
  'Cnt',
  'ID',
  'Time',
  'TimeStamp',
  'Unix',
  'UnixNano',
  'Random',
  'Request',
] as const;
type FunctionName = (typeof NAMES)[number];

const FUNCTIONS: Readonly<Record<FunctionName, BuildPiece>> = {
  Count: () => (values) => `${values.count}`,
  Cnt: () => (values) => `${values.count}`,
  ID: (environment) => () => environment.newId(),
  Time: (environment) => () => kitchenTime(epochMs(environment)),
  TimeStamp: (environment) => () => rfc3339Local(epochMs(environment)),
  Unix: (environment) => () => (environment.epochNs() / 1_000_000_000n).toString(),
  UnixNano: (environment) => () => environment.epochNs().toString(),
  Random: randomPiece,
  Request: () => (values) => values.request ?? '',
};

/**
 * Compiles a text with the official CLI's functions: `{{Count}}` (`{{Cnt}}`), `{{ID}}`, `{{Time}}`, `{{TimeStamp}}`,
 * `{{Unix}}`, `{{UnixNano}}`, `{{Random min max}}`, `{{Request}}`; each also as `{{.Count}}`.
 *
 * @throws usage for an unknown function, unclosed braces, or wrong arguments
 */
export function compileTemplate(text: string, options: TemplateOptions): Template {
  const pieces = parsePieces(text, options);
  return {
    isConstant: pieces.every((piece) => typeof piece === 'string'),
    render: (values) => renderText(pieces, values),
    renderBytes: (values) => renderBytes(pieces, values),
  };
}

/** The functions by name, for help and error texts. */
function templateFunctions(allowRequest: boolean): readonly string[] {
  return NAMES.filter((name) => allowRequest || name !== 'Request');
}

function parsePieces(text: string, options: TemplateOptions): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) break;
    const close = text.indexOf('}}', open);
    if (close < 0) {
      throw usageError(
        `the template has "{{" at position ${open + 1} that is never closed`,
        'close it with "}}", or send the text without templates',
      );
    }
    if (open > at) pieces.push(text.slice(at, open));
    pieces.push(parseCall(text.slice(open + 2, close), options));
    at = close + 2;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

function parseCall(source: string, options: TemplateOptions): Piece {
  const [written = '', ...args] = source.trim().split(/\s+/);
  const name = written.replace(/^\./, '');
  const allowed = templateFunctions(options.allowRequest === true);
  if (!isFunctionName(name) || !allowed.includes(name)) throw unknownFunction(name, allowed);
  if (name !== 'Random' && args.length > 0) {
    throw usageError(
      `the template function ${name} takes no arguments, it was given ${quoted(args.join(' '))}`,
    );
  }
  return FUNCTIONS[name](options.environment, args);
}

function isFunctionName(name: string): name is FunctionName {
  return (NAMES as readonly string[]).includes(name);
}

function unknownFunction(name: string, allowed: readonly string[]): Error {
  if (name === '') return usageError('the template has an empty pair of braces "{{}}"');
  if (name === 'Request') {
    return usageError(
      'the template function Request is known only in replies',
      `known functions: ${allowed.join(', ')}`,
    );
  }
  const [nearest] = closestNames(name, allowed);
  const known = `known: ${allowed.join(', ')}`;
  return usageError(
    `the template has an unknown function ${quoted(name)}`,
    nearest === undefined ? known : `did you mean ${nearest}? ${known}`,
  );
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LONGEST_RANDOM = 1_048_576;

function randomPiece(environment: TemplateEnvironment, args: readonly string[]): Piece {
  const [shortest = -1, longest = -1] = args.map((each) =>
    /^\d+$/.test(each) ? Number(each) : -1,
  );
  if (args.length !== 2 || shortest < 0 || longest < shortest || longest > LONGEST_RANDOM) {
    throw usageError(
      `the template function Random was given ${quoted(args.join(' '))}`,
      `give the shortest and the longest length, up to ${LONGEST_RANDOM}: {{Random 10 20}}`,
    );
  }
  return () => {
    const length = shortest + Math.floor(environment.random() * (longest - shortest + 1));
    let letters = '';
    while (letters.length < length) {
      letters += LETTERS[Math.floor(environment.random() * LETTERS.length)] ?? '';
    }
    return letters;
  };
}

function epochMs(environment: TemplateEnvironment): number {
  return Number(environment.epochNs() / 1_000_000n);
}

function renderText(pieces: readonly Piece[], values: TemplateValues): string {
  let text = '';
  for (const piece of pieces) {
    const part = typeof piece === 'string' ? piece : piece(values);
    text += typeof part === 'string' ? part : Buffer.from(part).toString('utf8');
  }
  return text;
}

function renderBytes(pieces: readonly Piece[], values: TemplateValues): Uint8Array {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? piece : piece(values)));
  // One encoding of the whole text is cheaper than one for each part; only a request is bytes.
  if (parts.every((part) => typeof part === 'string')) return Buffer.from(parts.join(''), 'utf8');
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)),
  );
}
