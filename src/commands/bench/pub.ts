import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, groupFlag, resultFlags, sendingFlags } from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchPub extends BenchCommand {
  static override summary = SCENARIOS.pub.summary;
  static override description =
    'Counts what was written until the server has confirmed that it read all of it. If the server rejects a publish, the exit code is 4 and there is no rate.';
  static override examples = [
    {
      description: 'Five seconds, as fast as possible',
      command: '<%= config.bin %> bench pub',
    },
    {
      description: 'A million messages of 1 KiB on four connections',
      command: '<%= config.bin %> bench pub --msgs 1M --size 1KiB --clients 4',
    },
    {
      description: '50,000 per second with random gaps, for ten seconds',
      command: '<%= config.bin %> bench pub --rate 50k --schedule poisson --duration 10s',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: groupFlag(),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchPub);
    await this.measureScenario('pub', args.subject, flags);
  }
}
