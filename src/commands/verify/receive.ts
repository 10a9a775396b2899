import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { runReceive } from '../../verify/run/run-receive.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { checkPageFile, htmlFlag } from '../../terminal/page-file.js';
import { durationFlag } from '../../terminal/flag-types.js';
import {
  patient,
  saveVerifyPage,
  showVerify,
  verifyFailure,
  watchVerify,
} from '../../verify/console/output.js';
import {
  queueFlag,
  runIdFlag,
  streamFlag,
  subsFlag,
  verifyJudgeFlags,
} from '../../verify/flags/flags.js';
import { IDLE_MS, namesOf, patternOf, SETTLE_MS } from '../../verify/flags/plan.js';
import { parseRunId } from '../../verify/model/run-id.js';

export default class VerifyReceive extends BaseCommand {
  static override summary = 'run the receiving half of verify';
  static override description = `Counts the messages of a run until its senders are done. With --stream, it reads the stream from its start.

With --ledger, it compares the stream with the sender's file, even much later: messages that were acknowledged and are no longer in the stream are lost.`;
  static override examples = [
    {
      description: 'Check that everything acknowledged is still there, even much later',
      command:
        '<%= config.bin %> verify send --stream ORDERS --use-existing --ledger run.ledger && <%= config.bin %> verify receive --ledger run.ledger',
    },
    {
      description: 'Both halves, which can run on two hosts; the receiver starts first',
      command:
        '<%= config.bin %> verify receive --run-id monday & sleep 1; <%= config.bin %> verify send --run-id monday; wait $!',
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'subject on which the messages arrive, usually the same as for the sender',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    'run-id': runIdFlag,
    ledger: Flags.string({
      helpValue: '<file>',
      summary: 'compare with this ledger of verify send',
    }),
    stream: streamFlag,
    subs: subsFlag,
    queue: queueFlag('stream', 'ledger'),
    ...verifyJudgeFlags,
    idle: durationFlag({
      summary: 'how long to wait for the first message [default: 30s]',
    }),
    ...htmlFlag(),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VerifyReceive);
    checkPageFile(flags.html);
    const { stream, queues } = namesOf(flags);
    const subject = patternOf(args.subject);
    const runId = flags['run-id'];
    const plan = {
      runId: runId === undefined ? undefined : parseRunId(runId),
      subject,
      stream,
      queues,
      subscribers: flags.subs,
      ledger: flags.ledger,
      idleMs: flags.idle ?? IDLE_MS,
      expectation: flags.expect,
      ordered: flags.ordered,
      settleMs: flags.settle ?? SETTLE_MS,
      timeoutMs: this.timeoutMs,
      jetStream: this.jetStream,
    };
    const target = this.target(patient(this.policy('endless', 'reported')));
    const hooks = watchVerify(this.notices, undefined);
    const result = await runReceive(target, plan, hooks, this.life.signal).finally(hooks.end);
    showVerify(this.terminal, result.report);
    await saveVerifyPage(flags.html, result.report, this.origin);
    const failure = verifyFailure(result);
    if (failure !== undefined) throw failure;
    this.failIfInterrupted('everything was received');
  }
}
