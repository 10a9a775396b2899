import * as Flags from '@oclif/core/flags';

import { matchRepliesRequest } from '../messaging/run/reply-matcher.js';
import { subscribe, type SubscribeRequest } from '../messaging/run/subscribe.js';
import type { OpenedStream } from '../streams/run/read/read-stream.js';
import { subscribeStream } from '../streams/run/read/subscribe-stream.js';
import { workAsConsumer } from '../streams/run/work/work-consumer.js';
import { announceStream, announceSubscribed } from '../streams/console/announcement.js';
import { BaseCommand } from '../terminal/base-command.js';
import { createExchangePrinter } from '../messaging/console/exchange-view.js';
import { durableFlags, durablePlan, type DurablePlan } from '../streams/flags/durable-flags.js';
import { DurableWork } from '../streams/console/durable-work.js';
import {
  newInbox,
  readingFlags,
  reportTopFlag,
  subjectArgs,
} from '../messaging/flags/sub-flags.js';
import {
  checkReportAlone,
  messageView,
  subjectReportView,
} from '../messaging/console/reading-views.js';
import {
  readingOptions,
  subscriptionPatterns,
  type ReadingOptions,
} from '../messaging/flags/reading-options.js';
import { SubscriptionRun, type SubscriptionPlan } from '../messaging/console/subscription-run.js';
import { streamFlags, streamPlan, type StreamPlan } from '../streams/flags/stream-flags.js';
import { usageError } from '../core/errors.js';

export default class Sub extends BaseCommand {
  static override summary = 'subscribe to subjects and print incoming messages';
  static override description = `Prints every message on the subjects until Ctrl-C (exit code 0), or until --count, --wait or --duration ends it. With --count, receiving fewer messages is a failure: 5 when the time is up, 130 or 143 after a signal, 3 when there is no server for longer than --timeout.

Once subscribed, natsx writes "subscribed to …" to stderr; scripts can wait for that line. A summary follows at the end. In a pipe or file the output is the same text without colours; scripts use --json, --format or --raw.

Messages that arrive faster than the output is read are buffered, up to 64 MiB, then dropped and counted, and the exit code is 9. With --slow wait, natsx stops reading instead, so that the server buffers them until it disconnects a slow reader; this is reported too, also with exit code 9.

With --stream, or another flag of that group, the messages are read from a stream: in order and without gaps, even if the connection breaks, through a consumer that is removed at the end. Nothing is dropped, because the server waits. A work queue is read without a consumer and keeps its messages. With --until-end, an empty stream ends the command immediately; a --to-seq or --to-time beyond the end of the stream ends there, unless --follow is given. If it has fewer messages than --count, the exit code is 5.

With --durable, it uses a durable consumer and shares its messages with the other workers on it: each message is acknowledged once the output has taken it, or once --command has handled it. The command is a shell command line, with the payload on its stdin and NATS_REQUEST_SUBJECT, NATS_REQUEST_BODY, NATS_REQUEST_HEADERS, NATS_STREAM, NATS_CONSUMER, NATS_STREAM_SEQUENCE and NATS_DELIVERED in its environment; while it runs, natsx keeps the ack wait from expiring. Ctrl-C finishes the message in progress and returns the others to the server immediately. Only acknowledgements that the server has confirmed are counted; an unconfirmed one is an error.`;
  static override examples = [
    {
      description: 'All subjects below orders, with the time of arrival',
      command: "<%= config.bin %> sub 'orders.>' --timestamps absolute",
    },
    {
      description: 'Three messages for a script, waiting at most ten seconds for each',
      command: '<%= config.bin %> sub orders.new --count 3 --wait 10s --json',
    },
    {
      description: 'Only payloads, one per line, into a file',
      command: '<%= config.bin %> sub orders.new --raw > orders.txt',
    },
    {
      description: 'Only large orders, one JSON object per line',
      command: "<%= config.bin %> sub 'orders.*' --filter 'json:.total>100' --json",
    },
    {
      description: 'A custom line format',
      command: String.raw`<%= config.bin %> sub 'orders.*' --format '{time} {subject}: {payload}\n'`,
    },
    {
      description: 'Requests with their replies and latencies',
      command: "<%= config.bin %> sub 'service.>' --match-replies",
    },
    {
      description: 'Everything in a stream, only payloads',
      command: '<%= config.bin %> sub --stream ORDERS --from-start --until-end --raw',
    },
    {
      description: 'The last hour of a subject, at ten times the original speed',
      command: '<%= config.bin %> sub orders.new --since 1h --until-end --speed 10x',
    },
    {
      description:
        'Handle the messages of a stream with a program, four at a time, and stop after twenty',
      command:
        "<%= config.bin %> sub --stream ORDERS --durable billing --create --command 'wc -c' --concurrency 4 --count 20",
    },
    {
      description: 'Messages and rates by subject, for a minute',
      command: "<%= config.bin %> sub '>' --report subjects --duration 1m",
    },
  ];
  static override args = subjectArgs;
  static override flags = {
    ...readingFlags,
    ...streamFlags,
    ...durableFlags,
    'match-replies': Flags.boolean({
      summary: 'print requests with their replies; wait up to --timeout for each reply',
      description:
        'Replies are expected below --inbox-prefix (default _INBOX), which must be that of the requesters; requests that get no reply in time are reported.',
      helpGroup: 'MESSAGES',
    }),
    inbox: Flags.boolean({
      char: 'i',
      summary: 'also subscribe to a fresh unique subject, and print its name',
      helpGroup: 'MESSAGES',
    }),
    report: Flags.option({
      options: ['subjects'] as const,
      helpValue: 'subjects',
      summary: 'print a table of subjects instead of messages; live on a terminal',
      helpGroup: 'OUTPUT OF MESSAGES',
    })(),
    top: reportTopFlag,
    queue: Flags.string({ hidden: true }),
    'report-subjects': Flags.boolean({ hidden: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sub);
    const options = readingOptions(flags);
    const { inboxPrefix } = this.dial();
    const inboxes = flags.inbox ? [newInbox(inboxPrefix)] : [];
    const patterns = [...subscriptionPatterns(args.subject ?? []), ...inboxes];
    const isReport = flags.report !== undefined || flags['report-subjects'];
    const work = durablePlan(flags, patterns);
    if (work !== undefined) {
      if (isReport)
        throw usageError('--report does not go with --durable', 'give only one of them');
      await this.#work(work, options);
      return;
    }
    const stream = streamPlan(flags);
    if (stream !== undefined) {
      await this.#readStream(stream, { patterns, options, isReport, top: flags.top });
      return;
    }
    if (patterns.length === 0) throw usageError('no subject was given', "natsx sub 'orders.>'");
    const plan = {
      limits: options.limits,
      slow: options.slow,
      patterns: explainedPatterns(patterns, isReport || flags['match-replies'], options),
      announce: () => announceSubscribed(this.notices, patterns, { queue: flags.queue }),
    };
    const { reading, request } = flags['match-replies']
      ? this.#exchanges(plan, { patterns, options, isReport, inboxPrefix })
      : this.#messages(plan, { patterns, options, isReport, queue: flags.queue, top: flags.top });
    const target = this.target(
      this.policy(options.limits.count === undefined ? 'endless' : 'goal', 'missed'),
    );
    reading.finish(await subscribe(target, request, reading.sink, this.life.signal));
  }

  async #work(plan: DurablePlan, options: ReadingOptions): Promise<void> {
    const { limits } = options;
    const durable = new DurableWork(this.terminal, plan, options);
    const target = this.target(
      this.policy(limits.count === undefined ? 'endless' : 'goal', 'redelivered'),
    );
    const { opened, disturbed, idle } = durable;
    const request = { ...plan, scope: this.jetStream, limits, opened, disturbed, idle };
    durable.finish(await workAsConsumer(target, request, durable.work, this.life.signal));
  }

  async #readStream(
    { stream, range, pace }: StreamPlan,
    { patterns, options, isReport, top }: Wanted & { readonly top: number },
  ): Promise<void> {
    if (isReport) checkReportAlone(options);
    const { limits, accepts } = options;
    const view = isReport
      ? subjectReportView(this.terminal, top)
      : messageView(this.terminal, options);
    // The server waits for the reader of a stream, so nothing needs to be dropped.
    const reading = new SubscriptionRun(this.terminal, {
      view,
      limits,
      slow: 'wait',
      patterns: explainedPatterns(patterns, isReport, options),
      announce: () => undefined,
    });
    const { atEnd, seq, timeMs } = range.end;
    const hasEnd = atEnd || seq !== undefined || timeMs !== undefined;
    const target = this.target(
      this.policy(hasEnd || limits.count !== undefined ? 'goal' : 'endless', 'read-on'),
    );
    const request = {
      read: { scope: this.jetStream, stream, filters: patterns, range },
      limits,
      accepts,
      pace,
      opened: ({ info, direct, remarks }: OpenedStream) =>
        announceStream(this.notices, info, { direct, patterns, remarks }),
    };
    const outcome = await subscribeStream(target, request, reading.sink, this.life.signal);
    reading.finish(outcome);
    if (hasEnd && outcome.end === 'stopped') this.failIfInterrupted('the end of the range');
  }

  #messages(
    plan: Omit<SubscriptionPlan, 'view'>,
    wanted: Wanted & { readonly queue: string | undefined; readonly top: number },
  ): Subscription {
    const { patterns, options, queue } = wanted;
    if (wanted.isReport) checkReportAlone(options);
    const view = wanted.isReport
      ? subjectReportView(this.terminal, wanted.top)
      : messageView(this.terminal, options, { queue });
    const { limits, accepts } = options;
    return {
      reading: new SubscriptionRun(this.terminal, { ...plan, view }),
      request: { connections: [patterns.map((pattern) => ({ pattern, queue }))], limits, accepts },
    };
  }

  #exchanges(
    plan: Omit<SubscriptionPlan, 'view'>,
    { patterns, options, isReport, inboxPrefix }: Wanted & { readonly inboxPrefix: string },
  ): Subscription {
    if (isReport)
      throw usageError('--report does not go with --match-replies', 'give only one of them');
    const print = createExchangePrinter(this.terminal, options);
    const reading = new SubscriptionRun(this.terminal, {
      ...plan,
      view: { message: () => undefined },
    });
    const request = matchRepliesRequest(patterns, {
      limits: options.limits,
      accepts: options.accepts,
      inboxPattern: `${inboxPrefix}.>`,
      timeoutMs: this.timeoutMs,
      onExchange: (exchange) => print(exchange, reading.guard),
      ready: () => this.out.ready(),
    });
    return { reading, request };
  }
}

/** The patterns that are explained if no message is printed; a filter or a table may be the reason as well. */
function explainedPatterns(
  patterns: readonly string[],
  isOther: boolean,
  { accepts }: ReadingOptions,
): readonly string[] {
  return isOther || accepts !== undefined ? [] : patterns;
}

/** The command line, checked. */
interface Wanted {
  readonly patterns: readonly string[];
  readonly options: ReadingOptions;
  readonly isReport: boolean;
}

interface Subscription {
  readonly reading: SubscriptionRun;
  readonly request: SubscribeRequest;
}
