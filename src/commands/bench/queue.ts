import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, resultFlags, sendingFlags } from '../../bench/flags/flags.js';

export default class BenchQueue extends BenchCommand {
  static override summary = 'publish to a queue group that shares the messages';
  static override description =
    'Like bench pubsub, but each message goes to one member of the group.';
  static override examples = [
    { description: 'Three members', command: `<%= config.bin %> bench queue --subs 3` },
    {
      description: 'At a rate of its own, with larger messages',
      command: '<%= config.bin %> bench queue --rate 5k --size 1KiB',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: Flags.integer({ summary: 'publishers [default: 1]', helpGroup: 'LOAD' }),
    subs: Flags.integer({ summary: 'members of the group [default: 2]', helpGroup: 'LOAD' }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchQueue);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('queue', { subject: args.subject, flags }, runBench);
  }
}
