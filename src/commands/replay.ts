import * as Args from '@oclif/core/args';

import { previewReplay, replay } from '../recording/run/replay.js';
import { BaseCommand } from '../terminal/base-command.js';
import { STDIO } from '../recording/model/recording-header.js';
import { stdinChunks } from '../terminal/stdin.js';
import { planOf, replayChoice, replayFlags } from '../recording/flags/replay-flags.js';
import { paceChoice } from '../streams/flags/pace-flags.js';
import { slowProgress } from '../terminal/slow-progress.js';
import { replayFailure } from '../recording/model/replay-outcome.js';
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
  static override summary = 'publish the messages of a recording again';
  static override description = `Publishes the messages of a file written by natsx record, in order, with the same headers and bytes. With -J, each message is acknowledged by its stream, and messages without an acknowledgement are sent again; without -J, success means that the server has received them all.

Headers that only made sense for the original message are removed: Nats-Stream-Source, Nats-Expected-…, Nats-Rollup, Nats-Batch-…, Nats-Schedule…, Nats-Incr and Nats-Trace-…; --nats-headers keep keeps them, drop removes all headers that start with Nats-. Nats-Msg-Id is kept: a stream that has seen the id within its duplicate window does not store the message again; such duplicates are counted. Reply subjects are removed.

If no message matches --map, or the range contains no message, nothing is published (exit codes 2 and 7). If only some messages match, natsx warns first; the others keep their subjects. --dry-run shows what would be published where. A recording from stdin is read only once, so a message that no --map matches ends the replay before it is published; --map '>=>' as the last one keeps all other subjects.

Until the end is reached, progress is kept in a file next to the recording, FILE.replay.json; --resume continues from there. With -J, natsx looks in the stream for messages whose acknowledgement was lost, after a lost connection and with --resume, so that each message is stored once. Where this is impossible (the messages are consumed, or reading is not permitted), use --resume for the first replay as well: each message then gets an id, so the stream can detect duplicates.`;
  static override examples = [
    {
      description: 'Replay a recording into its stream',
      command: '<%= config.bin %> replay orders.jsonl --jetstream',
    },
    {
      description: 'Show what would be published where',
      command: "<%= config.bin %> replay orders.jsonl --map 'orders.>=copy.orders.>' --dry-run",
    },
    {
      description: 'To other subjects, at a hundred times the original speed',
      command: "<%= config.bin %> replay orders.jsonl --map 'orders.>=copy.orders.>' --speed 100x",
    },
  ];
  static override args = {
    file: Args.string({
      description: 'the recording; - reads it from stdin',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = replayFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Replay);
    const { jetstream, resume, window } = flags;
    const choice = replayChoice(args.file, flags, Date.now());
    const stdin = args.file === STDIO ? { chunks: stdinChunks(this.life.signal) } : undefined;
    const chosen = { path: args.file, stdin, ...choice };
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
      acceptDuplicates: flags['accept-duplicates'],
      headers: flags['nats-headers'],
      scope: this.jetStream,
      pace: paceChoice(flags),
      plan: planOf(flags),
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
    for (const text of choice.unusedMappings())
      this.notices.warn(`no message matched --map '${text}'`);
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

  /** Acknowledgements show what has arrived, so a server may return late without harm. */
  get #enduranceMs(): number {
    return this.common['give-up-after'] ?? Math.max(ENDURANCE_MS, this.timeoutMs);
  }
}
