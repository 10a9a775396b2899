import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { runVerify } from '../../verify/run/run-verify.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { durationFlag } from '../../terminal/flag-types.js';
import { patient, showVerify, verifyFailure, watchVerify } from '../../verify/console/output.js';
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
} from '../../verify/flags/plan.js';

export default class Verify extends BaseCommand {
  static override summary = 'prove that messages arrive: once, complete, in order';
  static override description = `Publishes numbered messages with a checksum, reads them back, and tells what became of each: lost, duplicated, out of order, corrupted, with the places of the gaps and what happened to servers and connections meanwhile. Without a SUBJECT it uses one of its own.

A --stream that holds messages of others or has consumers is written into only with --use-existing. The messages of the run stay there, unless --clean-up removes them; the report says how many and how to remove them.

Exit code 9 says that an expectation was broken, or that nothing arrived that could prove it; 8 that the stream refused messages. The report is printed all the same.`;
  static override examples = [
    { description: 'Core NATS, 10,000 messages', command: '<%= config.bin %> verify' },
    {
      description: 'A queue group of four, for a while, as JSON',
      command:
        '<%= config.bin %> verify check.queue --queue workers --subs 4 --duration 1s --rate 2000 --json',
    },
    {
      description: 'A stream with its acknowledgements, three publishers',
      command:
        '<%= config.bin %> verify --stream ORDERS --use-existing --clean-up --pubs 3 --expect exactly-once --ordered',
    },
  ];
  static override args = {
    subject: Args.string({ description: 'where to publish', ignoreStdin: true }),
  };
  static override flags = {
    stream: streamFlag,
    'use-existing': verifyUseExistingFlag,
    'clean-up': Flags.boolean({
      summary: 'remove the messages of the run from --stream at its end',
      dependsOn: ['stream'],
    }),
    ...verifySendFlags,
    'receive-subject': receiveSubjectFlag,
    subs: subsFlag,
    queue: queueFlag('stream'),
    durable: Flags.string({
      helpValue: '<name>',
      summary: 'read with this consumer of the stream, as it is there',
      dependsOn: ['stream'],
    }),
    ack: Flags.option({
      options: ['explicit', 'all', 'none'] as const,
      summary: "policy of the run's own consumer [default: explicit]",
      exclusive: ['durable'],
      dependsOn: ['stream'],
    })(),
    'ack-wait': durationFlag({
      summary: 'how long its acknowledgements may take [default: 5s]',
      exclusive: ['durable'],
      dependsOn: ['stream'],
    }),
    'max-deliver': Flags.integer({
      helpValue: '<number>',
      summary: 'how often it delivers a message [default: without limit]',
      exclusive: ['durable'],
      dependsOn: ['stream'],
    }),
    ...verifyJudgeFlags,
    ledger: Flags.string({
      helpValue: '<file>',
      summary: 'keep account of what was acknowledged, for verify receive --ledger',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Verify);
    const { durable, ...names } = namesOf({ ...flags, subject: args.subject });
    const plan = {
      ...names,
      ...sendOptions(flags),
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
    const target = this.target(patient(this.policy('endless', 'reported')));
    const hooks = watchVerify(this.notices, plan.messages);
    const result = await runVerify(target, plan, hooks, this.life.signal).finally(hooks.end);
    showVerify(this.terminal, result.report);
    const failure = verifyFailure(result);
    if (failure !== undefined) throw failure;
    this.failIfInterrupted('everything was sent');
  }
}
