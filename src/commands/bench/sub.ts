import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  bodyLoadFlags,
  receivingFlags,
  resultFlags,
} from '../../bench/flags/flags.js';

export default class BenchSub extends BenchCommand {
  static override summary = 'receive what others publish on a subject';
  static override description =
    'Waits for the first message, then measures until --msgs or --duration is reached, or until nothing comes any more for --idle. Run it on one machine and bench pub with the same subject on another. With --pubs, it is fed with frames that were encoded before, and neither sequence nor time is looked at: the highest rate at which one subscriber takes messages.';
  static override examples = [
    {
      description: 'Measure what comes on a subject',
      command: `<%= config.bin %> bench sub load.test --msgs 1M`,
    },
    {
      description: 'How much does one subscriber take?',
      command: '<%= config.bin %> bench sub --pubs 1',
    },
    {
      description: 'For ten seconds, and keep the report',
      command: '<%= config.bin %> bench sub load.test --duration 10s --save sub.json',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...receivingFlags,
    ...bodyLoadFlags,
    pubs: Flags.integer({
      summary: 'own publishers that feed it [default: 0, others publish]',
      helpGroup: 'LOAD',
    }),
    subs: Flags.integer({ hidden: true }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchSub);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('sub', { subject: args.subject, flags }, runBench);
  }
}
