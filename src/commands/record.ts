import * as Args from '@oclif/core/args';

import { recordStream } from '../recording/run/record-stream.js';
import { recordSubjects } from '../recording/run/record-subjects.js';
import { announceSubscribed } from '../streams/console/announcement.js';
import { BaseCommand } from '../terminal/base-command.js';
import {
  recordFlags,
  recordingHeader,
  recordMode,
  recordPlan,
} from '../recording/flags/record-plan.js';
import { StdoutRecording } from '../recording/console/stdout-recording.js';
import { STDIO } from '../recording/model/recording-header.js';
import { slowProgress } from '../terminal/slow-progress.js';
import { hasEnd } from '../streams/flags/stream-range.js';
import { recordFailure } from '../recording/model/record-outcome.js';
import {
  recordJson,
  recordSummary,
  workProgress,
  type WorkProgress,
} from '../recording/view/record-text.js';

export default class Record extends BaseCommand {
  static override summary = 'record a stream or subjects to a file';
  static override description = `A stream is recorded in order, from its first message to the current last one, even if --to-seq or --to-time is beyond it (--follow waits for that). Subjects are recorded from now on, until Ctrl-C, --count or --duration. natsx replay publishes the messages again, with the same headers and bytes. The file has one line of JSON per message; it is compressed if its name ends with .gz, or .zst where this Node.js supports it (22.15 and newer; a .zst file cannot be continued with --resume). With - as the file, the same lines go to stdout.

--resume continues at the end of the file: an incomplete last line is removed, and a stream continues with the next sequence. At the end, the recorded sequences are compared with the stream's own gaps; if any message was skipped, the exit code is 9. Recording leaves nothing behind on the server; a work queue is read without a consumer.`;
  static override examples = [
    {
      description: 'A whole stream, compressed',
      command: '<%= config.bin %> record orders.jsonl.gz --stream ORDERS',
    },
    {
      description: 'Some of its subjects, only the last hour',
      command:
        "<%= config.bin %> record errors.jsonl --stream ORDERS --subject 'orders.*' --since 1h",
    },
    {
      description: 'Through a pipe to other subjects; with --server also to another server',
      command:
        "<%= config.bin %> record - --stream ORDERS | <%= config.bin %> replay - --map 'orders.>=copy.orders.>'",
    },
    {
      description: 'All messages published within two seconds',
      command: "<%= config.bin %> record live.jsonl --subject 'orders.>' --duration 2s",
    },
  ];
  static override args = {
    file: Args.string({
      description: 'file to write; - writes to stdout',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = recordFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Record);
    const plan = recordPlan(flags);
    const isEndless = plan.from === 'subjects' || (flags.follow && !hasEnd(plan.range.end));
    const target = this.target(
      this.policy(isEndless ? 'endless' : 'goal', plan.from === 'subjects' ? 'missed' : 'read-on'),
    );
    let endProgress = (): void => undefined;
    const request = {
      path: args.file,
      mode: recordMode(args.file, flags),
      stdout:
        args.file === STDIO ? (head: string) => new StdoutRecording(this.out, head) : undefined,
      header: recordingHeader(plan, this.config.version),
      limits: { count: flags.count, durationMs: flags.duration },
      watch: {
        started: (progress: () => WorkProgress) => {
          if (plan.from === 'subjects') announceSubscribed(this.notices, plan.subjects);
          endProgress = slowProgress(this.notices, () => workProgress('recorded', progress()));
        },
        notice: (text: string) => this.notices.notice(text),
      },
    };
    const outcome = await (
      plan.from === 'stream'
        ? recordStream(
            target,
            { ...request, read: { ...plan, scope: this.jetStream } },
            this.life.signal,
          )
        : recordSubjects(target, { ...request, subjects: plan.subjects }, this.life.signal)
    ).finally(() => endProgress());
    if (this.common.json) this.out.json(recordJson(outcome, args.file));
    const failure = recordFailure(outcome);
    if (failure !== undefined) throw failure;
    // The reader of stdout has what it wanted.
    if (this.life.stopReason === 'closed-output') return;
    this.notices.notice(recordSummary(outcome, args.file));
    const hasGoal = !isEndless || flags.count !== undefined || flags.duration !== undefined;
    if (outcome.end === 'stopped' && hasGoal) this.failIfInterrupted('everything was recorded');
  }
}
