import * as Flags from '@oclif/core/flags';

import { previewReplay, replay } from '../recording/run/replay.js';
import { BaseCommand } from '../terminal/base-command.js';
import { rateFlag } from '../terminal/flag-types.js';
import { recordingArg } from '../recording/flags/recording-arg.js';
import { paceChoice, replayRange } from '../streams/flags/pace-flags.js';
import { slowProgress } from '../terminal/slow-progress.js';
import { replayFailure } from '../recording/model/replay-outcome.js';
import { compileSubjectMapping, mappingMatchers } from '../core/subject/subject-mapping.js';
import { workProgress, type WorkProgress } from '../recording/view/record-text.js';
import {
  previewJson,
  previewText,
  replayJson,
  replaySummary,
} from '../recording/view/replay-text.js';

/** Long enough for a server to start again, or for a cluster to choose a leader. */
const ENDURANCE_MS = 30_000;

export default class Replay extends BaseCommand {
  static override summary = 'publish a recording again';
  static override description = `Publishes the messages of a file that natsx record wrote, in order, with their headers and bytes as they were. With -J each message is acknowledged by its stream, and what gets no answer is sent again; without, success means that the server has handled them all.

Headers that were meant for the original alone are left out: Nats-Stream-Source, Nats-Expected-…, Nats-Rollup, Nats-Batch-…, Nats-Schedule…, Nats-Incr and Nats-Trace-…; --nats-headers keep leaves them in, drop leaves out all that begin with Nats-. A Nats-Msg-Id is kept: a stream that saw it within its duplicate window stores nothing, which is counted. Reply subjects are left out.

A --map that matches no message, and a range that has none, publish nothing (2 and 7); messages that no --map matches keep their subjects, which is said first. --dry-run says what would go where.

How far it is stands in a file beside the recording, FILE.replay.json, until the end is reached. --resume goes on there. With -J, messages whose acknowledgement was lost are looked for in their stream, after a lost connection and with --resume, so that each is stored once. Where that cannot be done (consumed messages, no permission), begin with --resume as well: then each message gets an id, by which the stream knows a repeat.`;
  static override examples = [
    {
      description: 'A recording back to its stream',
      command: '<%= config.bin %> replay orders.jsonl --jetstream',
    },
    {
      description: 'What would go where',
      command: "<%= config.bin %> replay orders.jsonl --map 'orders.>=copy.orders.>' --dry-run",
    },
    {
      description: 'To other subjects, as far apart as the originals, but a hundred times as fast',
      command: "<%= config.bin %> replay orders.jsonl --map 'orders.>=copy.orders.>' --speed 100x",
    },
  ];
  static override args = {
    file: recordingArg('the recording'),
  };
  static override flags = {
    jetstream: Flags.boolean({
      char: 'J',
      summary: 'publish to streams, and wait for their acknowledgements',
    }),
    window: Flags.integer({
      min: 1,
      max: 100_000,
      default: 2_000,
      helpValue: '<number>',
      summary: 'how many acknowledgements may be outstanding with -J',
    }),
    map: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<from=to>',
      summary:
        "other subjects, as 'orders.>=copy.orders.>'; may be repeated, the first that matches counts",
    }),
    original: Flags.boolean({ summary: 'as far apart as the originals were' }),
    speed: Flags.string({ helpValue: '<10x>', summary: 'so many times as fast as the originals' }),
    rate: rateFlag({ summary: 'messages a second, at most' }),
    from: Flags.string({
      helpValue: '<sequence|time>',
      summary: 'begin with this sequence of the originals, or at this time',
    }),
    to: Flags.string({
      helpValue: '<sequence|time>',
      summary: 'end after this sequence of the originals, or this time',
    }),
    'nats-headers': Flags.option({
      options: ['safe', 'keep', 'drop'] as const,
      default: 'safe' as const,
      helpValue: '<safe|keep|drop>',
      summary: 'headers that servers act upon: without those for the original alone, all, or none',
    })(),
    resume: Flags.boolean({ summary: 'go on where an earlier replay has stopped' }),
    'dry-run': Flags.boolean({
      summary: 'only say which subjects would be published to, and how many messages',
    }),
    'accept-duplicates': Flags.boolean({
      summary: 'go on also when nobody can tell which of the last messages are stored already',
      dependsOn: ['resume', 'jetstream'],
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Replay);
    const { map = [], jetstream, resume, window } = flags;
    const acceptDuplicates = flags['accept-duplicates'];
    const headers = flags['nats-headers'];
    const chosen = {
      path: args.file,
      range: replayRange(flags, Date.now()),
      mapSubject: compileSubjectMapping(map),
      mappings: mappingMatchers(map),
    };
    if (flags['dry-run']) {
      await this.#preview(chosen);
      return;
    }
    let endProgress = (): void => undefined;
    const request = {
      ...chosen,
      jetstream,
      window,
      resume,
      acceptDuplicates,
      headers,
      scope: this.jetStream,
      pace: paceChoice(flags),
      plan: JSON.stringify({ jetstream, map, headers, from: flags.from, to: flags.to }),
      watch: {
        started: (progress: () => WorkProgress) => {
          endProgress = slowProgress(this.notices, () => workProgress('replayed', progress()));
        },
        notice: (text: string) => this.notices.notice(text),
      },
    };
    const policy = this.policy('goal', jetstream ? 'retried' : 'unconfirmed');
    const target = this.target(
      jetstream ? { ...policy, giveUpAfterMs: this.#enduranceMs } : policy,
    );
    const outcome = await replay(target, request, this.life.signal).finally(() => endProgress());
    if (this.common.json) this.out.json(replayJson(outcome, args.file));
    const failure = replayFailure(outcome);
    if (failure !== undefined) throw failure;
    this.notices.notice(replaySummary(outcome));
    this.failIfInterrupted('everything was published');
  }

  async #preview(chosen: Parameters<typeof previewReplay>[0]): Promise<void> {
    const preview = await previewReplay(chosen, this.life.signal);
    this.failIfInterrupted('the recording was read');
    const { style, out } = this;
    if (this.common.json) out.json(previewJson(preview, chosen.path));
    else out.text(previewText(preview, { style, width: out.width }));
    if (preview.failure !== undefined) throw preview.failure;
  }

  /** Acknowledgements tell what has arrived, so that a server which comes back late does no harm. */
  get #enduranceMs(): number {
    return this.common['give-up-after'] ?? Math.max(ENDURANCE_MS, this.timeoutMs);
  }
}
