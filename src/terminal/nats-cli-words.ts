import { NatsxError, usageError } from '../core/errors.js';
import { shellWord } from '../core/printable.js';

/** Commands that natsx has under another name than the nats CLI, by what is typed; topics too. */
export const NATS_CLI_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['publish', 'pub'],
  ['subscribe', 'sub'],
  ['ping', 'rtt'],
  ['account info', 'info'],
  ['account report connections', 'connections'],
  ['server info', 'info'],
  ['server report connections', 'connections'],
  ['server report connz', 'connections'],
  ['top', 'connections'],
  ['str', 'stream'],
  ['st', 'stream'],
  ['s', 'stream'],
  ['stream list', 'stream ls'],
  ['stream l', 'stream ls'],
  ['stream report', 'stream ls'],
  ['stream find', 'stream ls'],
  ['stream nfo', 'stream info'],
  ['stream i', 'stream info'],
  ['stream show', 'stream info'],
  ['stream state', 'stream info'],
  ['stream new', 'stream create'],
  ['stream update', 'stream edit'],
  ['stream delete', 'stream rm'],
  ['stream del', 'stream rm'],
  ['stream remove', 'stream rm'],
  ['stream cp', 'stream copy'],
  ['stream subj', 'stream subjects'],
  ['con', 'consumer'],
  ['obs', 'consumer'],
  ['c', 'consumer'],
  ['consumer list', 'consumer ls'],
  ['consumer nfo', 'consumer info'],
  ['consumer i', 'consumer info'],
  ['consumer show', 'consumer info'],
  ['consumer state', 'consumer info'],
  ['consumer new', 'consumer create'],
  ['consumer update', 'consumer edit'],
  ['consumer delete', 'consumer rm'],
  ['consumer del', 'consumer rm'],
  ['consumer remove', 'consumer rm'],
  ['consumer report', 'backlog'],
  ['consumer find', 'backlog'],
  ['ctx', 'context'],
  ['context list', 'context ls'],
  ['context l', 'context ls'],
  ['context create', 'context save'],
  ['context new', 'context save'],
  ['context info', 'context show'],
  ['context view', 'context show'],
  ['context v', 'context show'],
  ['context switch', 'context select'],
  ['context set', 'context select'],
  ['context use', 'context select'],
  ['context delete', 'context rm'],
  ['context del', 'context rm'],
  ['context remove', 'context rm'],
]);

/**
 * What natsx answers to a command of the nats CLI that it does not have: the line that does it, with the words behind
 * the command in place of STREAM, CONSUMER, …; or what it leaves to the nats CLI, after a colon.
 */
export const NATS_CLI_ANSWERS: ReadonlyMap<string, string> = new Map([
  ['stream view', 'natsx sub --stream STREAM --from-start --until-end'],
  ['stream graph', 'natsx backlog STREAM --watch'],
  ['stream backup', 'natsx record STREAM.jsonl.gz --stream STREAM'],
  ['stream snapshot', 'natsx record STREAM.jsonl.gz --stream STREAM'],
  ['stream restore', 'natsx replay FILE --jetstream'],
  ['stream seal', ': sealing streams'],
  ['stream gaps', ': looking for gaps'],
  ['stream cluster', ': administration of clusters'],
  ['consumer graph', 'natsx backlog STREAM CONSUMER --watch'],
  ['consumer reset', 'natsx consumer skip STREAM CONSUMER --to SEQUENCE'],
  [
    'consumer copy',
    'natsx consumer create STREAM NEW --config FILE, with FILE from natsx consumer info STREAM CONSUMER --json',
  ],
  ['consumer cluster', ': administration of clusters'],
  ['context edit', 'natsx context save NAME, with the flags to change'],
  ['context copy', 'natsx context save NEW, with the flags of the connection'],
  ['context unselect', 'natsx COMMAND --no-context ignores the selected context'],
  ['context previous', 'natsx context select NAME'],
  ['backup stream', 'natsx record STREAM.jsonl.gz --stream STREAM'],
  ['backup restore', 'natsx replay FILE --jetstream'],
  ['backup', ': backups of whole streams'],
  ['account', ': administration of accounts'],
  ['auth', ': administration of accounts'],
  ['jwt', ': administration of accounts'],
  ['audit', 'natsx doctor'],
  ['server check consumer', 'natsx backlog check STREAM CONSUMER'],
  ['server check stream', 'natsx doctor STREAM'],
  ['server check connection', 'natsx rtt'],
  ['server check', ': checks of servers'],
  ['server ping', ': administration of servers'],
  ['server', ': administration of servers'],
  ['events', "natsx sub '$JS.EVENT.>'"],
  ['latency', ': latency between two servers'],
  ['trace', ': tracing of messages'],
  ['traffic', "natsx sub '>' --report subjects"],
  ['governor', ': governors'],
  ['kv', ': key-value stores'],
  ['object', ': object stores'],
  ['obj', ': object stores'],
  ['service', ': services'],
  ['micro', ': services'],
  ['counter', ': counters'],
  ['schema', ': schemas'],
  ['errors', ': error codes of the server'],
  ['cheat', 'natsx COMMAND -h shows examples'],
]);

/** Commands on a stream and a consumer that are flags of `sub` here. */
export const NATS_CLI_WORKERS: ReadonlyMap<
  string,
  readonly (readonly [flag: string, value: string])[]
> = new Map([
  [
    'consumer next',
    [
      ['--count', '1'],
      ['--wait', '5s'],
    ],
  ],
  ['consumer sub', []],
]);

/**
 * `consumer next STREAM CONSUMER` as a worker, which acknowledges too; with the user's own flags before those of the table.
 *
 * @param rest what follows the command
 */
export function workerLine(
  command: readonly string[],
  rest: readonly string[],
): readonly string[] | undefined {
  const [verb = '', stream = '-', consumer = '-', ...others] = rest;
  const flags = NATS_CLI_WORKERS.get([...command, verb].join(' '));
  if (flags === undefined || stream.startsWith('-') || consumer.startsWith('-')) return undefined;
  const translated = others.flatMap((word) => {
    if (word === '--no-ack') return ['--ack', 'none'];
    return word === '--ack' ? [] : [word];
  });
  const given = (flag: string) =>
    others.some((word) => word === flag || word.startsWith(`${flag}=`));
  const defaults = flags.flatMap(([flag, value]) => (given(flag) ? [] : [flag, value]));
  return ['--stream', stream, '--durable', consumer, ...defaults, ...translated];
}

/** Flags of the nats CLI that natsx does not have, with what to do instead. */
export const NATS_CLI_FLAGS: ReadonlyMap<string, string> = new Map([
  ['--jitter', 'natsx paces with --interval or --rate, without jitter'],
  ['--translate', 'pipe the payloads: natsx sub SUBJECT --raw | COMMAND'],
  ['--next', 'write --new'],
  ['--trace', 'write --verbose'],
  ['--colors', 'write --no-color, or set NO_COLOR'],
  ['--interactive', 'write --config FILE'],
]);

/** Longest name first: `server check consumer` has three words. */
const MOST_WORDS = 3;

/**
 * The command that these words of the nats CLI name in natsx, if natsx has it.
 *
 * @param command words that are natsx's already
 * @param next what follows on the command line
 * @param exists whether words are a command, or the beginning of one
 */
export function synonym(
  command: readonly string[],
  next: readonly string[],
  exists: (words: readonly string[]) => boolean,
): { readonly command: readonly string[]; readonly length: number } | undefined {
  for (let length = MOST_WORDS; length > 0; length--) {
    if (length > next.length) continue;
    const found = NATS_CLI_SYNONYMS.get([...command, ...next.slice(0, length)].join(' '))?.split(
      ' ',
    );
    if (found !== undefined && exists(found)) return { command: found, length };
  }
  return undefined;
}

/**
 * Names natsx's command where a command of the nats CLI, or a verb without its topic, was not found; and the flag that
 * was meant by an argument too many.
 *
 * @param words the command line in natsx's order
 * @param commandIds ids of all commands, topics separated by a colon
 */
export function explainNatsCliWords(
  error: unknown,
  words: readonly string[],
  commandIds: readonly string[],
): unknown {
  if (!(error instanceof NatsxError) || error.kind !== 'usage') return error;
  const flagAt = words.findIndex((word) => word.startsWith('-'));
  const plain = flagAt === -1 ? words : words.slice(0, flagAt);
  if (error.message.startsWith('unexpected argument: ')) {
    const hint = argumentHint(plain);
    return hint === undefined ? error : usageError(error.message, hint);
  }
  const [, flags] = /^unknown flags? (.+)$/.exec(error.message) ?? [];
  if (flags !== undefined) {
    const hints = flags.split(', ').flatMap((flag) => NATS_CLI_FLAGS.get(flag) ?? []);
    return hints.length === 0 ? error : usageError(error.message, [...new Set(hints)].join('; '));
  }
  if (!error.message.startsWith('there is no command ')) return error;
  const answer = commandAnswer(plain, words) ?? verbAnswer(plain, commandIds);
  return answer === undefined ? error : usageError(answer.message ?? error.message, answer.hint);
}

interface Answer {
  readonly message?: string;
  readonly hint: string;
}

function commandAnswer(plain: readonly string[], words: readonly string[]): Answer | undefined {
  for (let length = MOST_WORDS; length > 0; length--) {
    const typed = plain.slice(0, length).join(' ');
    const answer = NATS_CLI_ANSWERS.get(typed) ?? workerAnswer(typed);
    if (answer === undefined) continue;
    const message = `there is no command "${typed}"`;
    if (!answer.startsWith(':'))
      return { message, hint: filledIn(answer, plain.slice(length), words) };
    const line = ['nats', ...plain.map(shellWord)].join(' ');
    return { message, hint: `natsx leaves ${answer.slice(2)} to the nats CLI: ${line}` };
  }
  return undefined;
}

/** Without its arguments, a worker is only explained. */
function workerAnswer(typed: string): string | undefined {
  const flags = NATS_CLI_WORKERS.get(typed);
  const line = 'natsx sub --stream STREAM --durable CONSUMER';
  return flags === undefined ? undefined : [line, ...flags.flat()].join(' ');
}

const PLACES = /\b(?:STREAM|CONSUMER|NEW|NAME)\b/g;

/** The words behind the command in place of the names; `backup restore` and the like have other ones. */
function filledIn(answer: string, given: readonly string[], words: readonly string[]): string {
  const names = [...new Set(answer.match(PLACES))];
  const order = ['STREAM', 'CONSUMER', 'NAME', 'NEW'].filter((name) => names.includes(name));
  return answer.replace(PLACES, (name) => {
    const word = given[order.indexOf(name)] ?? flagValue(words, `--${name.toLowerCase()}`);
    return word === undefined ? name : shellWord(word);
  });
}

function flagValue(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

/** `purge ORDERS`, `info stream ORDERS` and `stream ORDERS`. */
function verbAnswer(plain: readonly string[], commandIds: readonly string[]): Answer | undefined {
  const [first = '', second, ...rest] = plain;
  const isTopic = commandIds.some((id) => id.startsWith(`${first}:`));
  if (isTopic) {
    // A name in capitals is not a mistyped command.
    if (second === undefined || /^[a-z-]+$/.test(second)) return undefined;
    const verb = first === 'context' ? 'show' : 'info';
    return { hint: `write ${['natsx', first, verb, second, ...rest].map(shellWord).join(' ')}` };
  }
  const below = ['stream', 'consumer', 'context'].filter((topic) =>
    commandIds.includes(`${topic}:${first}`),
  );
  const [topic] = below;
  if (topic === undefined) return undefined;
  const whole = [topic, ...plain];
  if (below.length === 1)
    return { hint: argumentHint(whole) ?? `write ${['natsx', ...whole].map(shellWord).join(' ')}` };
  const lines = below.map((one) => `natsx ${one} ${first}`);
  return { hint: `did you mean ${lines.slice(0, -1).join(', ')} or ${lines.at(-1) ?? ''}?` };
}

/** What was meant by an argument that the command does not take. */
function argumentHint(plain: readonly string[]): string | undefined {
  const [first = '', second = '', ...rest] = plain;
  if (first === 'info' && /^(stream|str|consumer|con)$/.test(second)) {
    return `write ${lineOf(second.startsWith('s') ? 'stream' : 'consumer', 'info', ...rest)}`;
  }
  if (first === 'pub' || first === 'request') {
    const isSeveral = rest.length > 1;
    return isSeveral ? `quote the body: ${lineOf(first, second, rest.join(' '))}` : undefined;
  }
  const line = assetLine(`${first} ${second}`, rest);
  return line === undefined ? undefined : `write ${line}`;
}

function assetLine(command: string, args: readonly string[]): string | undefined {
  const [first = '', second = ''] = args;
  if (command === 'stream ls') return lineOf('stream', 'info', first);
  if (/^stream (?:create|add)$/.test(command) && second !== '')
    return lineOf('stream', 'create', first, '--subjects', args.slice(1).join(','));
  if (command === 'stream purge' && second !== '')
    return lineOf('stream', 'purge', first, '--subject', second);
  return undefined;
}

function lineOf(...words: readonly string[]): string {
  return `natsx ${words.map(shellWord).join(' ')}`;
}
