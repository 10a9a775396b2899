import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, groupFlag, resultFlags, sendingFlags } from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchQueue extends BenchCommand {
  static override summary = SCENARIOS.queue.summary;
  static override description =
    'Like bench pubsub, but each message goes to one member of the group.';
  static override examples = [
    {
      description: 'Three members',
      command: '<%= config.bin %> bench queue --subs 3',
    },
    {
      description: 'At a fixed rate, with larger messages',
      command: '<%= config.bin %> bench queue --rate 5k --size 1KiB',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: groupFlag('publishers [default: 1]'),
    subs: groupFlag('members of the group [default: 2]'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchQueue);
    await this.measureScenario('queue', args.subject, flags);
  }
}
