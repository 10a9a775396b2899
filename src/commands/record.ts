import * as Flags from '@oclif/core/flags';

import { recordStream } from '../recording/run/record-stream.js';
import { recordSubjects } from '../recording/run/record-subjects.js';
import { announceSubscribed } from '../streams/console/announcement.js';
import { BaseCommand } from '../terminal/base-command.js';
import { positiveCountFlag, waitFlag } from '../terminal/flag-types.js';
import { recordingHeader, recordPlan } from '../recording/flags/record-plan.js';
import { recordingArg } from '../recording/flags/recording-arg.js';
import { slowProgress } from '../terminal/slow-progress.js';
import { endFlags, hasEnd, startFlags } from '../streams/flags/stream-range.js';
import { recordFailure } from '../recording/model/record-outcome.js';
import {
  recordJson,
  recordSummary,
  workProgress,
  type WorkProgress,
} from '../recording/view/record-text.js';

export default class Record extends BaseCommand {
  static override summary = 'write a stream or subjects to a file';
  static override description = `A stream is written from its first message to the last one that it has now, in order, also when --to-seq or --to-time lies beyond it (--follow waits for that); a subject from now on until Ctrl-C, --count or --duration. natsx replay publishes it again, headers and bytes as they were. The file has a line of JSON for each message; it is compressed when its name ends with .gz, or with .zst where Node.js has it.

--resume goes on where the file ends: a line that was not written to its end is cut off, and a stream continues with the next sequence. At the end the sequences are counted and compared with the stream's own gaps; if anything was skipped, the exit code is 9. Reading leaves nothing behind on the server, and a work queue is read without a consumer.`;
  static override examples = [
    {
      description: 'A whole stream, compressed',
      command: '<%= config.bin %> record orders.jsonl.gz --stream ORDERS',
    },
    {
      description: 'Some of its subjects, of the last hour',
      command:
        "<%= config.bin %> record errors.jsonl --stream ORDERS --subject 'orders.*' --since 1h",
    },
    {
      description: 'Whatever is published for two seconds',
      command: "<%= config.bin %> record live.jsonl --subject 'orders.>' --duration 2s",
    },
  ];
  static override args = {
    file: recordingArg('where to write'),
  };
  static override flags = {
    stream: Flags.string({
      helpValue: '<name>',
      summary: 'the stream to record',
      helpGroup: 'STREAM',
    }),
    subject: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      aliases: ['filter'],
      helpValue: '<subject>',
      summary: 'subjects to record; with --stream, only those of it; may be repeated',
    }),
    follow: Flags.boolean({
      summary: 'go on with what comes after the end of the stream, up to --to-seq or --to-time',
      helpGroup: 'STREAM',
    }),
    ...startFlags,
    ...endFlags,
    resume: Flags.boolean({ summary: 'go on where the file ends', exclusive: ['overwrite'] }),
    overwrite: Flags.boolean({ summary: 'replace a file that is there already' }),
    count: positiveCountFlag({ summary: 'stop after so many messages' }),
    duration: waitFlag({ summary: 'stop after so long' }),
  };

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
      mode: flags.resume
        ? ('resume' as const)
        : flags.overwrite
          ? ('overwrite' as const)
          : ('new' as const),
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
    this.notices.notice(recordSummary(outcome, args.file));
    const hasGoal = !isEndless || flags.count !== undefined || flags.duration !== undefined;
    if (outcome.end === 'stopped' && hasGoal) this.failIfInterrupted('everything was recorded');
  }
}
