import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, resultFlags, sendingFlags } from '../../bench/flags/flags.js';

export default class BenchPub extends BenchCommand {
  static override summary = 'publish to the server as fast as it takes, or at a rate';
  static override description =
    'Counts what was written until the server has confirmed that it read all of it. A refused publish is exit code 4, not a rate.';
  static override examples = [
    { description: 'Five seconds flat out', command: `<%= config.bin %> bench pub` },
    {
      description: 'A million messages of 1 KiB on four connections',
      command: `<%= config.bin %> bench pub --msgs 1M --size 1KiB --clients 4`,
    },
    {
      description: '50,000 a second with random gaps, for ten seconds',
      command: `<%= config.bin %> bench pub --rate 50k --schedule poisson --duration 10s`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: Flags.integer({ hidden: true }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchPub);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('pub', { subject: args.subject, flags }, runBench);
  }
}
