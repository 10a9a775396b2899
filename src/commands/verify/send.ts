import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { runSend } from '../../verify/run/run-send.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { checkPageFile, htmlFlag } from '../../terminal/page-file.js';
import { patient, saveVerifyPage, showVerify, watchVerify } from '../../verify/console/output.js';
import {
  receiveSubjectFlag,
  runIdFlag,
  streamFlag,
  verifyUseExistingFlag,
  verifySendFlags,
} from '../../verify/flags/flags.js';
import { namesOf, patternOf, runIdOf, sendOptions } from '../../verify/flags/plan.js';

export default class VerifySend extends BaseCommand {
  static override summary = 'run the sending half of verify';
  static override description =
    'Publishes numbered messages with a checksum, and records in a local file what was sent and acknowledged. The file survives the failure under test.';
  static override examples = [
    {
      description: 'Into a stream, with a ledger for a later check',
      command:
        '<%= config.bin %> verify send --stream ORDERS --use-existing --msgs 1000 --ledger run.ledger',
    },
    {
      description: 'To a receiver on another host',
      command: '<%= config.bin %> verify send --run-id monday --msgs 1000 --rate 10k',
    },
  ];
  static override args = {
    subject: Args.string({ description: 'subject to publish to', ignoreStdin: true }),
  };
  static override flags = {
    'run-id': runIdFlag,
    stream: streamFlag,
    'use-existing': verifyUseExistingFlag,
    ...verifySendFlags,
    'receive-subject': receiveSubjectFlag,
    ledger: Flags.string({
      helpValue: '<file>',
      summary: 'record what was sent and acknowledged in this file',
    }),
    ...htmlFlag(),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VerifySend);
    checkPageFile(flags.html);
    const { subject, stream } = namesOf({ ...flags, subject: args.subject });
    const plan = {
      ...sendOptions(flags),
      subject,
      receiveSubject: patternOf(flags['receive-subject']),
      stream,
      runId: runIdOf(flags['run-id']),
      timeoutMs: this.timeoutMs,
      jetStream: this.jetStream,
      useExisting: flags['use-existing'],
      cleanUp: false,
      ledger: flags.ledger,
    };
    const target = this.target(patient(this.policy('endless', 'reported')));
    const hooks = watchVerify(this.notices, plan.messages);
    const result = await runSend(target, plan, hooks, this.life.signal).finally(hooks.end);
    showVerify(this.terminal, result.report);
    await saveVerifyPage(flags.html, result.report, this.origin);
    if (result.failure !== undefined) throw result.failure;
    this.failIfInterrupted('everything was sent');
  }
}
