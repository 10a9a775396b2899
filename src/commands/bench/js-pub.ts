import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  groupFlag,
  resultFlags,
  sendingFlags,
  streamLoadFlags,
  useExistingFlag,
  windowFlag,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchJsPub extends BenchCommand {
  static override summary = SCENARIOS['js-pub'].summary;
  static override description =
    'Writes to a temporary stream, which is removed afterwards. --window is the number of unacknowledged messages; 1 waits for each.';
  static override examples = [
    {
      description: '500 in flight, file storage',
      command: '<%= config.bin %> bench js-pub',
    },
    {
      description: 'One at a time, in memory',
      command: '<%= config.bin %> bench js-pub --window 1 --storage memory',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    ...streamLoadFlags,
    pubs: groupFlag(),
    ...useExistingFlag('write into --stream even if it exists'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsPub);
    await this.measureScenario('js-pub', args.subject, flags);
  }
}
