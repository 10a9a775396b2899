import { closestNames } from '../core/closest-names.js';
import { NatsxError, usageError } from '../core/errors.js';

/** Scenarios as the nats CLI names them, or as users may guess them; the first match is used. */
const SCENARIO_WORDS: readonly (readonly [typed: RegExp, hint: string])[] = [
  [/^js pub async\b/, 'write natsx bench js-pub --window 500'],
  [/^js pub (atomic|batch)\b/, 'write natsx bench js-pub --mode atomic'],
  [/^js pub fast\b/, 'write natsx bench js-pub --mode fast'],
  [/^js pub\b/, 'write natsx bench js-pub --window 1'],
  [/^js ordered\b/, 'write natsx bench js-consume --ack none'],
  [/^(js )?(consume|fetch)\b/, 'write natsx bench js-consume'],
  [/^js get batch\b/, 'write natsx bench js-get --window 100'],
  [/^(js )?get\b/, 'write natsx bench js-get'],
  [/^service request\b/, 'write natsx bench request'],
  [/^(service )?serve\b/, 'write natsx bench reply'],
  [/^(old)?js\b/, 'write natsx bench js-pub, js-consume or js-get'],
  [/^(kv|object)\b/, 'buckets are streams: the closest are natsx bench js-pub and js-get'],
  [/^publish\b/, 'write natsx bench pub'],
  [/^(subscribe|queue-sub)\b/, 'write natsx bench sub, or natsx bench queue for a queue group'],
];

const OWN_STREAM = 'each run creates a stream of the size it needs, and removes it';
const SUBJECTS = 'write --subjects N';

/** Flags of `nats bench`, and what natsx has instead. */
const FLAG_WORDS: ReadonlyMap<string, string> = new Map([
  ['--progress', 'natsx draws a progress line on terminals only; --quiet omits it'],
  ['--no-progress', 'natsx draws a progress line on terminals only; --quiet omits it'],
  ['--create', OWN_STREAM],
  ['--purge', OWN_STREAM],
  ['--maxbytes', OWN_STREAM],
  ['--multisubject', SUBJECTS],
  ['--multisubjectmax', SUBJECTS],
  ['--multisubjectrandomize', SUBJECTS],
  ['--throughput', 'write --rate'],
  ['--payload', 'write --payload-file'],
  ['--acks', 'write --ack'],
  ['--max-outstanding-acks', 'write --window'],
  ['--sleep', 'write --rate to pace publishing, --delay to pace replies'],
  ['--consumer', 'each pass creates a consumer, and removes it'],
  ['--filter', 'write the subject as argument: natsx bench js-consume SUBJECT --stream NAME'],
]);

/**
 * Adds natsx's word as a hint where `natsx bench` does not know a word of `nats bench`.
 *
 * @param commandIds all commands, with colons between their words
 */
export function explainBenchWords(
  error: unknown,
  argv: readonly string[],
  commandIds: readonly string[],
): unknown {
  if (argv[0] !== 'bench' || !(error instanceof NatsxError) || error.kind !== 'usage') return error;
  const [, flags] = /^unknown flags? (.+)$/.exec(error.message) ?? [];
  if (flags !== undefined) return withHint(error, flagHint(flags));
  const [, words] = /^unexpected argument: (.+)$/.exec(error.message) ?? [];
  if (words === undefined) return error;
  // A word right after `bench` was meant as a scenario; after a scenario it is one argument too many.
  const [first = ''] = words.split(' ');
  if (argv[1] !== first) {
    return withHint(
      error,
      argv[1] === 'saturate' || argv[1] === 'compare'
        ? undefined
        : 'a scenario takes one subject; set the bodies with --size or --payload-file',
    );
  }
  return usageError(`there is no scenario "${words}"`, scenarioHint(words, commandIds));
}

function withHint(error: NatsxError, hint: string | undefined): NatsxError {
  return hint === undefined ? error : usageError(error.message, hint);
}

function flagHint(flags: string): string | undefined {
  const hints = flags.split(', ').flatMap((flag) => FLAG_WORDS.get(flag) ?? []);
  return hints.length === 0 ? undefined : [...new Set(hints)].join('; ');
}

function scenarioHint(words: string, commandIds: readonly string[]): string {
  const known = SCENARIO_WORDS.find(([typed]) => typed.test(words));
  if (known !== undefined) return known[1];
  const all = commandIds.filter((id) => id.startsWith('bench:')).map((id) => id.slice(6));
  const nearest = closestNames(words.split(' ')[0] ?? '', all);
  return nearest.length === 0
    ? `there are ${all.join(', ')}`
    : `did you mean natsx bench ${nearest.join(' or ')}?`;
}
