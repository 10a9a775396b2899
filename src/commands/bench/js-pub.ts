import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  resultFlags,
  sendingFlags,
  streamLoadFlags,
  useExistingFlag,
  windowFlag,
} from '../../bench/flags/flags.js';

export default class BenchJsPub extends BenchCommand {
  static override summary = 'publish into a stream, each message acknowledged';
  static override description =
    'Writes into an own stream, which is removed afterwards. --window is the number of unacknowledged messages; 1 waits for each.';
  static override examples = [
    { description: '500 in flight, onto disk', command: `<%= config.bin %> bench js-pub` },
    {
      description: 'One at a time, in memory',
      command: `<%= config.bin %> bench js-pub --window 1 --storage memory`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    ...streamLoadFlags,
    pubs: Flags.integer({ hidden: true }),
    ...useExistingFlag,
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsPub);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('js-pub', { subject: args.subject, flags }, runBench);
  }
}
