import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { runVerify } from '../../verify/run/run-verify.js';
import { faultFlags, faultPlanOf } from '../../faults/flags/flags.js';
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
  receiveSubjectFlag,
  streamFlag,
  subsFlag,
  verifyUseExistingFlag,
  verifyJudgeFlags,
  verifySendFlags,
} from '../../verify/flags/flags.js';
import {
  consumerChoice,
  namesOf,
  patternOf,
  runIdOf,
  sendOptions,
  SETTLE_MS,
  spreadOverFaults,
} from '../../verify/flags/plan.js';

export default class Verify extends BaseCommand {
  static override summary = 'check that messages arrive once, complete and in order';
  static override description = `Publishes numbered messages with a checksum, reads them back, and reports the fate of each: delivered, lost, duplicated, out of order or corrupted, with the positions of the gaps, and what happened to servers and connections during the run. Without SUBJECT, a unique subject is used.

If --stream holds other messages or has consumers, --use-existing is required. The messages of the run stay in the stream unless --clean-up removes them; the report shows how many there are, and how to remove them.

With --faults, natsx connects through proxies of its own that inject faults; the report says what each one cost. Without --rate and --duration, the messages are spread over the time that the faults need.

Exit code 9: the expectation was not met, or nothing arrived that could prove it. Exit code 8: the stream refused messages. The report is printed in any case.`;
  static override examples = [
    { description: 'Core NATS, 10,000 messages', command: '<%= config.bin %> verify' },
    {
      description: 'A queue group with four members, for a second, as JSON',
      command:
        '<%= config.bin %> verify check.queue --queue workers --subs 4 --duration 1s --rate 2000 --json',
    },
    {
      description: 'Through a connection that is cut, and that is slow',
      command:
        "<%= config.bin %> verify --stream ORDERS --use-existing --clean-up --faults 'cut 200ms every 1s, delay 5ms±2ms'",
    },
    {
      description: 'A stream with acknowledgements, three publishers',
      command:
        '<%= config.bin %> verify --stream ORDERS --use-existing --clean-up --pubs 3 --expect exactly-once --ordered',
    },
  ];
  static override args = {
    subject: Args.string({ description: 'subject to publish to', ignoreStdin: true }),
  };
  static override flags = {
    stream: streamFlag,
    'use-existing': verifyUseExistingFlag,
    'clean-up': Flags.boolean({
      summary: 'remove the messages of the run from the stream at the end',
      dependsOn: ['stream'],
    }),
    ...verifySendFlags,
    'receive-subject': receiveSubjectFlag,
    subs: subsFlag,
    queue: queueFlag('stream'),
    durable: Flags.string({
      helpValue: '<name>',
      summary: 'read with this existing consumer of the stream',
      dependsOn: ['stream'],
    }),
    ack: Flags.option({
      options: ['explicit', 'all', 'none'] as const,
      summary: "ack policy of the run's consumer [default: explicit]",
      exclusive: ['durable'],
      dependsOn: ['stream'],
    })(),
    'ack-wait': durationFlag({
      summary: 'ack wait of that consumer [default: 5s]',
      exclusive: ['durable'],
      dependsOn: ['stream'],
    }),
    'max-deliver': Flags.integer({
      helpValue: '<number>',
      summary: 'maximum deliveries of that consumer [default: unlimited]',
      exclusive: ['durable'],
      dependsOn: ['stream'],
    }),
    ...verifyJudgeFlags,
    ...faultFlags,
    ledger: Flags.string({
      helpValue: '<file>',
      summary: 'record what was acknowledged in a file, for verify receive --ledger',
    }),
    ...htmlFlag(),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Verify);
    checkPageFile(flags.html);
    const { durable, ...names } = namesOf({ ...flags, subject: args.subject });
    const faults = faultPlanOf(flags);
    const plan = {
      ...names,
      ...spreadOverFaults(sendOptions(flags), faults),
      faults,
      runId: runIdOf(undefined),
      timeoutMs: this.timeoutMs,
      jetStream: this.jetStream,
      useExisting: flags['use-existing'],
      cleanUp: flags['clean-up'],
      ledger: flags.ledger,
      expectation: flags.expect,
      ordered: flags.ordered,
      settleMs: flags.settle ?? SETTLE_MS,
      subscribers: flags.subs,
      consumer: consumerChoice(durable, flags),
      receiveSubject: patternOf(flags['receive-subject']),
    };
    const target = this.target(patient(this.policy('endless', 'reported'), faults));
    const hooks = watchVerify(this.notices, plan.messages);
    const result = await runVerify(target, plan, hooks, this.life.signal).finally(hooks.end);
    showVerify(this.terminal, result.report);
    await saveVerifyPage(flags.html, result.report, this.origin);
    const failure = verifyFailure(result);
    if (failure !== undefined) throw failure;
    this.failIfInterrupted('everything was sent');
  }
}
