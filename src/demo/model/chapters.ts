import { usageError } from '../../core/errors.js';

/** A chapter of the tour: its steps are data, and each command is shown before its real output. */
export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

export type Step = Say | Run | Start | Finish | ServerEvent;

/** A sentence or two for the reader. */
interface Say {
  readonly say: string;
}

/** A command that is run to its end. */
export interface Run {
  /** As a user would paste it. */
  readonly run: string;
  /** The exit code that it must have; 0 by default. */
  readonly exit?: number;
  /** Run it again until it succeeds, for facts that take a moment; only the last run is shown. */
  readonly retry?: boolean;
}

/** A command that keeps running, in a terminal of its own. */
export interface Start {
  readonly start: string;
  /** Name of that terminal. */
  readonly as: string;
  /** The tour goes on once its output has this; `subscribed to` or `listening on` by default. */
  readonly ready?: RegExp;
}

/** The end of a command that was started: its output is shown then. */
export interface Finish {
  /** Name of its terminal. */
  readonly finish: string;
  /** Sent to it first; without one it must end by itself. */
  readonly signal?: NodeJS.Signals;
  /** The exit code that it must have; 0 by default. */
  readonly exit?: number;
}

/** What happens to the server. */
interface ServerEvent {
  readonly server: 'crash' | 'restart';
}

/** The tour, in its order. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Publish and subscribe',
    steps: [
      {
        say: 'A subscriber waits for two messages. It reports when it is subscribed, so none is missed.',
      },
      { start: 'natsx sub greetings --count 2', as: 'subscriber' },
      { run: "natsx pub greetings 'Hello NATS!'" },
      { run: `natsx pub greetings '{"from":"natsx"}' -H 'Trace: a1'` },
      { finish: 'subscriber' },
      { say: 'For scripts: one JSON object per message, and a reliable exit code.' },
      { start: 'natsx sub orders.new --json --count 1', as: 'script' },
      { run: `natsx pub orders.new '{"id":7,"total":120.5}'` },
      { finish: 'script' },
      { run: 'natsx sub orders.new --count 1 --wait 200ms', exit: 5 },
    ],
  },
  {
    title: 'Wildcards and filters',
    steps: [
      { say: '* matches one token of a subject, > matches all that follow.' },
      { start: "natsx sub 'orders.*.new' --count 2", as: 'one word' },
      { start: "natsx sub 'orders.>' --count 3 --report subjects", as: 'the rest' },
      { run: 'natsx pub orders.eu.new 1' },
      { run: 'natsx pub orders.us.new 2' },
      { run: 'natsx pub orders.eu.paid.late 3' },
      { finish: 'one word' },
      { finish: 'the rest' },
      { say: 'An invalid subject is rejected before anything is sent.' },
      { run: 'natsx pub orders..new 4', exit: 2 },
    ],
  },
  {
    title: 'A queue group shares the work',
    steps: [
      {
        say: 'Three workers in one group: each job goes to one of them, and every job is done once.',
      },
      {
        start: 'natsx queue-sub jobs workers --workers 3 --count 300 --raw > done.txt',
        as: 'workers',
      },
      { run: "natsx pub jobs 'job {{Count}}' --template --count 300" },
      { finish: 'workers' },
      { run: 'wc -l < done.txt' },
    ],
  },
  {
    title: 'Request and reply',
    steps: [
      { start: "natsx reply 'convert.*' --command 'tr a-z A-Z'", as: 'service' },
      { run: "natsx request convert.upper 'shout, please'" },
      { finish: 'service', signal: 'SIGINT' },
      { say: 'How fast is a service? A thousand requests, ten at a time.' },
      { start: 'natsx reply convert.echo --echo > answered.txt', as: 'service' },
      { run: 'natsx request convert.echo hello --count 1000 --concurrency 10 > replies.txt' },
      { finish: 'service', signal: 'SIGINT' },
      { say: 'Now there are no responders, and the exit code says so immediately.' },
      { run: 'natsx request convert.upper hello', exit: 6 },
    ],
  },
  {
    title: 'Throughput',
    steps: [
      { say: 'A hundred thousand lines through the server into a file, none of them lost.' },
      {
        start: 'natsx sub lines --raw --count 100000 | wc -l',
        as: 'reader',
      },
      { run: 'seq 100000 | natsx pub lines --lines' },
      { finish: 'reader' },
      { say: 'And measured from publish to deliver, with latencies from the intended send time.' },
      { run: 'natsx bench pubsub --rate 20k --duration 2s' },
    ],
  },
  {
    title: 'A worker dies, and natsx shows why messages pile up',
    steps: [
      { run: "natsx stream create JOBS --subjects 'jobs.>' --quiet" },
      { run: 'natsx consumer create JOBS worker --push work --quiet' },
      {
        say: 'A worker acknowledges each message that it gets; a hundred jobs arrive per second.',
      },
      { start: 'natsx reply work +ACK > worker.txt', as: 'worker' },
      {
        start: "natsx pub jobs.new 'job {{Count}}' --template --count 10000 --rate 100",
        as: 'publisher',
        ready: /^/,
      },
      { run: 'natsx backlog JOBS --window 1s' },
      { say: 'The worker dies. Which consumer is behind, why, and what helps?' },
      { finish: 'worker', signal: 'SIGINT' },
      { run: 'natsx backlog JOBS --window 2s --fail-on critical', exit: 9 },
      { say: 'It starts again, and soon nothing is waiting: exit code 0.' },
      { start: 'natsx reply work +ACK > worker.txt', as: 'worker' },
      { run: "natsx backlog JOBS --window 1s --fail-if 'age>1s'", retry: true },
      { finish: 'publisher', signal: 'SIGINT', exit: 130 },
      { finish: 'worker', signal: 'SIGINT' },
    ],
  },
  {
    title: 'Streams, recordings, replay',
    steps: [
      { run: "natsx stream create SHOP --subjects 'shop.>' --quiet" },
      {
        run: `natsx pub 'shop.{{Count}}' 'order {{Count}}' --template --count 5 --rate 10 --jetstream`,
      },
      {
        say: 'Read a stream like a subject: from its start, and with its own timing, at double speed.',
      },
      { run: 'natsx sub --stream SHOP --from-start --until-end --speed 2x --timestamps delta' },
      {
        say: 'To a file and back, on other subjects. The counts show that nothing is missing.',
      },
      { run: 'natsx record shop.jsonl --stream SHOP' },
      { run: 'head -n 2 shop.jsonl' },
      { start: "natsx sub 'copy.>' --count 5 --format '{subject}: {payload}\\n'", as: 'reader' },
      { run: "natsx replay shop.jsonl --map 'shop.*=copy.*'" },
      { finish: 'reader' },
    ],
  },
  {
    title: 'Exactly once: the same import twice',
    steps: [
      { run: "natsx stream create IMPORT --subjects 'import.>' --quiet" },
      {
        say: 'A thousand lines, each acknowledged by the stream; the order number is the message id.',
      },
      { run: `seq 1000 | sed 's/.*/{"order":&}/' > orders.txt` },
      { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
      { say: 'Not sure whether it worked? Run it again: nothing is stored twice.' },
      { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
      { run: 'natsx stream ls --subject import.orders' },
    ],
  },
  {
    title: 'The server is killed, and nothing is lost',
    steps: [
      { run: "natsx stream create PROOF --subjects 'proof.>' --quiet" },
      {
        say: 'Numbered messages with checksums go through the stream, and are read back and counted.',
      },
      {
        start: 'natsx verify --stream PROOF --rate 500 --duration 2500ms --expect at-least-once',
        as: 'proof',
        ready: /^run /m,
      },
      { say: 'When five hundred of them have arrived, the server is killed.' },
      { run: 'natsx sub --stream PROOF --from-start --count 500 --raw > arrived.bin' },
      { server: 'crash' },
      { server: 'restart' },
      { finish: 'proof' },
    ],
  },
];

/**
 * The chapters that the user names by number; all without one.
 *
 * @throws {NatsxError} usage — there is no such chapter
 */
export function chosenChapters(
  numbers: readonly string[],
): readonly { readonly number: number; readonly chapter: Chapter }[] {
  const all = CHAPTERS.map((chapter, index) => ({ number: index + 1, chapter }));
  for (const text of numbers) {
    if (all.some(({ number }) => String(number) === text)) continue;
    throw usageError(`there is no chapter "${text}"`, `the chapters are 1 to ${all.length}`);
  }
  return numbers.length === 0 ? all : all.filter(({ number }) => numbers.includes(String(number)));
}
